/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The two ways of slipway attach: a container with a terminal or open pipes has a server for that, see
 * slipway-tty(8); of all others the journal has the output. */

#include <stdbool.h>

#include "cli/detach-keys.h"
#include "lib/fault.h"
#include "nspawn-glue/running.h"

typedef struct Attach {
        Running running;
        bool no_stdin, no_signals;
        DetachKeys keys;
        int signal_fd;
} Attach;

typedef enum AttachEnd {
        ATTACH_RUNS,
        ATTACH_ENDED,    /* with the container */
        ATTACH_DETACHED, /* by keys */
        ATTACH_LOST,     /* by the other side, before the container ended */
        ATTACH_SIGNAL,   /* by a signal to us, from here on its number is added */
} AttachEnd;

/* Return: the socket, or -errno; -ENOENT for a container that has none. */
int attach_connect(const char *name);

/* Tells the server of the size of the terminal on standard input, if that is one; also before it has greeted
 * us. */
void attach_send_window(int fd);

/* Both return how it ended, or -errno with a fault. */
int attach_socket(Attach *attach, int fd, Fault *fault);
int attach_journal(Attach *attach, Fault *fault);

/* Blocks the signals that a person or a terminal sends, and opens attach->signal_fd for them. Return: 0 or
 * -errno. */
int attach_take_signals(Attach *attach);

/* Takes one signal. Return: ATTACH_RUNS when it was passed on, or was SIGWINCH with *@ret_window. */
int attach_signal(const Attach *attach, bool passes_on, bool *ret_window);
