/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Asks others on behalf of those who have asked us
 *
 * Each query has a socket of its own, connected to the server, so the kernel
 * chooses a random port and drops what comes from elsewhere; id and question
 * have to be right besides. A server that does not answer in time, refuses or
 * fails makes room for the next one.
 */

#include "lib/loop.h"
#include "nspawn-glue/dns/message.h"
#include "nspawn-glue/dns/upstream.h"

enum {
        FORWARDS_MAX = 512,
        FORWARDS_OF_ONE = 128, /* of one address, so that one container leaves something to the others */
        FORWARD_TRY_MS = 1500,
        FORWARD_MS = 4500, /* resolvers ask again after 5 s */
};

/* Who gets the answer. */
typedef struct Asker {
        int fd; /* the socket by which a datagram has come */
        struct sockaddr_storage name;
        socklen_t length;
        void *stream; /* whose query it is if it has come by a connection, else NULL */
} Asker;

struct Forwards;

typedef struct Forward {
        LoopWatch watch;
        struct Forwards *all;
        bool is_used;
        Asker asker;
        DnsQuery query;
        uint8_t *message; /* behind its length in two bytes, as it goes through a connection */
        size_t size, sent;
        uint16_t id;
        size_t server;
        unsigned failures;
        uint64_t next_try, end;
        uint8_t *reply; /* through a connection: with its length */
        size_t got;
} Forward;

typedef struct Forwards {
        Loop *loop;
        Upstream *upstream;
        void (*on_reply)(void *owner, const Asker *asker, const uint8_t *data, size_t size);
        void *owner;
        size_t n;
        Forward list[FORWARDS_MAX];
} Forwards;

/**
 * forward_begin() - ask the servers
 *
 * The answer comes by on_reply(), also if it is that nobody has answered, and
 * maybe before this returns. A query that is on its way already is not asked
 * twice.
 *
 * Return: 0, -EBUSY when there are too many, -ENOMEM.
 */
int forward_begin(Forwards *forwards, const Asker *asker, const DnsQuery *query, const uint8_t *data,
                size_t size);

/* Tries the next server for those who have waited for long. */
void forward_tick(Forwards *forwards, uint64_t now);

/* A stream is gone, and nobody will read what it has asked for. */
void forward_forget(Forwards *forwards, const void *stream);
