/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pulling for who is not root
 *
 * Systemd is asked to start slipway-pull@IMAGE.service, which polkit decides
 * about. What the unit says of itself is shown, and how it has ended.
 */

#include <stdbool.h>

#include "lib/fault.h"

/* An image as the instance of a unit and back, as systemd-escape(1) does it. */
int pull_unit_escape(const char *text, char **ret);

/* Return: 0, -EINVAL with a fault for what is no instance. */
int pull_unit_unescape(const char *instance, char **ret, Fault *fault);

/* "slipway-pull@INSTANCE.service". Return: 0, -ENAMETOOLONG with a fault. */
int pull_unit_name(const char *text, char **ret, Fault *fault);

/* Starts the unit, and waits for its end. Return: 0 or -errno with a fault. */
int pull_unit_run(const char *text, bool is_quiet, Fault *fault);
