/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/proxy.h"

#include <errno.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/listening.h"
#include "lib/socket-address.h"

/* Descriptors of a connection that is stuck in both directions, and those that are for everything else. */
enum { LINK_FDS = 6, OWN_FDS = 64 };

static void on_target(Target *target) {
        Proxy *proxy = target->owner;

        tcp_target_changed(&proxy->tcp);
        udp_settle(&proxy->udp);
}

static int add_socket(Proxy *proxy, int fd, Fault *fault) {
        int type = listening_type(fd);
        struct sockaddr_storage name = {};
        socklen_t length = sizeof(name);
        char text[ADDRESS_TEXT_MAX];
        uint16_t port = 0, to;
        Address address;
        int r;

        if ((type != SOCK_STREAM && type != SOCK_DGRAM) || getsockname(fd, (void *) &name, &length) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "descriptor %d is no socket of TCP or UDP; a container on demand has no "
                                "others",
                                fd);
        address = socket_address(&name, &port);
        to = ports_find(&proxy->ports, type == SOCK_STREAM ? "tcp" : "udp", &address, port);
        if (to == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the socket on port %u of '%s' leads to no port of the container", port,
                                address_format(&address, text));
        r = type == SOCK_STREAM ? tcp_add(&proxy->tcp, fd, to) : udp_add(&proxy->udp, fd, to);
        return r < 0 ? fault_wrap(fault, r, "cannot use descriptor %d", fd) : 0;
}

/* As many connections as there can be descriptors. */
static void set_limits(Proxy *proxy, int n) {
        struct rlimit limit;
        size_t own = OWN_FDS + (size_t) n + (size_t) 2 * PIPES_KEPT, most = 16;

        if (getrlimit(RLIMIT_NOFILE, &limit) >= 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
                if (limit.rlim_max > own + most * LINK_FDS)
                        most = (limit.rlim_max - own) / LINK_FDS;
        }
        proxy->tcp.max = proxy->udp.max = proxy->udp.n_listeners > 0 ? most / 2 : most;
}

int proxy_open(Proxy *proxy, int n, Fault *fault) {
        int r = loop_open(&proxy->loop);

        if (r < 0)
                return fault_wrap(fault, r, "cannot wait for connections");
        proxy->target.on_change = on_target;
        proxy->target.owner = proxy;
        proxy->tcp.loop = proxy->udp.loop = &proxy->loop;
        proxy->tcp.target = proxy->udp.target = &proxy->target;
        r = target_open(&proxy->target, &proxy->loop, fault);
        for (int i = 0; r >= 0 && i < n; i++)
                r = add_socket(proxy, LISTENING_FIRST + i, fault);
        if (r < 0)
                return r;
        set_limits(proxy, n);
        proxy->began = proxy->tcp.last_used = proxy->udp.last_used = loop_now();
        tcp_settle(&proxy->tcp);
        udp_settle(&proxy->udp);
        return 0;
}

static bool is_silent(const Proxy *proxy) {
        return proxy->tcp.n == 0 && proxy->udp.n == 0;
}

/* Return: when it will be time to end if nothing happens; 0 for now, UINT64_MAX for never. */
static uint64_t end_of(const Proxy *proxy, uint64_t now) {
        uint64_t last = proxy->tcp.last_used > proxy->udp.last_used ? proxy->tcp.last_used
                                                                    : proxy->udp.last_used;

        if (!is_silent(proxy))
                return UINT64_MAX;
        if (!proxy->target.is_there && !proxy->stays) {
                /* That it was there is over; that it never was may be too early to say. */
                if (proxy->target.generation > 0 || now >= proxy->began + ABSENT_MS)
                        return 0;
                return proxy->began + ABSENT_MS;
        }
        if (proxy->idle_ms == 0)
                return UINT64_MAX;
        return now >= last + proxy->idle_ms ? 0 : last + proxy->idle_ms;
}

static int wait_ms(uint64_t until, uint64_t now) {
        if (until == UINT64_MAX)
                return -1;
        return until <= now ? 0 : until - now > INT_MAX ? INT_MAX : (int) (until - now);
}

int proxy_run(Proxy *proxy, const volatile sig_atomic_t *stop, const sigset_t *unblocked, Fault *fault) {
        while (!*stop) {
                uint64_t now = loop_now(), next = tcp_tick(&proxy->tcp, now), other, end;
                int r;

                other = udp_tick(&proxy->udp, now);
                end = end_of(proxy, now);
                if (end == 0)
                        break;
                next = other < next ? other : next;
                next = end < next ? end : next;
                r = loop_turn(&proxy->loop, wait_ms(next, now), unblocked);
                if (r < 0 && r != -EINTR)
                        return fault_wrap(fault, r, "cannot wait for connections");
        }
        (void) FAULT_POINT("proxy:end");
        if (*stop || proxy->target.generation > 0)
                return 0;
        tcp_refuse(&proxy->tcp);
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "container '%s' is in no network: see 'systemctl status' of its unit",
                        proxy->target.name);
}

void proxy_close(Proxy *proxy) {
        tcp_done(&proxy->tcp);
        udp_done(&proxy->udp);
        ports_done(&proxy->ports);
        target_close(&proxy->target);
        loop_close(&proxy->loop);
}
