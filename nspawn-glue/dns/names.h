/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names of a network: /run/slipway/net/hosts/NETWORK
 *
 * A hosts file to which lines are appended, and in which a line is taken out
 * by a '#' in the place of its first byte. It is small, so it is read again
 * whenever it may have changed, and searched from its beginning.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/address.h"

typedef struct Names {
        const char *path;
        char *text; /* whole lines only */
        size_t size;
        struct stat seen;
        bool is_fresh; /* as long as the file is as it was seen */
} Names;

/* Has the names as they are now; those of a file that is not there are none. Return: 0 or -errno. */
int names_refresh(Names *names);
void names_done(Names *names);

/**
 * names_find() - addresses of a name
 * @name:       lower case
 * @family:     of which there are to be addresses
 * @ret:        place for @max
 * @ret_exists: whether there are addresses of any family
 *
 * Return: how many there are of that family, at most @max.
 */
size_t names_find(const Names *names, const char *name, int family, Address *ret, size_t max,
                bool *ret_exists);

/* One after the other, the names of an address: @at begins at 0. Return: NULL at the end. */
const char *names_next_of(const Names *names, const Address *address, size_t *at, size_t *ret_length);
