/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A person's terminal, made to pass on all keys
 *
 * It is put back in order when the program ends, also when that is killed: a
 * small process waits for its end.
 */

#include <termios.h>

typedef struct RawTerminal {
        int fd; /* -1 when nothing was changed */
        int guard_fd;
        struct termios before;
} RawTerminal;

#define RAW_TERMINAL_NONE ((RawTerminal){ .fd = -1, .guard_fd = -1 })

/* Return: 0 or -errno; -ENOTTY for what is no terminal. */
int raw_terminal_begin(int fd, RawTerminal *ret);

void raw_terminal_end(RawTerminal *terminal);
