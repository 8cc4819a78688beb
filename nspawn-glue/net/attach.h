/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A member gets its interfaces
 */

#include "nspawn-glue/net/member.h"

/* This end of the pair by which a member is in a network. */
void attach_host_name(const char *network, const char *owner, char ret[static IFNAMSIZ]);

/**
 * attach_prepare() - what can be done before there is a network namespace: its ports
 * @ret_proxied: whether connections from outside go to the machine itself, and have to be passed on
 */
int attach_prepare(const Member *member, bool *ret_proxied, Fault *fault);

/**
 * attach_make() - make a member's interfaces in a network namespace
 * @member:     gets what is only known when they are there
 * @ret_proxied: as attach_prepare(), of ports that could not be led anywhere before
 * @namespace_fd: it; left as it was if this fails, but for interfaces that are there already
 *
 * The caller's own is the host's.
 */
int attach_make(Member *member, int namespace_fd, bool *ret_proxied, Fault *fault);

/* Takes back all that a member has, and its record. What is in a network namespace goes with that. */
int attach_forget(const char *owner, Fault *fault);
