/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory while there is nothing to do
 *
 * A checker waits for half a minute and works for a millisecond. Before it waits it gives back to the kernel
 * what the work has touched: free heap, and the pages of our own code, which are in the page cache and come
 * back by themselves.
 */

#include <poll.h>
#include <time.h>

/* As ppoll(2) without a signal mask, for waits that may be long. */
int footprint_wait(struct pollfd *polled, nfds_t n, const struct timespec *timeout);
