/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The sockets of a responder: who may ask, by which way, and where the answer
 * goes. Only addresses of the network are answered, so nobody outside can have
 * answers sent to somebody else.
 */

#include "nspawn-glue/dns/answer.h"
#include "nspawn-glue/dns/forward.h"

enum { SERVE_SOCKETS_MAX = 64, SERVE_STREAMS_MAX = 64 };

typedef struct Server Server;

/* A connection of a client, which may ask more than once. */
typedef struct Stream {
        LoopWatch watch;
        Server *server;
        bool is_used, has_ended;
        struct sockaddr_storage name;
        socklen_t length;
        uint8_t in[2 + DNS_QUERY_MAX];
        size_t n_in;
        uint8_t *out;
        size_t n_out, sent;
        unsigned pending; /* queries that others are asked about */
        uint32_t events;
        uint64_t last_used;
} Stream;

struct Server {
        Loop loop;
        Network network;
        Names names;
        Upstream upstream;
        Responder responder;
        Forwards forwards;
        LoopWatch listeners[SERVE_SOCKETS_MAX];
        size_t n_listeners;
        Stream streams[SERVE_STREAMS_MAX];
        size_t n_streams;
        uint64_t last_used;
};

/* Answers on a socket that listens, or that receives datagrams. */
int serve_add(Server *server, int fd, Fault *fault);

/**
 * serve_run() - answer until nobody has asked for some time
 * @idle_ms:    how long that is; 0 for ever
 * @stop:       set by a signal
 *
 * What comes at the very end waits in the sockets, which are the service manager's: it will start another
 * one.
 */
int serve_run(Server *server, unsigned idle_ms, const volatile sig_atomic_t *stop, const sigset_t *unblocked,
                Fault *fault);
