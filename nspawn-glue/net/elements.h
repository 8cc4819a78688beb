/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Elements of the maps and sets of Slipway's table, as commands of nft(8)
 *
 * Makes text of records. Only numbers, addresses and names of interfaces that were checked come into it.
 */

#include <stdio.h>

#include "nspawn-glue/net/member.h"

/* @verb: "add" or "delete". */
void elements_of_network(FILE *to, const char *verb, const Network *network);
void elements_of_member(FILE *to, const char *verb, const Member *member);
