/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How slipway-tty and those who attach speak
 *
 * A socket of whole messages (SOCK_SEQPACKET) for each container with a
 * terminal or an open standard input, for root only. A message is a letter and
 * what belongs to it. The server begins with TTY_HELLO.
 */

#include "lib/paths.h"

#define TTY_DIR SLIPWAY_RUNTIME_DIR "/tty"

enum { TTY_DATA_MAX = 16 * 1024 };

/* From the server */
#define TTY_HELLO 'h'  /* TTY_IS_TERMINAL or TTY_IS_INTERACTIVE */
#define TTY_OUTPUT 'o' /* standard output, or all of a terminal's */
#define TTY_ERROR 'e'  /* standard error */
#define TTY_END 'x'    /* the container has ended, and that was all */

#define TTY_IS_TERMINAL 't'
#define TTY_IS_INTERACTIVE 'i'

/* From those who attach */
#define TTY_INPUT 'i'
#define TTY_WINDOW 'w' /* struct winsize */
#define TTY_EOF 'd'    /* no more input: for good where there is no terminal */

typedef struct TtyMessage {
        char kind;
        char data[TTY_DATA_MAX];
} TtyMessage;

/* Descriptors of slipway-tty besides the standard ones; its standard output and error are streams of the
 * journal. */
enum {
        TTY_NSPAWN_FD = 3, /* pidfd: its end is ours */
        TTY_LISTEN_FD,
        TTY_FIRST_FD,  /* with a terminal: a socket through which its master comes; else the app's standard
                          input */
        TTY_OUTPUT_FD, /* the app's standard output and error */
        TTY_ERROR_FD,
        TTY_REST_FD, /* where init stays: a socket of which it closes its side when the app has ended, and
                        then waits for ours to be closed */
};

/* How long it waits. Who attaches may be slow to take what there is. */
enum { TTY_REST_MAX_SEC = 5 };
