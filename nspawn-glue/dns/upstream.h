/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whom to ask what is not ours
 *
 * The servers of the network if it has some, else those that the host asks:
 * /etc/resolv.conf, or what systemd-resolved says it asks itself if that is
 * only a way to systemd-resolved.
 */

#include <sys/socket.h>
#include <sys/stat.h>

#include "nspawn-glue/net/network.h"

/* More than these nobody waits for. */
enum { SERVERS_MAX = 8 };

typedef struct Upstream {
        const char *paths[2]; /* the host's file, and the one behind the stub */
        uint16_t port;        /* 0 for 53 */
        const Network *network;
        struct sockaddr_storage servers[SERVERS_MAX];
        socklen_t lengths[SERVERS_MAX];
        size_t n;
        size_t first; /* who has answered last */
        struct stat seen[2];
} Upstream;

/* Has the servers as they are now. The gateways of the network are none: they lead back here. */
void upstream_refresh(Upstream *upstream);

/* Adds the servers of a file like resolv.conf(5). Return: whether one of them is a stub of systemd-resolved.
 */
bool upstream_take_text(Upstream *upstream, const char *text);
