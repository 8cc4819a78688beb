/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/reserve.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/port.h"
#include "lib/strv.h"
#include "nspawn-glue/net/pod.h"

/* A socket a port: beyond, a port is only tried. */
enum { HELD_MAX = 256 };

void reservation_done(Reservation *reservation) {
        for (size_t i = 0; i < reservation->n; i++)
                (void) close(reservation->fds[i]);
        free(reservation->fds);
        *reservation = (Reservation){};
}

static int keep(Reservation *reservation, int fd) {
        int *grown;

        if (reservation->n >= HELD_MAX) {
                (void) close(fd);
                return 0;
        }
        grown = reallocarray(reservation->fds, reservation->n + 1, sizeof(int));
        if (!grown) {
                (void) close(fd);
                return -ENOMEM;
        }
        reservation->fds = grown;
        grown[reservation->n++] = fd;
        return 0;
}

static socklen_t fill_address(
                const Address *address, int family, uint16_t port, struct sockaddr_storage *ret) {
        if (family == AF_INET6) {
                struct sockaddr_in6 *six = (struct sockaddr_in6 *) ret;

                six->sin6_port = htons(port);
                memcpy(&six->sin6_addr, address->bytes, 16);
                return sizeof(*six);
        }
        struct sockaddr_in *four = (struct sockaddr_in *) ret;

        four->sin_port = htons(port);
        memcpy(&four->sin_addr, address->bytes, 4);
        return sizeof(*four);
}

static int open_socket(int family, const char *protocol) {
        int type = strcmp(protocol, "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
        int number = strcmp(protocol, "sctp") == 0 ? IPPROTO_SCTP : 0, one = 1;
        int fd = socket(family, type | SOCK_CLOEXEC, number);

        if (fd < 0)
                return -errno;
        if (family == AF_INET6)
                (void) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
        return fd;
}

/*
 * Connections that are long over may keep a port for a minute from those who do not say that they do not
 * mind; afterwards nobody else may say so. Return: a socket, -EADDRINUSE, -errno.
 */
static int bind_port(const Address *address, int family, const char *protocol, uint16_t port) {
        struct sockaddr_storage where = { .ss_family = (sa_family_t) family };
        socklen_t size = fill_address(address, family, port, &where);
        int fd = open_socket(family, protocol), on = 1, off = 0;

        if (fd < 0)
                return fd;
        /* Of SCTP, whoever says so may have the port for as long as nobody listens. */
        if (strcmp(protocol, "tcp") == 0)
                (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        (void) setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
        if (bind(fd, (const struct sockaddr *) &where, size) < 0) {
                int error = errno;

                (void) close(fd);
                return -error;
        }
        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off));
        return fd;
}

static uint16_t bound_port(int fd) {
        struct sockaddr_storage where = {};
        socklen_t size = sizeof(where);

        if (getsockname(fd, (struct sockaddr *) &where, &size) < 0)
                return 0;
        return ntohs(where.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &where)->sin6_port
                                                 : ((struct sockaddr_in *) &where)->sin_port);
}

typedef struct PortQuery {
        const Member *self;
        const char *protocol;
        const Address *address;
        uint16_t port;
        char owner[65];
} PortQuery;

/* Not set is all addresses of both families, "0.0.0.0" all of one. */
static bool is_same_place(const Address *one, const Address *two) {
        if (!address_is_set(one) || !address_is_set(two))
                return true;
        return one->family == two->family &&
               (address_is_any(one) || address_is_any(two) || address_compare(one, two) == 0);
}

static int has_port(const Member *member, void *data) {
        PortQuery *query = data;

        for (size_t i = 0; i < member->n_ports; i++) {
                const MemberPort *port = &member->ports[i];

                if (strcmp(member->owner, query->self->owner) == 0 ||
                                strcmp(port->protocol, query->protocol) != 0 || query->port < port->host ||
                                query->port >= port->host + port->count ||
                                !is_same_place(&port->address, query->address))
                        continue;
                (void) strcpy(query->owner, member->owner);
                return 1;
        }
        return 0;
}

/* Nobody holds the sockets of a pod, so its record has to be asked. Return: 0 or -EADDRINUSE. */
static int ask_pods(const Member *member, const char *protocol, const Address *address, uint16_t port) {
        PortQuery query = { .self = member, .protocol = protocol, .address = address, .port = port };
        autostrv char **pods = NULL;
        int r = pod_list(&pods);

        for (char **pod = pods; pod && *pod && r >= 0; pod++) {
                AUTO(member_done) Member other = {};

                if (member_read(*pod, &other) >= 0 && has_port(&other, &query) > 0)
                        return -EADDRINUSE;
        }
        return r;
}

/* Only when it is taken is it worth to ask by whom. */
static int raise_taken(const Member *member, const char *protocol, const Address *address, uint16_t port,
                int r, Fault *fault) {
        PortQuery query = { .self = member, .protocol = protocol, .address = address, .port = port };

        if (r == -EADDRINUSE && member_visit(has_port, &query) > 0)
                return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                                "port %u/%s of the host is published by '%s' already; publish another, or "
                                "bind each to an address of its own",
                                port, protocol, query.owner);
        if (r == -EADDRINUSE)
                return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                                "port %u/%s of the host is in use by another program; "
                                "'ss -lp sport = :%u' tells which",
                                port, protocol, port);
        return fault_wrap(fault, r, "cannot reserve port %u/%s of the host", port, protocol);
}

/* Without SCTP or IPv6 in the kernel nobody else can have it either. */
static bool is_not_there(int r) {
        return r == -EPROTONOSUPPORT || r == -EAFNOSUPPORT || r == -ESOCKTNOSUPPORT;
}

/* @port may be 0, and then is chosen. Return: 0 or -errno, without a fault. */
static int reserve_one(
                const Address *address, const char *protocol, uint16_t *port, Reservation *reservation) {
        static const int families[] = { AF_INET, AF_INET6 };
        size_t before = reservation->n;
        uint16_t chosen = *port;

        for (size_t i = 0; i < ELEMENTS(families); i++) {
                int fd;

                if (address_is_set(address) && address->family != families[i])
                        continue;
                fd = bind_port(address, families[i], protocol, chosen);
                if (is_not_there(fd))
                        continue;
                if (fd < 0) {
                        while (reservation->n > before)
                                (void) close(reservation->fds[--reservation->n]);
                        return fd;
                }
                if (chosen == 0)
                        chosen = bound_port(fd);
                fd = keep(reservation, fd);
                if (fd < 0)
                        return fd;
        }
        *port = chosen;
        return chosen == 0 ? -EPROTONOSUPPORT : 0;
}

/* The kernel chooses among those that are free, and knows neither of pods nor of what was only tried. */
static int check_chosen(const Member *member, const char *protocol, const Address *address, uint16_t port) {
        const Member nobody = {};
        PortQuery query = { .self = &nobody, .protocol = protocol, .address = address, .port = port };

        return has_port(member, &query) ? -EADDRINUSE : ask_pods(member, protocol, address, port);
}

/* One that is free in both families, and nobody else's, may take a few tries. */
static int reserve_any(const Member *member, const Address *address, const char *protocol, uint16_t *ret,
                Reservation *reservation) {
        AUTO(reservation_done) Reservation refused = {};
        size_t before = reservation->n;
        int r = -EADDRINUSE;

        for (int tries = 0; tries < 16 && r == -EADDRINUSE; tries++) {
                *ret = 0;
                r = reserve_one(address, protocol, ret, reservation);
                if (r >= 0)
                        r = check_chosen(member, protocol, address, *ret);
                /* Held until there is one, so that it is not chosen again. */
                while (r < 0 && reservation->n > before)
                        (void) keep(&refused, reservation->fds[--reservation->n]);
        }
        return r;
}

static int reserve_range(Member *member, const Port *wanted, const Address *address,
                Reservation *reservation, Fault *fault) {
        unsigned count = wanted->container.last - wanted->container.first + 1u;
        bool is_any = wanted->host.first == 0;

        for (unsigned i = 0; i < count; i++) {
                uint16_t port = is_any ? 0 : (uint16_t) (wanted->host.first + i);
                int r = is_any ? reserve_any(member, address, wanted->protocol, &port, reservation)
                               : reserve_one(address, wanted->protocol, &port, reservation);
                MemberPort one = {
                        .address = *address,
                        .host = port,
                        .container = (uint16_t) (wanted->container.first + i),
                        .count = 1,
                };

                if (r >= 0 && !is_any)
                        r = ask_pods(member, wanted->protocol, address, port);
                if (r < 0)
                        return raise_taken(member, wanted->protocol, address, port, r, fault);
                if (!is_any && i > 0) {
                        member->ports[member->n_ports - 1].count++;
                        continue;
                }
                (void) strcpy(one.protocol, wanted->protocol);
                r = member_add_port(member, &one);
                if (r < 0)
                        return r;
        }
        return 0;
}

int reserve_ports(Member *member, const char *text, Reservation *reservation, Fault *fault) {
        Address address = {};
        Port wanted;
        int r;

        r = port_parse(text, &wanted, fault);
        if (r < 0)
                return r;
        if (*wanted.address)
                (void) address_parse(wanted.address, &address);
        /* "0.0.0.0" is all of IPv4, and so a family that was chosen. */
        return reserve_range(member, &wanted, &address, reservation, fault);
}
