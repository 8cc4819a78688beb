/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A network namespace of the container's own
 *
 * It is made here and not in the unit, because what a capability is worth in a
 * network is decided by the user namespace in which the network was made. Only
 * so can the container's root bind port 80, and use CAP_NET_ADMIN and
 * CAP_NET_RAW if it is given them. What is to be in it but loopback, slipway-net makes from outside.
 */

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/net/handshake.h"

static int raise_loopback(void) {
        struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
        autofd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
                return -errno;
        return 0;
}

int init_make_network(Init *init, const char *value, Fault *fault) {
        int r = unshare(CLONE_NEWNET) < 0 ? -errno : raise_loopback();

        if (r < 0)
                return fault_wrap(fault, r, "cannot make a network namespace");
        init->own_network = true;
        return 0;
}

int init_join_networks(Init *init, const char *value, Fault *fault) {
        int fd = atoi(value), r;

        r = init_make_network(init, value, fault);
        if (r >= 0)
                r = handshake_ask(fd, fault);
        (void) close(fd);
        return r;
}
