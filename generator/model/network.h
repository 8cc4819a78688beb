/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A network to be made, whoever asked for it
 *
 * Front ends fill this in, plan/ turns it into a unit. Texts are unit text, as in a Container.
 */

#include "generator/model/container.h"

typedef struct Network {
        char *name;    /* what it is called; never NULL when planned */
        char *service; /* its unit without ".service", if that is not named after the manifest */

        char *driver;    /* bridge, macvlan, ipvlan, wireguard; NULL is bridge */
        char *interface; /* the bridge, or what others are on top of; NULL: one is chosen */
        char *config;    /* of a wireguard link: absolute path */
        char **options;  /* KEY[=VALUE], sorted, each key once */

        /* Addresses. The i-th gateway and range belong to the i-th subnet. Without any, one is chosen. */
        char **subnets;  /* ADDRESS/PREFIX */
        char **gateways; /* ADDRESS */
        char **ranges;   /* ADDRESS/PREFIX or FIRST-LAST */
        Choice ipv6;     /* whether there is to be a subnet of IPv6; as the subnets are */
        char *ipam;      /* host-local, none; NULL is host-local */
        char **routes;   /* SUBNET[,GATEWAY[,METRIC]] */
        Choice internal; /* whether nothing leads out; no */

        /* Names */
        char **dns;         /* name servers of who is in it */
        Choice disable_dns; /* whether containers have no names there; no */
        Choice resolver;    /* whether somebody answers DNS for it; no */

        char **labels;
        Choice delete_on_stop; /* whether what was chosen for it is forgotten; no */
        bool has_commands;     /* whether the unit has commands beside those that make it */
} Network;

Network *network_new(void);
void network_free(Network *network);
