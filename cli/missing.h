/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What to do when no container of a name runs
 *
 * There are two of this. That of the small program, which has the verbs that
 * have to be fast, executes the large one; that of the large one knows units
 * and manifests, and finds what was meant or words for what is wrong.
 */

#include "lib/fault.h"

/**
 * missing_find() - what somebody may have meant
 * @name:       the name that was looked for
 * @argv:       of the verb
 * @ret:        another name that the container goes by: a new string
 *
 * Return: 0 with another name, else -errno with a fault that says what can be done.
 */
int missing_find(const char *name, char *const *argv, char **ret, Fault *fault);
