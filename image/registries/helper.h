/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Credential helpers: docker-credential-SUFFIX, which asks a key ring on our behalf. */

#include "image/registries/auth.h"

/* Letters, digits, '.', '_' and '-': what becomes part of a program's name. */
bool helper_is_suffix(const char *suffix);

/**
 * helper_get() - ask for the credentials of a registry
 * @suffix:     of the program's name
 * @server:     as the helper knows it: a host, or docker.io's URL
 *
 * Return: 1, 0 when it knows none, -errno with a fault.
 */
int helper_get(const char *suffix, const char *server, Auth *ret, Fault *fault);

/* Reads what a helper has answered. Return: 0 or -EINVAL with a fault. */
int helper_parse(const char *text, size_t size, Auth *ret, Fault *fault);
