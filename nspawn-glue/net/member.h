/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A member: a container, or a pod, in networks
 *
 * Its record says what it was promised: addresses, names and ports. It is written before any of that is
 * made, and removed after all of it is gone.
 */

#include <net/if.h>

#include "lib/address.h"
#include "nspawn-glue/net/network.h"

enum { ATTACHMENT_PREFIXES_MAX = 8 };

/* One interface of it. */
typedef struct Attachment {
        char network[NETWORK_NAME_MAX + 1];
        char interface[IFNAMSIZ];
        uint8_t mac[6]; /* zeros: the kernel's choice */
        Prefix prefixes[ATTACHMENT_PREFIXES_MAX];
        size_t n_prefixes;
        Address wanted[2];   /* of CNI: fixed addresses that are asked for, of IPv4 and IPv6 */
        Address gateways[2]; /* of CNI: that it has told of, of IPv4 and IPv6; not in the record */
        bool maps_ports;     /* of CNI: it is told of published ports, and they are its business */
        uint32_t metric;
        bool no_default_route;
        char **names;                          /* by which others on the network find it */
        char **servers, **searches, **options; /* of CNI: what it wants in resolv.conf */
} Attachment;

/* Ports of the host that lead to it, one after the other. */
typedef struct MemberPort {
        char protocol[8];
        Address address; /* not set: all of both families */
        uint16_t host, container, count;
} MemberPort;

typedef struct Member {
        char owner[65];
        bool is_pod;
        bool is_proxied; /* somebody passes on what comes to its ports, should input chains decide */
        char unit[256];
        char view[256]; /* which file of NET_HOSTS is its /etc/hosts */
        Attachment *attachments;
        size_t n_attachments;
        MemberPort *ports;
        size_t n_ports;
} Member;

void member_done(Member *member);

void attachment_done(Attachment *attachment);

/* Adds one to the list, and takes what it owns, also on failure. */
int member_add_attachment(Member *member, Attachment *attachment);
int member_add_port(Member *member, const MemberPort *port);

/* Whether it has a network of CNI: then much of it is only known when its interfaces are there. */
bool member_is_late(const Member *member);

/* The first address of a family, AF_UNSPEC for any; NULL when it has none. */
const Address *member_address(const Member *member, int family);

/* Return: 0, -ENOENT, -EBADMSG for a record that is not in order, -errno. */
int member_read(const char *owner, Member *ret);
int member_write(const Member *member);

/* What a record has in it. Return: NULL without memory; 0, -EBADMSG when it is not in order, -ENOMEM. */
json_t *member_to_json(const Member *member);
int member_from_json(const json_t *document, const char *owner, Member *ret);

/* All owners of records, sorted. */
int member_list(char ***ret);

/* Calls for each record until something else than 0 is returned, which it gives back. */
typedef int MemberVisit(const Member *member, void *data);
int member_visit(MemberVisit *visit, void *data);
