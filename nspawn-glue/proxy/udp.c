/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/socket-address.h"

enum { TURN_MAX = 64, DATAGRAM_MAX = 65536, RETRY_MS = 100 };

static uint8_t data[DATAGRAM_MAX];

typedef union Control {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
} Control;

static size_t bucket_of(const Udp *udp, const struct sockaddr_storage *client, const UdpListener *listener) {
        uint16_t port;
        Address address = socket_address(client, &port);
        uint32_t hash = udp->seed ^ port ^ (uint32_t) (listener - udp->listeners) << 16;

        for (size_t i = 0; i < sizeof(address.bytes); i++)
                hash = (hash ^ address.bytes[i]) * 16777619U;
        return (hash ^ hash >> 16) % FLOW_BUCKETS;
}

static void forget_held(Flow *flow) {
        flow->listener->udp->n_retrying -= flow->retry > 0;
        free(flow->held);
        flow->held = NULL;
        flow->retry = 0;
}

static void unlist(Udp *udp, Flow *flow) {
        *(flow->older ? &flow->older->newer : &udp->oldest) = flow->newer;
        *(flow->newer ? &flow->newer->older : &udp->newest) = flow->older;
}

static void list(Udp *udp, Flow *flow) {
        flow->older = udp->newest;
        flow->newer = NULL;
        *(udp->newest ? &udp->newest->newer : &udp->oldest) = flow;
        udp->newest = flow;
}

static void flow_use(Flow *flow) {
        Udp *udp = flow->listener->udp;

        flow->last_used = udp->last_used = loop_now();
        unlist(udp, flow);
        list(udp, flow);
}

static void flow_disconnect(Flow *flow) {
        if (flow->watch.fd < 0)
                return;
        loop_remove(flow->listener->udp->loop, &flow->watch);
        (void) close(flow->watch.fd);
        flow->watch.fd = -1;
}

static void flow_free(Flow *flow) {
        Udp *udp = flow->listener->udp;
        Flow **at = &udp->buckets[bucket_of(udp, &flow->client, flow->listener)];

        while (*at != flow)
                at = &(*at)->same;
        *at = flow->same;
        unlist(udp, flow);
        forget_held(flow);
        flow_disconnect(flow);
        free(flow);
        udp->n--;
}

/* Answers come from the address that was asked, which need not be the one that routing would choose. */
static void put_local(struct msghdr *message, Control *control, const Flow *flow) {
        const LocalAddress *local = &flow->local;
        bool is_ipv4 = local->address.family == AF_INET && flow->listener->family == AF_INET;
        struct in_pktinfo info = {};
        struct in6_pktinfo info6 = { .ipi6_ifindex = local->interface };
        struct cmsghdr *c = &control->header;

        if (!address_is_set(&local->address))
                return;
        if (local->address.family == AF_INET6)
                memcpy(&info6.ipi6_addr, local->address.bytes, sizeof(info6.ipi6_addr));
        else {
                info6.ipi6_ifindex = 0;
                info6.ipi6_addr.s6_addr[10] = info6.ipi6_addr.s6_addr[11] = 0xff;
                memcpy(info6.ipi6_addr.s6_addr + 12, local->address.bytes, sizeof(struct in_addr));
                memcpy(&info.ipi_spec_dst, local->address.bytes, sizeof(info.ipi_spec_dst));
        }
        c->cmsg_level = is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
        c->cmsg_type = is_ipv4 ? IP_PKTINFO : IPV6_PKTINFO;
        c->cmsg_len = is_ipv4 ? CMSG_LEN(sizeof(info)) : CMSG_LEN(sizeof(info6));
        if (is_ipv4)
                memcpy(CMSG_DATA(c), &info, sizeof(info));
        else
                memcpy(CMSG_DATA(c), &info6, sizeof(info6));
        message->msg_control = control;
        message->msg_controllen = is_ipv4 ? CMSG_SPACE(sizeof(info)) : CMSG_SPACE(sizeof(info6));
}

static void take_local(struct msghdr *message, LocalAddress *ret) {
        struct in6_pktinfo info6;
        struct in_pktinfo info;

        *ret = (LocalAddress){};
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                struct sockaddr_storage name = {};

                if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                        memcpy(&info, CMSG_DATA(c), sizeof(info));
                        ret->address.family = AF_INET;
                        memcpy(ret->address.bytes, &info.ipi_spec_dst, sizeof(info.ipi_spec_dst));
                } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                        memcpy(&info6, CMSG_DATA(c), sizeof(info6));
                        name.ss_family = AF_INET6;
                        ((struct sockaddr_in6 *) (void *) &name)->sin6_addr = info6.ipi6_addr;
                        ret->address = socket_address(&name, NULL);
                        /* Only an address of a link needs to know which one. */
                        if (IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr))
                                ret->interface = info6.ipi6_ifindex;
                }
        }
}

static void answer(const Flow *flow, size_t size) {
        struct iovec iov = { .iov_base = data, .iov_len = size };
        struct msghdr message = {
                .msg_name = (void *) &flow->client,
                .msg_namelen = flow->length,
                .msg_iov = &iov,
                .msg_iovlen = 1,
        };
        Control control = {};

        put_local(&message, &control, flow);
        (void) sendmsg(flow->listener->watch.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void on_answer(LoopWatch *watch, uint32_t events);

/* Return: 0 or -errno. */
static int flow_connect(Flow *flow) {
        Udp *udp = flow->listener->udp;
        const Target *target = udp->target;
        struct sockaddr_storage name;
        socklen_t length;

        flow_disconnect(flow);
        if (!target->is_there || target->n == 0)
                return -EHOSTUNREACH;
        flow->generation = target->generation;
        flow->address %= target->n;
        length = socket_name(&target->addresses[flow->address], flow->listener->port, &name);
        flow->watch.fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (flow->watch.fd < 0 || connect(flow->watch.fd, (const void *) &name, length) < 0)
                return -errno;
        return loop_add(udp->loop, &flow->watch, EPOLLIN);
}

/* That nobody listens comes back as an error of the next call. */
static void send_again_later(Flow *flow) {
        Udp *udp = flow->listener->udp;

        if (!flow->held)
                return;
        udp->n_retrying += flow->retry == 0;
        flow->retry = loop_now() + RETRY_MS;
        flow->address++;
}

static void hold(Flow *flow, const uint8_t *bytes, size_t size) {
        uint8_t *copy;

        if (flow->is_answered || bytes == flow->held)
                return;
        copy = malloc(size > 0 ? size : 1);
        if (!copy)
                return;
        memcpy(copy, bytes, size);
        forget_held(flow);
        flow->held = copy;
        flow->held_size = size;
}

/* A container that was started anew knows nothing of old flows, but may have the same address. */
static void flow_send(Flow *flow, const uint8_t *bytes, size_t size) {
        const Target *target = flow->listener->udp->target;
        int r = 0;

        hold(flow, bytes, size);
        if (flow->watch.fd < 0 || flow->generation != target->generation)
                r = flow_connect(flow);
        if (r < 0 || send(flow->watch.fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                send_again_later(flow);
}

static void on_answer(LoopWatch *watch, uint32_t events) {
        Flow *flow = watch->owner;

        (void) events;
        for (int i = 0; i < TURN_MAX; i++) {
                ssize_t n = recv(watch->fd, data, sizeof(data), MSG_DONTWAIT);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != EAGAIN)
                        send_again_later(flow);
                if (n < 0)
                        return;
                flow->is_answered = true;
                forget_held(flow);
                flow_use(flow);
                answer(flow, (size_t) n);
        }
}

static Flow *flow_find(UdpListener *listener, const struct sockaddr_storage *client, socklen_t length) {
        Udp *udp = listener->udp;

        for (Flow *flow = udp->buckets[bucket_of(udp, client, listener)]; flow; flow = flow->same)
                if (flow->listener == listener && flow->length == length &&
                                memcmp(&flow->client, client, length) == 0)
                        return flow;
        return NULL;
}

static Flow *flow_new(UdpListener *listener, const struct sockaddr_storage *client, socklen_t length) {
        Udp *udp = listener->udp;
        size_t bucket = bucket_of(udp, client, listener);
        Flow *flow = calloc(1, sizeof(Flow));

        if (!flow)
                return NULL;
        if (udp->n >= udp->max)
                flow_free(udp->oldest);
        flow->watch = (LoopWatch){ .fd = -1, .on_event = on_answer, .owner = flow };
        flow->listener = listener;
        flow->client = *client;
        flow->length = length;
        flow->deadline = loop_now() + udp->patience_ms;
        flow->same = udp->buckets[bucket];
        udp->buckets[bucket] = flow;
        list(udp, flow);
        udp->n++;
        return flow;
}

static void on_datagram(LoopWatch *watch, uint32_t events) {
        UdpListener *listener = watch->owner;

        (void) events;
        (void) FAULT_POINT("proxy:datagram");
        for (int i = 0; i < TURN_MAX && listener->udp->takes; i++) {
                struct sockaddr_storage client = {};
                struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
                Control control;
                struct msghdr message = {
                        .msg_name = &client,
                        .msg_namelen = sizeof(client),
                        .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control),
                };
                ssize_t n = recvmsg(watch->fd, &message, MSG_DONTWAIT);
                Flow *flow;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return;
                flow = flow_find(listener, &client, message.msg_namelen);
                if (!flow)
                        flow = flow_new(listener, &client, message.msg_namelen);
                if (!flow)
                        continue;
                take_local(&message, &flow->local);
                flow_use(flow);
                flow_send(flow, data, (size_t) n);
        }
}

int udp_add(Udp *udp, int fd, uint16_t port) {
        UdpListener *listeners = reallocarray(udp->listeners, udp->n_listeners + 1, sizeof(UdpListener));
        socklen_t size = sizeof(int);
        int family, on = 1;

        if (!listeners)
                return -ENOMEM;
        udp->listeners = listeners;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0)
                return -errno;
        if (family == AF_INET6)
                (void) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
        else
                (void) setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
        listeners[udp->n_listeners++] = (UdpListener){
                .watch = { .fd = fd, .on_event = on_datagram }, .udp = udp, .port = port, .family = family
        };
        if (udp->seed == 0)
                (void) getrandom(&udp->seed, sizeof(udp->seed), 0);
        return 0;
}

void udp_settle(Udp *udp) {
        bool takes = udp->target->is_there;

        if (takes == udp->takes)
                return;
        udp->takes = takes;
        for (size_t i = 0; i < udp->n_listeners; i++) {
                LoopWatch *watch = &udp->listeners[i].watch;

                watch->owner = &udp->listeners[i];
                if (takes)
                        (void) loop_add(udp->loop, watch, EPOLLIN);
                else
                        loop_remove(udp->loop, watch);
        }
}

static void tick_retry(Flow *flow, uint64_t now, uint64_t *next) {
        if (flow->retry == 0)
                return;
        if (now >= flow->deadline) {
                forget_held(flow);
                return;
        }
        if (now >= flow->retry) {
                flow->listener->udp->n_retrying--;
                flow->retry = 0;
                if (flow_connect(flow) >= 0)
                        flow_send(flow, flow->held, flow->held_size);
                else
                        send_again_later(flow);
        }
        if (flow->retry > 0 && flow->retry < *next)
                *next = flow->retry;
}

uint64_t udp_tick(Udp *udp, uint64_t now) {
        uint64_t next = UINT64_MAX;

        while (udp->oldest && now - udp->oldest->last_used >= udp->flow_ms)
                flow_free(udp->oldest);
        for (Flow *flow = udp->oldest; flow && udp->n_retrying > 0; flow = flow->newer)
                tick_retry(flow, now, &next);
        if (udp->oldest && udp->oldest->last_used + udp->flow_ms < next)
                next = udp->oldest->last_used + udp->flow_ms;
        return next;
}

void udp_done(Udp *udp) {
        while (udp->oldest)
                flow_free(udp->oldest);
        free(udp->listeners);
        udp->listeners = NULL;
        udp->n_listeners = 0;
}
