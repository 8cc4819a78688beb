/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/socket-address.h"

enum { TAKEN_MAX = 64, RETRY_FIRST_MS = 10, RETRY_MAX_MS = 250, FULL_MS = 100 };

static const uint32_t both = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

static void set(int fd, int level, int option, int value) {
        (void) setsockopt(fd, level, option, &value, sizeof(value));
}

/* Has the peer see that something went wrong, and not an end in order. */
static void set_abort(int fd) {
        const struct linger none = { .l_onoff = 1 };

        (void) setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static void container_close(Link *link) {
        if (link->container.fd < 0)
                return;
        loop_remove(link->tcp->loop, &link->container_watch);
        (void) close(link->container.fd);
        link->container.fd = link->container_watch.fd = -1;
}

static void again_forget(Link *link) {
        Link **at = &link->tcp->again;

        if (!link->is_again)
                return;
        while (*at != link)
                at = &(*at)->again_next;
        *at = link->again_next;
        link->is_again = false;
}

static void link_unlist(Link *link) {
        link->tcp->n_waiting -= link->state != LINK_OPEN;
        *link->previous = link->next;
        if (link->next)
                link->next->previous = link->previous;
}

static void link_list(Link *link, LinkState state) {
        Link **head = state == LINK_OPEN ? &link->tcp->open : &link->tcp->pending;

        link->state = state;
        link->tcp->n_waiting += state != LINK_OPEN;
        link->next = *head;
        link->previous = head;
        if (*head)
                (*head)->previous = &link->next;
        *head = link;
}

static void link_set_state(Link *link, LinkState state) {
        if ((link->state == LINK_OPEN) == (state == LINK_OPEN)) {
                link->state = state;
                return;
        }
        link_unlist(link);
        link_list(link, state);
}

static void link_free(Link *link) {
        Tcp *tcp = link->tcp;

        again_forget(link);
        link_unlist(link);
        stream_close(&link->up, &tcp->pipes);
        stream_close(&link->down, &tcp->pipes);
        container_close(link);
        loop_remove(tcp->loop, &link->client_watch);
        (void) close(link->client.fd);
        free(link);
        tcp->n--;
        tcp->full_until = 0;
        tcp->last_used = loop_now();
        tcp_settle(tcp);
}

static void link_abort(Link *link) {
        set_abort(link->client.fd);
        if (link->container.fd >= 0)
                set_abort(link->container.fd);
        link_free(link);
}

/* The link may be gone afterwards. */
static void link_pump(Link *link) {
        int up, down;

        if (link->state != LINK_OPEN)
                return;
        up = stream_pump(&link->up, &link->tcp->pipes, &link->client, &link->container);
        down = up < 0 ? up : stream_pump(&link->down, &link->tcp->pipes, &link->container, &link->client);
        if (down < 0) {
                link_abort(link);
                return;
        }
        if (link->client.is_shut && link->container.is_shut) {
                link_free(link);
                return;
        }
        if ((up > 0 || down > 0) && !link->is_again) {
                link->is_again = true;
                link->again_next = link->tcp->again;
                link->tcp->again = link;
        }
}

/* Tries the next address now, or all again after a while. */
static void link_wait(Link *link) {
        const Tcp *tcp = link->tcp;
        unsigned wait = RETRY_FIRST_MS << (link->tries < 5 ? link->tries : 5);
        uint64_t now = loop_now();

        container_close(link);
        link_set_state(link, LINK_WAITING);
        link->retry = now;
        link->address++;
        if (tcp->target->is_there && link->address < tcp->target->n)
                return;
        link->address = 0;
        link->tries++;
        link->retry += wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS;
}

static void on_container(LoopWatch *watch, uint32_t events);

static void link_connect(Link *link) {
        const Target *target = link->tcp->target;
        struct sockaddr_storage name;
        socklen_t length;
        int fd;

        if (!target->is_there || link->address >= target->n) {
                link_wait(link);
                return;
        }
        length = socket_name(&target->addresses[link->address], link->port, &name);
        fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
                link_wait(link);
                return;
        }
        set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        link->container = (Side){ .fd = fd };
        link->container_watch = (LoopWatch){ .fd = fd, .on_event = on_container, .owner = link };
        link->generation = target->generation;
        link_set_state(link, LINK_CONNECTING);
        if ((connect(fd, (const void *) &name, length) < 0 && errno != EINPROGRESS) ||
                        loop_add(link->tcp->loop, &link->container_watch, both) < 0)
                link_wait(link);
}

/* A reset comes behind what was sent before it, and is found there; only who has said all cannot be read. */
static void take_events(Link *link, Side *side, uint32_t events) {
        side->readable = side->readable || events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
        side->writable = side->writable || events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
        if (events & EPOLLERR && side->has_ended)
                link_abort(link);
        else
                link_pump(link);
}

static void on_container(LoopWatch *watch, uint32_t events) {
        Link *link = watch->owner;

        if (link->state == LINK_CONNECTING) {
                if (events & (EPOLLERR | EPOLLHUP)) {
                        link_wait(link);
                        return;
                }
                if (!(events & EPOLLOUT))
                        return;
                link_set_state(link, LINK_OPEN);
                tcp_settle(link->tcp);
        }
        take_events(link, &link->container, events);
}

/* A client that goes away while it waits need not be connected any more; one that has ended may still
 * listen. */
static void on_client(LoopWatch *watch, uint32_t events) {
        Link *link = watch->owner;

        if (link->state != LINK_OPEN && events & (EPOLLERR | EPOLLHUP))
                link_free(link);
        else
                take_events(link, &link->client, events);
}

/* An app that was just started has its time; one that runs for long and refuses means it. */
static uint64_t deadline_of(const Tcp *tcp, uint64_t now) {
        uint64_t began = (tcp->target->is_there ? tcp->target->since : now) + tcp->patience_ms;
        unsigned least = LAST_CHANCE_MS < tcp->patience_ms ? LAST_CHANCE_MS : tcp->patience_ms;

        return began > now + least ? began : now + least;
}

static void link_new(Tcp *tcp, int client, uint16_t port) {
        Link *link = calloc(1, sizeof(Link));
        uint64_t now = loop_now();

        if (!link) {
                (void) close(client);
                return;
        }
        set(client, IPPROTO_TCP, TCP_NODELAY, 1);
        set(client, SOL_SOCKET, SO_KEEPALIVE, 1);
        link->client_watch = (LoopWatch){ .fd = client, .on_event = on_client, .owner = link };
        link->container_watch.fd = link->container.fd = -1;
        link->tcp = tcp;
        link->port = port;
        link->client.fd = client;
        link->deadline = deadline_of(tcp, now);
        stream_open(&link->up);
        stream_open(&link->down);
        link_list(link, LINK_WAITING);
        tcp->n++;
        tcp->last_used = now;
        if (loop_add(tcp->loop, &link->client_watch, both) < 0)
                link_abort(link);
        else
                link_connect(link);
}

static void on_connection(LoopWatch *watch, uint32_t events) {
        TcpListener *listener = watch->owner;
        Tcp *tcp = listener->tcp;

        (void) events;
        (void) FAULT_POINT("proxy:connection");
        for (int i = 0; i < TAKEN_MAX && tcp->takes; i++) {
                int client = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

                if (client < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
                                                  errno == ENOMEM)) {
                        tcp->full_until = loop_now() + FULL_MS;
                        tcp_settle(tcp);
                }
                if (client < 0)
                        return;
                link_new(tcp, client, listener->port);
                tcp_settle(tcp);
        }
}

int tcp_add(Tcp *tcp, int fd, uint16_t port) {
        TcpListener *listeners = reallocarray(tcp->listeners, tcp->n_listeners + 1, sizeof(TcpListener));

        if (!listeners)
                return -ENOMEM;
        tcp->listeners = listeners;
        listeners[tcp->n_listeners++] = (TcpListener){
                .watch = { .fd = fd, .on_event = on_connection }, .tcp = tcp, .port = port
        };
        return 0;
}

void tcp_settle(Tcp *tcp) {
        bool takes = tcp->target->is_there && tcp->n < tcp->max && tcp->n_waiting < WAITING_MAX &&
                     tcp->full_until == 0;

        if (takes == tcp->takes)
                return;
        tcp->takes = takes;
        for (size_t i = 0; i < tcp->n_listeners; i++) {
                LoopWatch *watch = &tcp->listeners[i].watch;

                watch->owner = &tcp->listeners[i];
                if (takes)
                        (void) loop_add(tcp->loop, watch, EPOLLIN);
                else
                        loop_remove(tcp->loop, watch);
        }
}

void tcp_target_changed(Tcp *tcp) {
        if (!tcp->target->is_there || tcp->target->generation > 1)
                tcp->abort_at = loop_now() + GONE_MS;
        for (Link *link = tcp->pending; link && tcp->target->is_there; link = link->next) {
                link->address = link->tries = 0;
                link->retry = 0;
                link->deadline = deadline_of(tcp, loop_now());
        }
        tcp_settle(tcp);
}

static bool is_gone(const Link *link) {
        const Target *target = link->tcp->target;

        return !target->is_there || link->generation != target->generation;
}

/* Connections to a container that is gone will never hear from it again. Who was not connected yet can wait.
 */
static void abort_gone(Tcp *tcp) {
        for (Link *link = tcp->open, *next; link; link = next) {
                next = link->next;
                if (is_gone(link))
                        link_abort(link);
        }
        for (Link *link = tcp->pending; link; link = link->next)
                if (link->state == LINK_CONNECTING && is_gone(link))
                        link_wait(link);
}

static void tick_waiting(Link *link, uint64_t now, uint64_t *next) {
        if (now >= link->deadline) {
                link_abort(link);
                return;
        }
        if (link->state == LINK_WAITING && now >= link->retry)
                link_connect(link);
        if (link->state == LINK_WAITING && link->retry < *next)
                *next = link->retry;
        if (link->deadline < *next)
                *next = link->deadline;
}

/* Those who have more to do then put themselves onto a new list. */
static void pump_again(Tcp *tcp) {
        Link *link = TAKE(tcp->again), *next;

        for (; link; link = next) {
                next = link->again_next;
                link->is_again = false;
                link_pump(link);
        }
}

uint64_t tcp_tick(Tcp *tcp, uint64_t now) {
        uint64_t next = UINT64_MAX;

        if (tcp->abort_at && now >= tcp->abort_at) {
                tcp->abort_at = 0;
                abort_gone(tcp);
        }
        for (Link *link = tcp->pending, *after; link; link = after) {
                after = link->next;
                tick_waiting(link, now, &next);
        }
        pump_again(tcp);
        if (now >= tcp->full_until)
                tcp->full_until = 0;
        else if (tcp->full_until < next)
                next = tcp->full_until;
        tcp_settle(tcp);
        if (tcp->abort_at && tcp->abort_at < next)
                next = tcp->abort_at;
        return tcp->again ? now : next;
}

void tcp_refuse(Tcp *tcp) {
        for (size_t i = 0; i < tcp->n_listeners; i++) {
                int client;

                while ((client = accept4(tcp->listeners[i].watch.fd, NULL, NULL,
                                        SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
                        set_abort(client);
                        (void) close(client);
                }
        }
}

void tcp_done(Tcp *tcp) {
        while (tcp->open)
                link_abort(tcp->open);
        while (tcp->pending)
                link_abort(tcp->pending);
        pipes_done(&tcp->pipes);
        free(tcp->listeners);
        tcp->listeners = NULL;
        tcp->n_listeners = 0;
}
