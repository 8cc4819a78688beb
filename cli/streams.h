/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The caller's standard streams as those of a container
 *
 * Pipes without a name, /dev/null and, for standard input, files are handed
 * over as they are: nothing stands in between, and nothing can get lost. The
 * rest stays here and is copied. A terminal above all: whoever has it can
 * change and read it; and a file or a socket could not be opened by the
 * container's user through /dev/stdout. By the host's root it could, and be
 * written to: such a container gets no files at all.
 */

#include <poll.h>
#include <stdbool.h>

#include "cli/transient.h"
#include "lib/fault.h"

enum { STREAMS_POLL = 4 }; /* at most that many descriptors to wait for */

/* One direction of copying. */
typedef struct StreamPump {
        int from, to; /* -1 when there is nothing more to copy */
        bool owns_from;
        char data[16384];
        size_t begin, end; /* what could not be written yet */
} StreamPump;

typedef struct Streams {
        TransientStreams theirs; /* for the unit; to be closed once it has them */
        StreamPump pumps[3];
} Streams;

/* clang-format off */
#define STREAMS_CLOSED ((Streams){ \
        .theirs = { { -1, -1, -1 } }, \
        .pumps = { { .from = -1, .to = -1 }, { .from = -1, .to = -1 }, { .from = -1, .to = -1 } } })
/* clang-format on */

typedef struct StreamsWish {
        bool interactive;  /* a terminal is read */
        bool is_host_root; /* the container has no user namespace */
} StreamsWish;

/* Decides how each stream gets to the container, and makes the pipes. Return: 0, or -errno with a fault. */
int streams_open(Streams *streams, const StreamsWish *wish, Fault *fault);

/* The container has its ends: without ours it sees when we are gone, and we see when it is. */
void streams_close_theirs(Streams *streams);

/* What to wait for. Return: how many of @fds are used. */
size_t streams_poll(const Streams *streams, struct pollfd *fds);

/* Copies what can be copied without waiting. */
void streams_pump(Streams *streams);

/* Copies all that the container has written before it ended. */
void streams_drain(Streams *streams);

void streams_close(Streams *streams);
