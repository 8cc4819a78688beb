/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How names, and what is known of where they came from, get from a draft into the store. */

#include "image/change.h"

/* The directory @from in the draft takes the place of what was known about the name and the image. */
int place_origin(Draft *draft, const char *from, const char *name, const Digest *image);

/* From now on the name leads to the image. Not synced. */
int place_name(Draft *draft, const char *name, const Digest *image);

/* Makes renames in a directory of the store durable before those that build upon them. */
int place_sync(Store *store, const char *directory);
