/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names without a registry
 *
 * What "nginx" means to who pulls it: an alias, or the one registry that is
 * to be searched, or docker.io. Nobody is asked, and nothing is tried out: a
 * name that could mean several things is refused with all that it could mean.
 */

#include "image/registries/registries.h"

/**
 * short_name_resolve() - give a name its registry
 * @text:       as a person writes it; one that has a registry stays as it is
 * @ret:        with a registry, and with the tag and digest it had
 * @ret_why:    what has decided, for a person; NULL when nothing had to be decided
 *
 * Return: 0, -EINVAL for what is no name, -ENOTUNIQ.
 */
int short_name_resolve(
                const Registries *registries, const char *text, char **ret, char **ret_why, Fault *fault);
