/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Specifiers of the system's service manager, see systemd.unit(5)
 *
 * It replaces them in unit files only; whoever makes a unit without a file has
 * to do so beforehand.
 */

#include "lib/fault.h"

/**
 * specifiers_expand() - replace "%n" and its like
 * @unit:       "web.service"
 *
 * Return: 0; -EINVAL with a fault for one that is not known; -ENOMEM.
 */
int specifiers_expand(const char *text, const char *unit, char **ret, Fault *fault);
