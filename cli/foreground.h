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
        Jobs jobs;           /* the first is the start */
        Streams *streams;    /* NULL when there are none to copy */
        bool wants_terminal; /* to connect to the container's as soon as there is one */
        int tty_fd, tty_watch;
        unsigned tty_tries; /* how often more to look whether what was made there listens */
        int signal_fd;
        int stopped_by; /* the signal for which the unit was stopped, 0 for none */
} Foreground;

#define FOREGROUND_CLOSED ((Foreground){ .signal_fd = -1, .tty_fd = -1, .tty_watch = -1 })

/* Begins to watch; before the unit is made. Blocks the signals that are passed on. */
int foreground_open(Foreground *foreground, sd_bus *bus, const char *name, const char *unit, Fault *fault);

/* There will be a server for a terminal, see slipway-tty(8). An app may have ended before we are told that
 * it runs, so its connection is made during the start. */
int foreground_expect_terminal(Foreground *foreground, Fault *fault);

/* The job of its start. */
int foreground_adopt(Foreground *foreground, const char *job);

/**
 * foreground_wait_start() - until the container is ready, or is not to be
 *
 * Return: 0; -errno with a fault that says why it does not run; -ECANCELED, with none, when a signal has had
 * it stopped before.
 */
int foreground_wait_start(Foreground *foreground, Fault *fault);

/* Deals with a signal as if it had come while waiting. */
void foreground_pass_signal(Foreground *foreground, int signal);

/* Until it has ended. Return: 0, or -errno with a fault. */
int foreground_wait_end(Foreground *foreground, Fault *fault);

/* As a shell has it: the app's exit status, or 128 and the signal. */
int foreground_status(const Foreground *foreground);

void foreground_close(Foreground *foreground);
