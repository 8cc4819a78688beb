/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Texts of the files that every container gets: /etc/hosts, /etc/resolv.conf
 *
 * Makes strings, touches no file.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/fault.h"

/* Makes a valid host name of a container's: letters, digits, "-" and ".", at most 63 of them. */
void files_hostname(const char *name, char *ret, size_t size);

/**
 * files_host_entries() - lines for /etc/hosts
 * @entries:    "NAME[;NAME…]:IP", may be NULL; the address may be "host-gateway"
 * @gateway:    what that stands for; "" when there is none
 */
int files_host_entries(char *const *entries, const char *gateway, char **ret, Fault *fault);

/**
 * files_hosts() - /etc/hosts
 * @base:       the host's, for a container in its network; NULL for loopback only
 * @hostname:   the container's own
 * @entries:    "NAME[;NAME…]:IP", may be NULL
 * @ret:        the text
 */
int files_hosts(const char *base, const char *hostname, char *const *entries, char **ret, Fault *fault);

/**
 * files_resolv() - /etc/resolv.conf
 * @base:       the host's, of which is kept what was not asked for otherwise; NULL for none
 * @servers:    addresses; NULL keeps those of @base
 * @searches:   domains; "." alone clears them
 * @options:    as resolv.conf(5) has them
 */
int files_resolv(const char *base, char *const *servers, char *const *searches, char *const *options,
                char **ret);

/* A resolv.conf without the servers that only the host can reach, which listen on its loopback. */
int files_reachable_resolv(const char *text, char **ret);
