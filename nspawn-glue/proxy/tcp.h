/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Connections to a container
 *
 * One is taken only when the container is there. When its app does not listen
 * yet, the connection waits and is tried again and again; all that come
 * meanwhile wait in the socket, which is the service manager's.
 */

#include "lib/loop.h"
#include "nspawn-glue/proxy/splice.h"
#include "nspawn-glue/proxy/target.h"

enum {
        WAITING_MAX = 256, /* connections that are tried again, before no more are taken */
        PATIENCE_MS = 30000,
        LAST_CHANCE_MS = 2000, /* for who comes when the app has had its time to begin */
        GONE_MS = 1000,        /* for what a container that is gone has said at last */
};

typedef enum LinkState {
        LINK_WAITING,
        LINK_CONNECTING,
        LINK_OPEN,
} LinkState;

struct Tcp;

typedef struct Link {
        LoopWatch client_watch, container_watch;
        struct Tcp *tcp;
        struct Link *next, **previous; /* of those that are open, or of those that are not yet */
        struct Link *again_next;       /* of those that have more to do */
        bool is_again;
        LinkState state;
        uint16_t port;       /* of the container */
        unsigned generation; /* of the container that it was made to */
        size_t address;
        unsigned tries;
        uint64_t retry, deadline;
        Side client, container;
        Stream up, down;
} Link;

typedef struct TcpListener {
        LoopWatch watch;
        struct Tcp *tcp;
        uint16_t port;
} TcpListener;

typedef struct Tcp {
        Loop *loop;
        const Target *target;
        PipePool pipes;
        TcpListener *listeners;
        size_t n_listeners;
        Link *open, *pending, *again;
        size_t n, n_waiting, max;
        bool takes;          /* whether connections are taken */
        uint64_t full_until; /* there were no descriptors left for another one; 0: there may be some */
        unsigned patience_ms;
        uint64_t abort_at; /* for links to a container that is gone; 0 when there are none */
        uint64_t last_used;
} Tcp;

/* Adds a socket that leads to a port of the container. Return: 0 or -ENOMEM. */
int tcp_add(Tcp *tcp, int fd, uint16_t port);

/* Has connections taken, or left waiting, as things are. To be called when something has changed. */
void tcp_settle(Tcp *tcp);

/* The container is there, or gone. */
void tcp_target_changed(Tcp *tcp);

/* Does what it is time for. Return: when to come again, UINT64_MAX for never. */
uint64_t tcp_tick(Tcp *tcp, uint64_t now);

/* Takes all that wait and tells them that nobody is there. */
void tcp_refuse(Tcp *tcp);

void tcp_done(Tcp *tcp);
