/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/listening.h"
#include "lib/socket-address.h"

enum {
        LENGTH = 2,
        TURN_MAX = 64, /* datagrams of a socket before others have their turn */
        TICK_MS = 250,
        STREAM_MS = 10000,
        STREAM_PENDING_MAX = 16,
        STREAM_OUT_MAX = 128 * 1024,
};

static uint8_t answer[DNS_MESSAGE_MAX];

static bool is_member(const Server *server, const struct sockaddr_storage *name) {
        Address address = socket_address(name, NULL);

        return responder_knows(&server->network, &address);
}

static void stream_close(Stream *stream) {
        loop_remove(&stream->server->loop, &stream->watch);
        (void) close(stream->watch.fd);
        free(stream->out);
        forward_forget(&stream->server->forwards, stream);
        stream->out = NULL;
        stream->is_used = false;
        stream->server->n_streams--;
}

/* Has the loop wait for what there is to do. A stream that has said all is closed when it has been told all.
 */
static void stream_settle(Stream *stream) {
        bool has_more = stream->n_out > stream->sent;
        uint32_t events = has_more ? EPOLLOUT : 0;

        if (stream->has_ended && !has_more && stream->pending == 0) {
                stream_close(stream);
                return;
        }
        if (!stream->has_ended && stream->pending < STREAM_PENDING_MAX &&
                        stream->n_out - stream->sent < STREAM_OUT_MAX)
                events |= EPOLLIN;
        if (events != stream->events && loop_change(&stream->server->loop, &stream->watch, events) >= 0)
                stream->events = events;
}

/* Return: 0 or -errno. What does not go now waits for its turn. */
static int stream_flush(Stream *stream) {
        while (stream->sent < stream->n_out) {
                ssize_t n = send(stream->watch.fd, stream->out + stream->sent, stream->n_out - stream->sent,
                                MSG_NOSIGNAL | MSG_DONTWAIT);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? 0 : -errno;
                stream->sent += (size_t) n;
        }
        stream->sent = stream->n_out = 0;
        return 0;
}

/* What is sent already goes: who reads slowly, and asks on, would have it grow for ever. */
static void stream_say(Stream *stream, const uint8_t *data, size_t size) {
        uint8_t *grown;

        stream->n_out -= stream->sent;
        if (stream->sent > 0)
                memmove(stream->out, stream->out + stream->sent, stream->n_out);
        stream->sent = 0;
        grown = realloc(stream->out, stream->n_out + LENGTH + size);
        if (!grown)
                return;
        stream->out = grown;
        grown[stream->n_out] = (uint8_t) (size >> 8);
        grown[stream->n_out + 1] = (uint8_t) size;
        memcpy(grown + stream->n_out + LENGTH, data, size);
        stream->n_out += LENGTH + size;
}

static void send_datagram(const Asker *asker, const uint8_t *data, size_t size) {
        (void) sendto(asker->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT, (const void *) &asker->name,
                        asker->length);
}

/* What others have answered. */
static void on_reply(void *owner, const Asker *asker, const uint8_t *data, size_t size) {
        Stream *stream = asker->stream;

        (void) owner;
        if (!stream) {
                send_datagram(asker, data, size);
                return;
        }
        stream->pending--;
        stream_say(stream, data, size);
}

/* Return: the size of what is in answer[] to be said now, or 0. */
static size_t take_query(Server *server, const Asker *asker, const uint8_t *data, size_t size) {
        bool is_stream = asker->stream;
        DnsQuery query;
        int r = dns_read_query(data, size, &query);
        size_t n;

        server->last_used = loop_now();
        if (r < 0)
                return 0;
        if (r != DNS_OK)
                return dns_reply_code(&query, (DnsCode) r, false, answer, DNS_UDP_PLAIN);

        /* Names that cannot be read may be there all the same, so nobody else is asked for them. */
        if (names_refresh(&server->names) < 0)
                return dns_reply_code(&query, DNS_FAILED, false, answer, DNS_UDP_PLAIN);
        n = responder_answer(&server->responder, &query, answer, dns_room(&query, is_stream));
        if (n > 0)
                return n;

        if (is_stream)
                ((Stream *) asker->stream)->pending++;
        if (forward_begin(&server->forwards, asker, &query, data, size) >= 0)
                return 0;
        if (is_stream)
                ((Stream *) asker->stream)->pending--;
        return dns_reply_code(&query, DNS_FAILED, false, answer, DNS_UDP_PLAIN);
}

/* Return: whether it can go on. */
static bool stream_take_queries(Stream *stream) {
        const Asker asker = { .fd = -1, .name = stream->name, .length = stream->length, .stream = stream };

        for (;;) {
                size_t size = LENGTH, n;

                if (stream->n_in >= LENGTH)
                        size += (size_t) (stream->in[0] << 8 | stream->in[1]);
                if (size > sizeof(stream->in))
                        return false;
                if (stream->n_in < LENGTH || stream->n_in < size)
                        return true;
                n = take_query(stream->server, &asker, stream->in + LENGTH, size - LENGTH);
                if (n > 0)
                        stream_say(stream, answer, n);
                stream->n_in -= size;
                memmove(stream->in, stream->in + size, stream->n_in);
        }
}

static void on_stream(LoopWatch *watch, uint32_t events) {
        Stream *stream = watch->owner;
        ssize_t n = 0;

        stream->last_used = loop_now();
        if (events & (EPOLLHUP | EPOLLERR)) {
                stream_close(stream);
                return;
        }
        if (events & EPOLLIN) {
                n = recv(watch->fd, stream->in + stream->n_in, sizeof(stream->in) - stream->n_in,
                                MSG_DONTWAIT);
                if (n > 0)
                        stream->n_in += (size_t) n;
                else if (n == 0)
                        stream->has_ended = true;
                else if (errno != EAGAIN && errno != EINTR) {
                        stream_close(stream);
                        return;
                }
        }
        if ((n > 0 && !stream_take_queries(stream)) || stream_flush(stream) < 0)
                stream_close(stream);
        else
                stream_settle(stream);
}

static Stream *find_place(Server *server) {
        for (size_t i = 0; i < SERVE_STREAMS_MAX; i++)
                if (!server->streams[i].is_used)
                        return &server->streams[i];
        return NULL;
}

/* Who is silent for the longest time makes room for who comes. */
static void make_room(Server *server) {
        Stream *oldest = NULL;

        for (size_t i = 0; i < SERVE_STREAMS_MAX; i++) {
                Stream *stream = &server->streams[i];

                if (stream->is_used && (!oldest || stream->last_used < oldest->last_used))
                        oldest = stream;
        }
        if (oldest)
                stream_close(oldest);
}

static void on_connection(LoopWatch *watch, uint32_t events) {
        Server *server = watch->owner;
        struct sockaddr_storage name = {};
        socklen_t length = sizeof(name);
        autofd int fd = accept4(watch->fd, (void *) &name, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
        Stream *stream;

        (void) events;
        if (fd < 0 || !is_member(server, &name))
                return;
        if (server->n_streams == SERVE_STREAMS_MAX)
                make_room(server);
        stream = find_place(server);
        if (!stream)
                return;
        *stream = (Stream){
                .watch = { .fd = fd, .on_event = on_stream, .owner = stream },
                .server = server,
                .name = name,
                .length = length,
                .events = EPOLLIN,
                .last_used = loop_now(),
        };
        if (loop_add(&server->loop, &stream->watch, EPOLLIN) < 0)
                return;
        (void) TAKE_FD(fd);
        stream->is_used = true;
        server->n_streams++;
        server->last_used = stream->last_used;
}

static void on_datagram(LoopWatch *watch, uint32_t events) {
        Server *server = watch->owner;
        static uint8_t data[DNS_QUERY_MAX];

        (void) events;
        for (int i = 0; i < TURN_MAX; i++) {
                Asker asker = { .fd = watch->fd, .length = sizeof(asker.name) };
                ssize_t n = recvfrom(watch->fd, data, sizeof(data), MSG_DONTWAIT | MSG_TRUNC,
                                (void *) &asker.name, &asker.length);
                size_t size;

                if (n < 0 && errno != EINTR)
                        return;
                if (n <= 0 || (size_t) n > sizeof(data) || !is_member(server, &asker.name))
                        continue;
                size = take_query(server, &asker, data, (size_t) n);
                if (size > 0)
                        send_datagram(&asker, answer, size);
        }
}

int serve_add(Server *server, int fd, Fault *fault) {
        LoopWatch *watch = &server->listeners[server->n_listeners];
        int type = listening_type(fd), r;

        if (server->n_listeners == SERVE_SOCKETS_MAX)
                return fault_raise(fault, FAULT_VALUE, E2BIG, "there are more than %d sockets",
                                SERVE_SOCKETS_MAX);
        if (type != SOCK_STREAM && type != SOCK_DGRAM)
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "descriptor %d is no socket to answer on", fd);
        *watch = (LoopWatch){
                .fd = fd,
                .on_event = type == SOCK_STREAM ? on_connection : on_datagram,
                .owner = server,
        };
        r = loop_add(&server->loop, watch, EPOLLIN);
        if (r < 0)
                return fault_wrap(fault, r, "cannot wait for queries");
        server->n_listeners++;
        return 0;
}

/* Answers of others are said here, outside of the events of those who are told. */
static void tick(Server *server, uint64_t now) {
        forward_tick(&server->forwards, now);
        for (size_t i = 0; i < SERVE_STREAMS_MAX && server->n_streams > 0; i++) {
                Stream *stream = &server->streams[i];

                if (!stream->is_used)
                        continue;
                if (stream_flush(stream) < 0 ||
                                (stream->pending == 0 && now - stream->last_used >= STREAM_MS))
                        stream_close(stream);
                else
                        stream_settle(stream);
        }
}

int serve_run(Server *server, unsigned idle_ms, const volatile sig_atomic_t *stop, const sigset_t *unblocked,
                Fault *fault) {
        server->forwards.loop = &server->loop;
        server->forwards.on_reply = on_reply;
        server->last_used = loop_now();
        while (!*stop) {
                bool is_busy = server->forwards.n > 0 || server->n_streams > 0;
                uint64_t now = loop_now(), end = server->last_used + idle_ms;
                int r;

                if (idle_ms > 0 && !is_busy && now >= end)
                        break;
                r = loop_turn(&server->loop,
                                is_busy       ? TICK_MS
                                : idle_ms > 0 ? (int) (end - now)
                                              : -1,
                                unblocked);
                if (r < 0 && r != -EINTR)
                        return fault_wrap(fault, r, "cannot wait for queries");
                (void) FAULT_POINT("dns:turn");
                tick(server, loop_now());
        }
        return 0;
}
