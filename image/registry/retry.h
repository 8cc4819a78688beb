/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Trying again, later and later, and when the server says; but not for ever. */

#include "image/registry/http.h"

typedef struct Retry {
        unsigned n; /* failures so far */
} Retry;

/**
 * retry_wait() - wait before another try
 * @r:          how the last one has ended
 * @reply:      what has come
 *
 * Return: true when it is time; false when there have been enough, the server wants more patience than
 * there is, or @canceled.
 */
bool retry_wait(Retry *retry, int r, const HttpReply *reply, const atomic_bool *canceled);

/* For how long the server wants to be left alone; 0 when it does not say. */
unsigned retry_after(const HttpReply *reply);
