/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Options with commas between, as mount(8) has them: "ro,size=1m". */

#include <stdbool.h>

/* Whether one of them is @name, with or without a value. NULL is an empty list. */
bool comma_list_has(const char *list, const char *name);
