/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Networks of CNI: other people's programs make the interface
 *
 * NET_CNI/OWNER is written before any of them is executed, and says what they were asked for and what they
 * have answered: what they have done is undone with just that, whatever their configuration has become.
 * NET_CNI_NETNS/OWNER keeps the network namespace until then, as some have something to undo in there.
 *
 * Plugins see the machine as it is, not as the unit of a container sees it: all calls here enter the mount
 * namespace of the service manager, and stay in it.
 */

#include "nspawn-glue/net/member.h"

/**
 * cni_add() - have an interface made
 * @member:     the attachment at @position gets what the plugins answer
 * @namespace_fd: where the interface is to be
 *
 * The caller's network namespace is the machine's.
 *
 * Return: 0, or -errno with a fault; then what was done is undone again.
 */
int cni_add(Member *member, size_t position, int namespace_fd, Fault *fault);

/* Whether there is something to undo. */
bool cni_has(const char *owner);

/**
 * cni_remove() - have all interfaces of an owner undone, the last one first
 *
 * A plugin that fails is reported, and keeps no other from it.
 *
 * Return: 0; -EIO when one has failed: then it can be tried again.
 */
int cni_remove(const char *owner);

/* Does not try again. */
void cni_forget(const char *owner);
