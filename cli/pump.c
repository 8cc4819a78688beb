/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pump.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* It is written before more is read, so one empty buffer is all the room that is needed. */
static bool wants_to_read(const Pump *pump) {
        return pump->begin == pump->end && !pump->has_ended && !pump->is_broken && !pump->has_detached;
}

void pump_wait(const Pump *pump, struct pollfd wait[2]) {
        wait[0] = (struct pollfd){ .fd = wants_to_read(pump) ? pump->from : -1, .events = POLLIN };
        wait[1] = (struct pollfd){
                .fd = pump->begin < pump->end && !pump->is_broken ? pump->to : -1,
                .events = POLLOUT,
        };
}

/* The master of a terminal that nobody has open any more says EIO. */
static void read_some(Pump *pump) {
        char typed[PUMP_SIZE];
        ssize_t n = read(pump->from, typed, sizeof(typed));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        if (n <= 0) {
                pump->has_ended = true;
                return;
        }
        pump->begin = 0;
        if (pump->keys)
                pump->has_detached = detach_keys_feed(pump->keys, typed, (size_t) n, pump->data, &pump->end);
        else {
                memcpy(pump->data, typed, (size_t) n);
                pump->end = (size_t) n;
        }
}

static void write_some(Pump *pump) {
        ssize_t n = write(pump->to, pump->data + pump->begin, pump->end - pump->begin);

        if (n >= 0)
                pump->begin += (size_t) n;
        else if (errno != EINTR && errno != EAGAIN)
                pump->is_broken = true;
}

void pump_move(Pump *pump, const struct pollfd wait[2]) {
        if (wait[1].fd >= 0 && wait[1].revents)
                write_some(pump);
        if (wait[0].fd >= 0 && wait[0].revents)
                read_some(pump);
}

void pump_drain(Pump *pump) {
        for (;;) {
                struct pollfd wait[2];
                bool is_writing;

                pump_wait(pump, wait);
                is_writing = wait[1].fd >= 0;
                if ((wait[0].fd < 0 && !is_writing) || poll(wait, 2, is_writing ? -1 : 0) <= 0)
                        return;
                pump_move(pump, wait);
        }
}
