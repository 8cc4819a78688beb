/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The app's environment
 *
 * From weak to strong, as podman-run(1) has it: defaults, the launcher's own
 * environment or its proxies, the image, files, words. A later name wins and
 * keeps its place.
 */

#include "lib/fault.h"
#include "nspawn-glue/options.h"

/**
 * environment_make() - put it together
 * @options:    what was asked for
 * @image:      "NAME=VALUE" of the image, may be NULL
 * @own:        the launcher's environment
 * @hostname:   what HOSTNAME is
 * @ret:        "NAME=VALUE", each name once
 */
int environment_make(const Options *options, char *const *image, char *const *own, const char *hostname,
                char ***ret, Fault *fault);

/* Sets "NAME=VALUE". Return: 0, -EINVAL without a name, -ENOMEM. */
int environment_set(char ***list, const char *assignment);

/* Takes @name out. */
void environment_unset(char **list, const char *name);
/* Sets "NAME=VALUE", or what @own has of NAME, or of all names that begin as "NAME*" does. */
int environment_add(char ***list, const char *word, char *const *own, Fault *fault);

/* The value of @name, NULL when it is not there. */
const char *environment_get(char *const *list, const char *name);

/**
 * environment_add_file() - what a file in Podman's format says
 * @text:       its text, which is changed: lines NAME=VALUE as they are, without quoting; "#" comments;
 *              NAME takes that variable from @own, NAME* all that begin so
 */
int environment_add_file(char ***list, char *text, char *const *own, Fault *fault);
