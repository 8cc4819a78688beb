/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One network that a container asks for: "[cni:]NAME[:OPTION,…]", as --network= has it
 *
 * Reads words, and asks nobody.
 */

#include "nspawn-glue/net/member.h"

typedef struct NetworkRequest {
        char network[NETWORK_NAME_MAX + 1];
        char interface[IFNAMSIZ]; /* "" is eth0, eth1, … */
        Address fixed[2];         /* of IPv4 and IPv6, not set for any */
        uint8_t mac[6];           /* zeros: one that is always the same */
        uint32_t metric;
        bool no_default_route;
        char **aliases;
} NetworkRequest;

/* Return: 0, or -EINVAL with a fault, -ENOMEM. */
int network_request_parse(const char *text, NetworkRequest *ret, Fault *fault);

void network_request_done(NetworkRequest *request);

/* What a network's or an interface's name may be. */
bool interface_name_is_valid(const char *name);

/* What others look for in a hosts file or with DNS: labels of letters, digits, '-' and '_'. */
bool alias_is_valid(const char *name);

/* "02:42:…". Return: 0, or -EINVAL for what is none or belongs to a group. */
int mac_parse(const char *text, uint8_t ret[static 6]);

#define MAC_TEXT_MAX 18

/* Return: @ret; "" for zeros, which are none. */
char *mac_format(const uint8_t mac[static 6], char ret[static MAC_TEXT_MAX]);

/* One that is always the same for the same hash, which is in hexadecimal. @first keeps kinds apart, and says
 * that nobody has made it. */
void mac_from_hash(uint8_t first, const char *hex, uint8_t ret[static 6]);
