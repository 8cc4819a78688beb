/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A proxy as a whole: sockets of the service manager on one side, a container
 * on the other, and when to end
 *
 * It ends when nothing was open for some time, and when the container is gone
 * and nothing is open any more. It never takes a connection and then ends:
 * who comes at that moment waits in the socket, and starts the next one.
 */

#include <signal.h>

#include "nspawn-glue/proxy/ports.h"
#include "nspawn-glue/proxy/tcp.h"
#include "nspawn-glue/proxy/udp.h"

enum { ABSENT_MS = 3000 };

typedef struct Proxy {
        Loop loop;
        Target target;
        PortTable ports;
        Tcp tcp;
        Udp udp;
        uint64_t idle_ms; /* 0: it never ends for that */
        uint64_t began;
        bool stays; /* also without a container */
        bool again; /* whoever has started us starts us again */
} Proxy;

/* Takes @n sockets from LISTENING_FIRST on. Return: 0, or -errno with a fault. */
int proxy_open(Proxy *proxy, int n, Fault *fault);

/* Return: 0 when it has ended in order, -ENOENT with a fault when there is no container, -errno. */
int proxy_run(Proxy *proxy, const volatile sig_atomic_t *stop, const sigset_t *unblocked, Fault *fault);

void proxy_close(Proxy *proxy);
