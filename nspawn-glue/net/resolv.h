/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * /etc/resolv.conf, as far as networks have a say in it
 *
 * What CNI says is known when the network is made, which is after the launcher has prepared all files. So
 * there is a file NET_RESOLV/OWNER that is mounted then, and is rewritten in place before the app begins.
 */

#include "nspawn-glue/net/member.h"

/* What nobody has chosen for the container, so that its networks may. */
typedef struct ResolvOpen {
        bool servers, searches, options;
} ResolvOpen;

/* What a member's networks want, each list in their order. Appends. */
int resolv_collect(const Member *member, char ***servers, char ***searches, char ***options);

/* Makes the file. Return: a descriptor of O_PATH, to be mounted; -errno. */
int resolv_make(const char *owner, const ResolvOpen *open, const char *text);

/* Puts in what the networks have said by now. Nothing is wrong with having no such file. */
int resolv_settle(const Member *member);
