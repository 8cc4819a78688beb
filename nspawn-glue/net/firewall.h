/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Slipway's table of the packet filter
 *
 * The rules are policy/nftables/slipway.nft; what this adds are the elements of its maps and sets, and those
 * come from the records: the table can be made anew at any time, in one step. Each call is made with the
 * lock of state.h held.
 */

#include "nspawn-glue/net/member.h"

/* The whole table, from the records of all networks and members; without any there is none. */
int firewall_rebuild(Fault *fault);

/* Whether there is a record of a network, or of a member that its network went down before. Return: 1, 0 or
 * -errno. */
int firewall_is_needed(void);

/**
 * firewall_publish() - lead the ports of one member to it
 * @ret_proxied: whether those from outside go to the machine itself, see foreign-chains.h
 *
 * When that cannot be done as a change, the whole table is made.
 */
int firewall_publish(const Member *member, bool *ret_proxied, Fault *fault);

/* When that fails, the table has to be made anew as soon as there is no record of the member any more. */
int firewall_withdraw(const Member *member);
