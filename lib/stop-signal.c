/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/stop-signal.h"

#include <stddef.h>

/* A handler has nothing else to write to. */
static volatile sig_atomic_t stop;

static void on_signal(int number) {
        (void) number;
        stop = 1;
}

const volatile sig_atomic_t *stop_signal_catch(sigset_t *ret_unblocked) {
        const struct sigaction action = { .sa_handler = on_signal };
        sigset_t blocked;

        (void) sigemptyset(&blocked);
        (void) sigaddset(&blocked, SIGTERM);
        (void) sigaddset(&blocked, SIGINT);
        (void) sigprocmask(SIG_BLOCK, &blocked, ret_unblocked);
        (void) sigdelset(ret_unblocked, SIGTERM);
        (void) sigdelset(ret_unblocked, SIGINT);
        (void) sigaction(SIGTERM, &action, NULL);
        (void) sigaction(SIGINT, &action, NULL);
        return &stop;
}
