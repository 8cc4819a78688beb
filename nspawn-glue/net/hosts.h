/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The hosts files of networks
 *
 * A view is a file that is mounted as /etc/hosts into all containers that see the same networks: "NAME" is
 * that of one network, "NAME+NAME" of two, "~OWNER" one container's own. It is changed in place, as who has
 * it mounted goes on seeing the same file, and while it is being read. So a line is put at the end in
 * one piece, and is taken back by a single byte, which makes a comment of it. What was taken back is used
 * again some time later: the rest of the line is written before the first byte. No line lies across a
 * multiple of 1024 bytes, as readers take the file in pieces. So none finds half a line.
 *
 * A line is "ADDRESS NAME… #TAG" and some blanks. The tag is the container that it came with. No line is
 * longer than 256 bytes, as there are readers that cannot take more than 511; a name of a host that does not
 * fit into that is left out.
 *
 * All calls that change something are made with the lock of state.h held.
 */

#include "nspawn-glue/net/network.h"

/* Stands in lines for the address of the machine as long as nobody knows it; an address that leads nowhere.
 */
extern const Address hosts_later;

/* What each view begins with, besides localhost. */
typedef struct HostsHead {
        const Address *gateway; /* host.containers.internal; NULL for none */
        const char *extra;      /* more lines, each with its line break; NULL for none */
} HostsHead;

/* "a+b", or "~owner" for one container's own; @ret has room for 256 bytes. */
void hosts_view_name(char *const *networks, const char *owner, bool is_own, char ret[static 256]);

/**
 * hosts_make_view() - see that a view is there
 * @view:       its name
 * @networks:   what it shows; each has to be up
 *
 * A new one has the lines of those networks' own views. Return: 1 when it was made, 0 when it was there
 * already, -errno.
 */
int hosts_make_view(const char *view, char *const *networks, const HostsHead *head);

/* Opens a view's file, to be mounted. Return: a descriptor of O_PATH, -errno. */
int hosts_open_view(const char *view);

/**
 * hosts_add() - names of an address, in all views that show a network
 * @tag:        whose they are
 */
int hosts_add(const char *network, const Address *address, char *const *names, const char *tag);

/* All lines of a tag that came with a network. */
int hosts_remove(const char *network, const char *tag);

/* The machine's address is known, or that there is none (NULL), for the lines of a view that wait for it. */
int hosts_settle(const char *view, const Address *gateway);

/* The networks that a view shows; none when it does not say so. Needs no lock. Return: 0 or -errno. */
int hosts_networks(const char *view, char ***ret);

/* Of a network that goes down: its own, and those that show it besides others. */
void hosts_remove_views(const char *network);

void hosts_remove_view(const char *view);
