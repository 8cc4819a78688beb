/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a container or pod is promised before it has a network: addresses, names, ports
 *
 * All of it is files and sockets: nothing is asked of the kernel's networks. "slipway-net attach" makes
 * what the record says, and promise_forget() takes the promise back.
 */

#include "nspawn-glue/net/member.h"
#include "nspawn-glue/net/reserve.h"

typedef struct PromiseRequest {
        const char *owner; /* the container, or the pod */
        bool is_pod;
        const char *unit;
        const char *hostname;
        char *const *networks; /* NAME[:OPTION,…], at least one */
        char *const *aliases;
        const char *ip, *ip6; /* fixed, in the only network; NULL for any */
        char *const *publish;
        const char *hosts; /* lines for /etc/hosts; NULL or "" for none */
} PromiseRequest;

/**
 * promise_make() - find addresses, tell the names, reserve the ports, and record it
 * @ret:        the record; also what is left of an earlier life is replaced by it
 * @reservation: gets the sockets, to be held for as long as there is the member
 *
 * Return: 0, or -errno with a fault; then there is nothing to take back.
 */
int promise_make(const PromiseRequest *request, Member *ret, Reservation *reservation, Fault *fault);

/* Names go, addresses are free, the record is removed. Nothing is wrong if there was none. */
void promise_forget(const char *owner);

/* The same with the lock of state.h held. */
void promise_forget_left(const char *owner);

/* The same of a record, with the lock of state.h held. */
void promise_forget_locked(const Member *member);

/* The names of members who were there when the network went down; its view is new. With the lock held. */
int promise_tell_again(Network *network);

/* A container of a pod is found by its own name, too, on networks that tell any. */
int promise_add_name(const char *pod, const char *container, char *const *names, Fault *fault);
void promise_remove_name(const char *pod, const char *container);

/* What "host-gateway" stands for: the gateway of the first network that has one; hosts_later where only one
 * of CNI may have one. Return: 0, -ENOENT, or -errno with a fault. */
int promise_gateway(char *const *networks, Address *ret, Fault *fault);
