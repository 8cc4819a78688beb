/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The far side of an app's terminal
 *
 * Takes what an app writes, logs it, and shows it to all who are attached;
 * takes what they type. What was said before anybody came is kept for the
 * first who comes, as far as there is room. Knows nothing of containers:
 * descriptors come in, and it ends when one of them says so.
 */

#include <stdbool.h>
#include <stddef.h>

#include "nspawn-glue/tty/protocol.h"

enum {
        TTY_CLIENTS_MAX = 16,
        TTY_KEPT_MAX = 64 * 1024, /* of what nobody has seen */
        TTY_PATIENCE_MS = 10000,  /* who does not read for so long is sent away */
};

typedef struct TtySource {
        int fd;     /* what the app writes comes here, -1 when that has ended */
        int log_fd; /* lines go here */
        char kind;  /* TTY_OUTPUT or TTY_ERROR */
        bool was_return;
} TtySource;

typedef struct TtyServer {
        int end_fd; /* readable when the container has ended */
        /*
         * Asked when the app has written something, until it has an answer: a descriptor that is readable
         * when the app ends, which is a little earlier; or -1. May be NULL.
         */
        int (*find_app)(void);
        int app_fd;
        int rest_fd; /* readable when the app has ended, and somebody waits for us to have finished; or -1 */
        int listen_fd;
        int input_fd; /* what is typed goes here, -1 when it was closed */
        bool is_terminal;
        bool for_root_only;

        TtySource sources[2];
        int clients[TTY_CLIENTS_MAX];
        size_t n_clients;

        /* on its way to the app */
        char typed[TTY_DATA_MAX];
        size_t typed_begin, typed_end;

        /* on its way to clients: those from @next on still have to get it */
        TtyMessage message;
        size_t message_size;
        size_t next;

        char *kept;
        size_t n_kept;
        bool was_attached;
} TtyServer;

/* Until the container has ended and all was said. Return: 0 or -errno. */
int tty_serve(TtyServer *server);
