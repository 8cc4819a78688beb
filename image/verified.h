/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A stream that is compared with what was promised of it, when its end has come. */

#include "image/stream.h"

/**
 * stream_new_verified() - refuse at the end what is not as it should be
 * @from:       taken, also on failure
 * @digest:     copied
 * @size:       -1 when it is not known
 * @what:       what it is, for the message; copied
 *
 * Who stops reading before the end has learned nothing. Return: NULL when out of memory.
 */
Stream *stream_new_verified(Stream *from, const Digest *digest, int64_t size, const char *what);
