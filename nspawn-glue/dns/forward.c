/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/forward.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/socket-address.h"

enum { LENGTH = 2 };

static uint8_t buffer[LENGTH + DNS_MESSAGE_MAX];

static void close_socket(Forward *forward) {
        if (forward->watch.fd < 0)
                return;
        loop_remove(forward->all->loop, &forward->watch);
        (void) close(forward->watch.fd);
        forward->watch.fd = -1;
}

static void release(Forward *forward) {
        close_socket(forward);
        free(forward->message);
        free(forward->reply);
        forward->message = forward->reply = NULL;
        forward->is_used = false;
        forward->all->n--;
}

static void deliver(Forward *forward, uint8_t *data, size_t size) {
        const DnsQuery *query = &forward->query;
        Forwards *all = forward->all;
        Asker asker = forward->asker;
        DnsReply reply;

        dns_set_id(data, query->id);
        if (!asker.stream && size > query->udp_size) {
                dns_reply_begin(&reply, query, data, query->udp_size);
                reply.is_truncated = true;
                size = dns_reply_end(&reply, query, dns_code(data), false);
        }
        release(forward);
        all->on_reply(all->owner, &asker, data, size);
}

static void give_up(Forward *forward) {
        size_t size = dns_reply_code(&forward->query, DNS_FAILED, false, buffer, DNS_UDP_PLAIN);

        deliver(forward, buffer, size);
}

static void on_datagram(LoopWatch *watch, uint32_t events);
static void on_stream(LoopWatch *watch, uint32_t events);

/* Return: 0, or -errno when this server cannot be asked. */
static int ask(Forward *forward) {
        const Upstream *upstream = forward->all->upstream;
        const struct sockaddr_storage *server = &upstream->servers[forward->server];
        bool is_stream = forward->asker.stream;
        int r;

        close_socket(forward);
        free(forward->reply);
        forward->reply = NULL;
        forward->got = forward->sent = 0;
        if (getrandom(&forward->id, sizeof(forward->id), 0) != sizeof(forward->id))
                return -EIO;
        dns_set_id(forward->message + LENGTH, forward->id);

        forward->watch.fd = socket(server->ss_family,
                        (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (forward->watch.fd < 0)
                return -errno;
        forward->watch.on_event = is_stream ? on_stream : on_datagram;
        r = connect(forward->watch.fd, (const void *) server, upstream->lengths[forward->server]);
        if (r < 0 && errno != EINPROGRESS)
                return -errno;
        if (!is_stream && send(forward->watch.fd, forward->message + LENGTH, forward->size - LENGTH,
                                          MSG_NOSIGNAL) < 0)
                return -errno;
        return loop_add(forward->all->loop, &forward->watch, is_stream ? EPOLLOUT : EPOLLIN);
}

/* Those who can be asked at all are asked in turn until one of them is. */
static void try_servers(Forward *forward) {
        const Upstream *upstream = forward->all->upstream;

        for (size_t i = 0; i < upstream->n; i++) {
                forward->server %= upstream->n;
                forward->next_try = loop_now() + FORWARD_TRY_MS;
                if (ask(forward) >= 0)
                        return;
                forward->server++;
        }
        give_up(forward);
}

/* Whoever has not answered is asked last by those who come now. */
static void try_next(Forward *forward) {
        Upstream *upstream = forward->all->upstream;

        if (upstream->n > 0 && upstream->first == forward->server)
                upstream->first = (upstream->first + 1) % upstream->n;
        forward->failures++;
        forward->server++;
        try_servers(forward);
}

/* A server that says that it cannot is as good as none, as long as there is another one. */
static void take_reply(Forward *forward, uint8_t *data, size_t size) {
        const Upstream *upstream = forward->all->upstream;
        DnsCode code = dns_code(data);

        if ((code == DNS_FAILED || code == DNS_UNKNOWN || code == DNS_REFUSED) &&
                        forward->failures + 1 < upstream->n) {
                forward->failures++;
                forward->server++;
                try_servers(forward);
                return;
        }
        deliver(forward, data, size);
}

static void on_failure(Forward *forward) {
        if (forward->failures + 1 < forward->all->upstream->n)
                try_next(forward);
        else
                give_up(forward);
}

static void on_datagram(LoopWatch *watch, uint32_t events) {
        Forward *forward = watch->owner;

        (void) events;
        for (;;) {
                ssize_t n = recv(watch->fd, buffer, DNS_MESSAGE_MAX, MSG_DONTWAIT);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        return;
                if (n < 0) {
                        on_failure(forward);
                        return;
                }
                if (dns_is_reply(buffer, (size_t) n, &forward->query, forward->id)) {
                        take_reply(forward, buffer, (size_t) n);
                        return;
                }
        }
}

/* Return: 1 when all has been sent, 0 when not yet, -errno. */
static int send_rest(Forward *forward) {
        ssize_t n = send(forward->watch.fd, forward->message + forward->sent, forward->size - forward->sent,
                        MSG_NOSIGNAL);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        forward->sent += (size_t) n;
        return forward->sent == forward->size;
}

/* Return: 1 when the answer is there, 0 when not yet, -errno. */
static int receive_rest(Forward *forward) {
        size_t size = LENGTH;
        ssize_t n;

        if (!forward->reply)
                forward->reply = malloc(LENGTH + DNS_MESSAGE_MAX);
        if (!forward->reply)
                return -ENOMEM;
        if (forward->got >= LENGTH)
                size += (size_t) (forward->reply[0] << 8 | forward->reply[1]);
        n = recv(forward->watch.fd, forward->reply + forward->got, size - forward->got, MSG_DONTWAIT);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (n == 0)
                return -ECONNRESET;
        forward->got += (size_t) n;
        return forward->got > LENGTH && forward->got == size;
}

static void on_stream(LoopWatch *watch, uint32_t events) {
        Forward *forward = watch->owner;
        autofree uint8_t *reply = NULL;
        int r;

        (void) events;
        if (forward->sent < forward->size) {
                r = send_rest(forward);
                if (r > 0)
                        r = loop_change(forward->all->loop, watch, EPOLLIN);
        } else
                r = receive_rest(forward);
        if (r < 0 || (r > 0 && !dns_is_reply(forward->reply + LENGTH, forward->got - LENGTH, &forward->query,
                                               forward->id)))
                on_failure(forward);
        else if (r > 0) {
                reply = TAKE(forward->reply);
                take_reply(forward, reply + LENGTH, forward->got - LENGTH);
        }
}

static bool is_same(const Forward *forward, const Asker *asker, const DnsQuery *query) {
        return forward->query.id == query->id && forward->query.type == query->type && !asker->stream &&
               !forward->asker.stream && forward->asker.length == asker->length &&
               memcmp(&forward->asker.name, &asker->name, asker->length) == 0 &&
               forward->query.wire_size == query->wire_size &&
               memcmp(forward->query.wire, query->wire, query->wire_size) == 0;
}

/* Return: 0 and a place; -EALREADY for one that is on its way, -EBUSY when there is no place. */
static int find_place(Forwards *forwards, const Asker *asker, const DnsQuery *query, Forward **ret) {
        Address address = socket_address(&asker->name, NULL);
        size_t of_one = 0;

        *ret = NULL;
        for (size_t i = 0; i < FORWARDS_MAX; i++) {
                Forward *forward = &forwards->list[i];
                Address other;

                if (!forward->is_used) {
                        *ret = *ret ? *ret : forward;
                        continue;
                }
                if (is_same(forward, asker, query))
                        return -EALREADY;
                other = socket_address(&forward->asker.name, NULL);
                of_one += address_compare(&address, &other) == 0;
        }
        return *ret && of_one < FORWARDS_OF_ONE ? 0 : -EBUSY;
}

int forward_begin(Forwards *forwards, const Asker *asker, const DnsQuery *query, const uint8_t *data,
                size_t size) {
        Forward *forward;
        uint8_t *message;
        int r = find_place(forwards, asker, query, &forward);

        if (r < 0)
                return r == -EALREADY ? 0 : r;
        message = malloc(LENGTH + size);
        if (!message)
                return -ENOMEM;
        message[0] = (uint8_t) (size >> 8);
        message[1] = (uint8_t) size;
        memcpy(message + LENGTH, data, size);

        upstream_refresh(forwards->upstream);
        *forward = (Forward){
                .watch = { .fd = -1, .owner = forward },
                .all = forwards,
                .is_used = true,
                .asker = *asker,
                .query = *query,
                .message = message,
                .size = LENGTH + size,
                .server = forwards->upstream->first,
                .end = loop_now() + FORWARD_MS,
        };
        forwards->n++;
        try_servers(forward);
        return 0;
}

void forward_tick(Forwards *forwards, uint64_t now) {
        for (size_t i = 0; i < FORWARDS_MAX && forwards->n > 0; i++) {
                Forward *forward = &forwards->list[i];

                if (!forward->is_used)
                        continue;
                if (now >= forward->end)
                        give_up(forward);
                else if (now >= forward->next_try)
                        try_next(forward);
        }
}

void forward_forget(Forwards *forwards, const void *stream) {
        for (size_t i = 0; i < FORWARDS_MAX && forwards->n > 0; i++) {
                Forward *forward = &forwards->list[i];

                if (forward->is_used && forward->asker.stream == stream)
                        release(forward);
        }
}
