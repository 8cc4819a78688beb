/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One run of a health check
 *
 * Its command is executed in the container as the app's own children are. What it prints is kept as far as
 * there is room and lost beyond; it can neither fill anything nor be held up by that. Nothing here waits.
 */

#include <stdbool.h>

#include "nspawn-glue/health/log.h"
#include "nspawn-glue/running.h"

typedef struct Probe {
        pid_t init; /* the container's */
        pid_t pid;  /* 0 when none runs */
        int pid_fd;
        int output_fd;  /* what it prints; -1 when that has ended */
        bool is_judged; /* it was killed, and only has to end */
        bool is_asking; /* it is a process of our own, see ask.h */
        uint64_t began; /* of the schedule's clock */
        HealthResult result;
        size_t room; /* how much of its output is wanted */
} Probe;

#define PROBE_NONE ((Probe){ .pid_fd = -1, .output_fd = -1 })

/**
 * probe_begin() - start one
 * @room:       how many bytes of its output are kept
 *
 * Return: 0 when it runs; 1 when it could not be executed, which is its result; -EBUSY when the container is
 * paused, -ESRCH when it has ended, -errno; with a fault.
 */
int probe_begin(Probe *probe, const Running *running, char *const *command, size_t room, uint64_t now,
                Fault *fault);

/* There is output. */
void probe_read(Probe *probe);

/* It has ended: its result is complete, but for the time. */
void probe_reap(Probe *probe);

/* Ends it, with all that it and others of this container have left behind. */
void probe_kill(Probe *probe);

/* Forgets it, but not its result's output, which belongs to whoever took the result. */
void probe_done(Probe *probe);
