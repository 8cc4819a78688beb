/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Rules among those of iptables, where Docker drops what it does not know
 *
 * dockerd gives the chain FORWARD of iptables the policy to drop, for all that the machine forwards; and
 * what is dropped once is dropped. The last rule of FORWARD leads to a chain SLIPWAY that accepts what
 * Slipway's own table has let pass. So it is in the place of the policy: all rules of Docker's and of the
 * administrator's, in DOCKER-USER and elsewhere, decide before.
 */

#include <stdio.h>

#include "nspawn-glue/net/foreign-chains.h"
#include "nspawn-glue/net/network.h"

/* Whether they are to be there, in a family, and whether it is otherwise. */
bool docker_rules_are_wanted(const ForeignFamily *family);
bool docker_rules_are_missing(const ForeignChains *chains);

/* Commands of nft(8) that make them, in their place: the beginning and, for each bridge, what is added. */
void docker_rules_begin(FILE *to, const ForeignChains *chains);
void docker_rules_add(FILE *to, const ForeignChains *chains, const Network *network);

/* And that take them away where they are and are not wanted. @wanted: false if nowhere. */
void docker_rules_remove(FILE *to, const ForeignChains *chains, bool wanted);
