/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container in the foreground
 *
 * From the start of a transient unit until its end: streams are copied, signals
 * are passed on, and the exit status is the app's. The container does not need
 * us: when we are killed it goes on, as with podman; the terminal or file that
 * we copied to is closed for it then.
 */

#include "cli/streams.h"
#include "cli/watch.h"

typedef struct Foreground {
        sd_bus *bus; /* borrowed */
        const char *name, *unit;
        UnitWatch watch;
        Jobs jobs;        /* the first is the start */
        Streams *streams; /* NULL when there are none to copy */
        int signal_fd;
        int stopped_by; /* the signal for which the unit was stopped, 0 for none */
} Foreground;

/* Begins to watch; before the unit is made. Blocks the signals that are passed on. */
int foreground_open(Foreground *foreground, sd_bus *bus, const char *name, const char *unit, Fault *fault);

/* The job of its start. */
int foreground_adopt(Foreground *foreground, const char *job);

/**
 * foreground_wait_start() - until the container is ready, or is not to be
 *
 * Return: 0; -errno with a fault that says why it does not run.
 */
int foreground_wait_start(Foreground *foreground, Fault *fault);

/* Until it has ended. Return: 0, or -errno with a fault. */
int foreground_wait_end(Foreground *foreground, Fault *fault);

/* As a shell has it: the app's exit status, or 128 and the signal. */
int foreground_status(const Foreground *foreground);

void foreground_close(Foreground *foreground);
