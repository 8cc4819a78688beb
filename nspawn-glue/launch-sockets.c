/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/listening.h"
#include "nspawn-glue/launch.h"

#define SOCKETS_MAX 256

/*
 * Sockets of a .socket unit are for the app, see sd_listen_fds(3). They come
 * right after the control socket, so that init only has to move them down.
 */
int launch_pass_sockets(Launch *launch, Fault *fault) {
        long n = listening_passed();
        const char *names = getenv("LISTEN_FDNAMES");

        if (n > SOCKETS_MAX)
                return fault_raise(fault, FAULT_VALUE, E2BIG, "there are more than %d sockets", SOCKETS_MAX);
        for (long i = 0; i < n; i++) {
                int r = launch_pass(launch, PLAN_FD + (int) i);

                if (r < 0)
                        return r;
        }
        if (n > 0)
                plan_putf(&launch->plan, "sockets", "%ld", n);
        if (n > 0 && names)
                plan_putf(&launch->plan, "env", "LISTEN_FDNAMES=%s", names);
        return 0;
}
