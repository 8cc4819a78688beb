/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Keys in the wrong section, which happens to everybody: where they belong. */

/* Return: the section in which systemd has a key that is none of [Container]; NULL when it is not one of the
 * usual. */
const char *stray_in_container(const char *key);

/* Whether a line of [Unit] or [Service] is a key of [Container], and none that systemd knows there. */
bool stray_from_container(const char *key);
