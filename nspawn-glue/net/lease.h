/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who has which address of a network
 *
 * A file of lines "ADDRESS OWNER"; with "~" before the owner it is free, and was that one's last. Who comes
 * back gets what he had, unless all that was never used is gone and somebody else has got it: then the one
 * that has been free for longest goes first. An owner without a record (member.h) never got what was leased:
 * he was killed in between, as both are written under one lock. All calls are made with the lock of state.h
 * held.
 */

#include "nspawn-glue/net/network.h"

/**
 * lease_take() - an address of a subnet
 * @network:    that is up
 * @subnet:     one of its subnets
 * @owner:      who is to have it
 * @wanted:     a fixed address, which need not be in the range; NULL for any
 * @ret:        what it is
 *
 * Return: 0; -EADDRINUSE with a fault that names who has it; -EADDRNOTAVAIL when all are taken.
 */
int lease_take(const Network *network, const Subnet *subnet, const char *owner, const Address *wanted,
                Address *ret, Fault *fault);

/* Calls for each lease until something else than 0 is returned, which it gives back. Needs no lock. */
typedef int LeaseVisit(const Address *address, const char *owner, bool is_free, void *data);
int lease_visit(const char *network, LeaseVisit *visit, void *data);

/* All of an owner's in a network are free. Nothing is wrong with having none. */
int lease_release(const char *network, const char *owner);
