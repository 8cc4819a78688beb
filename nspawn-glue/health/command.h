/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command of a health check
 *
 * As manifests have it, and as images have it, to the words that are executed.
 */

#include "lib/fault.h"

/**
 * health_command_of_text() - HealthCmd= and --health-cmd=, as Podman reads it
 * @text:       a line for the shell; the same after "CMD-SHELL"; words after "CMD"; a JSON array; or "none"
 * @shell:      what takes a line as its last argument, NULL for /bin/sh -c
 * @ret:        its words, NULL for no check
 *
 * Return: 0, -EINVAL with a fault, -ENOMEM.
 */
int health_command_of_text(const char *text, char *const *shell, char ***ret, Fault *fault);

/* The same for a list that begins with one of these words; another one is the first of a command. */
int health_command_of_words(char *const *words, char *const *shell, char ***ret, Fault *fault);
