/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Interfaces, addresses and routes of the kernel, over netlink
 *
 * A session speaks to the network namespace in which it was opened.
 */

#include <stdint.h>

#include "lib/address.h"
#include "lib/fault.h"

typedef struct LinkSession LinkSession;

int link_session_open(LinkSession **ret, Fault *fault);
void link_session_close(LinkSession *session);

static inline void link_session_closep(LinkSession **session) {
        if (*session)
                link_session_close(*session);
}

typedef struct LinkInfo {
        int index;
        char kind[16];  /* "bridge", "veth"; "" for a real one */
        char alias[64]; /* what a person or program called it */
        unsigned mtu;
        uint8_t mac[6];
} LinkInfo;

/* Return: 0, -ENODEV when there is none of that name, -errno. */
int link_find(LinkSession *session, const char *name, LinkInfo *ret);

typedef struct BridgeSettings {
        const char *name, *alias;
        uint8_t mac[6];
        unsigned mtu;  /* 0: the kernel's choice */
        unsigned vlan; /* 0: none; else its ports carry this one, and frames leave with its tag */
} BridgeSettings;

/* Makes a bridge. Return: its index, -EEXIST, -errno. */
int link_add_bridge(LinkSession *session, const BridgeSettings *settings);

/* An interface of another namespace, and what it hangs on here. */
typedef struct VethSettings {
        int parent;           /* index of the bridge that this end is a port of, or what a macvlan is on */
        const char *own_name; /* of this end */
        uint8_t own_mac[6];   /* of this end */
        const char *name;     /* of the other end */
        uint8_t mac[6];       /* of the other end; zeros: the kernel's choice */
        int namespace_fd;     /* where the other end goes */
        unsigned mtu, vlan;   /* 0: the kernel's choice, none */
} VethSettings;

/* Makes a pair, one end a port of the bridge, that is up. */
int link_add_veth(LinkSession *session, const VethSettings *settings);

/* A macvlan or ipvlan on top of an interface, in another namespace. @kind: "macvlan", "ipvlan". */
int link_add_stacked(LinkSession *session, const char *kind, const char *mode, const VethSettings *settings);

/* One that stands on nothing and needs no settings: "wireguard". Return: 0, -EEXIST, -EOPNOTSUPP, -errno. */
int link_add_plain(LinkSession *session, const char *kind, const char *name, unsigned mtu);

/* To another namespace, with another name. */
int link_move(LinkSession *session, int index, int namespace_fd, const char *name);

/* Makes an interface a port of a bridge, if it is there. */
int link_set_master(LinkSession *session, const char *name, int bridge);

int link_set_mtu(LinkSession *session, int index, unsigned mtu);
int link_set_up(LinkSession *session, int index);
int link_remove(LinkSession *session, int index);

/* route.c from here on. Nothing is wrong with what is there already. IPv6 is usable at once. */
int link_add_address(LinkSession *session, int index, const Prefix *prefix);
int link_remove_address(LinkSession *session, int index, const Prefix *prefix);

/* Addresses of a link, but for those that the kernel makes by itself. @ret has room for @room. */
int link_list_addresses(LinkSession *session, int index, Prefix *ret, size_t room, size_t *ret_n);

/* @gateway may be NULL: then the destination is on the link. */
int link_add_route(LinkSession *session, int index, const Prefix *destination, const Address *gateway,
                uint32_t metric);

/* Whether a route of the machine leads to a part of the network, other than by link @but. */
int link_is_routed(LinkSession *session, const Prefix *network, int but, bool *ret);
