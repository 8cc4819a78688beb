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
