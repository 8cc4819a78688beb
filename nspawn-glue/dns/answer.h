/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a responder says by itself
 *
 * Names of the network, addresses of its subnets, and what it does not ask
 * others about. Knows no sockets.
 */

#include "nspawn-glue/dns/message.h"
#include "nspawn-glue/dns/names.h"
#include "nspawn-glue/net/network.h"

typedef struct Responder {
        const Network *network;
        Names *names;
        uint32_t random; /* where lists of addresses begin */
} Responder;

/* Whether an address is in one of the network's subnets. */
bool responder_knows(const Network *network, const Address *address);

/**
 * responder_answer() - answer a query that can be answered here
 * @data:       place for @room bytes, see dns_room()
 *
 * Return: the size of the answer; 0 when somebody else has to be asked.
 */
size_t responder_answer(Responder *responder, const DnsQuery *query, uint8_t *data, size_t room);
