/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/loop.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

int loop_open(Loop *loop) {
        *loop = (Loop){ .fd = epoll_create1(EPOLL_CLOEXEC) };
        return loop->fd < 0 ? -errno : 0;
}

void loop_close(Loop *loop) {
        if (loop->fd >= 0)
                (void) close(loop->fd);
        loop->fd = -1;
}

static int control(Loop *loop, int how, LoopWatch *watch, uint32_t events) {
        struct epoll_event event = { .events = events, .data.ptr = watch };

        return epoll_ctl(loop->fd, how, watch->fd, &event) < 0 ? -errno : 0;
}

int loop_add(Loop *loop, LoopWatch *watch, uint32_t events) {
        return control(loop, EPOLL_CTL_ADD, watch, events);
}

int loop_change(Loop *loop, LoopWatch *watch, uint32_t events) {
        return control(loop, EPOLL_CTL_MOD, watch, events);
}

void loop_remove(Loop *loop, LoopWatch *watch) {
        if (watch->fd >= 0)
                (void) epoll_ctl(loop->fd, EPOLL_CTL_DEL, watch->fd, NULL);
        for (int i = loop->at; i < loop->n; i++)
                if (loop->batch[i].data.ptr == watch)
                        loop->batch[i].data.ptr = NULL;
}

int loop_turn(Loop *loop, int timeout_ms, const sigset_t *unblocked) {
        int n = epoll_pwait(loop->fd, loop->batch, LOOP_BATCH, timeout_ms, unblocked);

        if (n < 0)
                return -errno;
        loop->n = n;
        for (loop->at = 0; loop->at < n; loop->at++) {
                LoopWatch *watch = loop->batch[loop->at].data.ptr;

                if (watch)
                        watch->on_event(watch, loop->batch[loop->at].events);
        }
        loop->at = loop->n = 0;
        return n;
}

uint64_t loop_now(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}
