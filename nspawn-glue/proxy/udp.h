/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Datagrams to a container
 *
 * Who sends some has a flow: a socket of its own that is connected to the
 * container, by which the answers come back. The first datagrams are kept
 * until there is an answer, as the app may not listen yet.
 */

#include <netinet/in.h>

#include "lib/loop.h"
#include "nspawn-glue/proxy/target.h"

enum { FLOW_MS = 90000, FLOW_BUCKETS = 4096 };

struct Udp;
struct UdpListener;

/* The address of ours that a datagram was sent to, so that the answer comes from there. */
typedef struct LocalAddress {
        Address address;
        unsigned interface;
} LocalAddress;

typedef struct Flow {
        LoopWatch watch;
        struct UdpListener *listener;
        struct sockaddr_storage client;
        socklen_t length;
        LocalAddress local;
        struct Flow *same;          /* of the same bucket */
        struct Flow *older, *newer; /* in the order of their last use */
        unsigned generation;
        size_t address;
        uint64_t last_used;
        bool is_answered;
        uint8_t *held; /* what was sent and maybe not heard */
        size_t held_size;
        uint64_t retry, deadline; /* 0: there is nothing to be sent again */
} Flow;

typedef struct UdpListener {
        LoopWatch watch;
        struct Udp *udp;
        uint16_t port;
        int family;
} UdpListener;

typedef struct Udp {
        Loop *loop;
        const Target *target;
        UdpListener *listeners;
        size_t n_listeners;
        Flow *buckets[FLOW_BUCKETS];
        Flow *oldest, *newest;
        size_t n, n_retrying, max;
        bool takes;
        unsigned flow_ms, patience_ms;
        uint32_t seed; /* so that nobody can choose a bucket */
        uint64_t last_used;
} Udp;

/* Adds a socket that leads to a port of the container. Return: 0 or -errno. */
int udp_add(Udp *udp, int fd, uint16_t port);

/* Has datagrams read, or left waiting. */
void udp_settle(Udp *udp);

/* Does what it is time for. Return: when to come again, UINT64_MAX for never. */
uint64_t udp_tick(Udp *udp, uint64_t now);

void udp_done(Udp *udp);
