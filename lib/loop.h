/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Waits for many descriptors at once
 *
 * A watch is part of what it belongs to, and stays where it is while it is in
 * the loop. Whoever is called may take any watch out, and free what it was
 * part of: events that have come already are forgotten with it.
 */

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { LOOP_BATCH = 64 };

typedef struct LoopWatch {
        int fd;
        void (*on_event)(struct LoopWatch *watch, uint32_t events);
        void *owner;
} LoopWatch;

typedef struct Loop {
        int fd;
        struct epoll_event batch[LOOP_BATCH];
        int at, n; /* in the batch that is being worked on */
} Loop;

/* Return: 0 or -errno. */
int loop_open(Loop *loop);
void loop_close(Loop *loop);

/* @events as in epoll_ctl(2). Return: 0 or -errno. */
int loop_add(Loop *loop, LoopWatch *watch, uint32_t events);
int loop_change(Loop *loop, LoopWatch *watch, uint32_t events);

/* Fine for one that is not in the loop. Before its descriptor is closed. */
void loop_remove(Loop *loop, LoopWatch *watch);

/**
 * loop_turn() - wait once, and call those who have something to do
 * @timeout_ms: -1 for as long as it takes
 * @unblocked:  signals while it waits
 *
 * Return: how many were called, 0 after the timeout, -EINTR after a signal, -errno.
 */
int loop_turn(Loop *loop, int timeout_ms, const sigset_t *unblocked);

/* Milliseconds since some moment in the past. */
uint64_t loop_now(void);
