/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Users and groups of an image
 *
 * Reads passwd(5) and group(5) as texts, because there is no C library of the
 * image that could be trusted to do it, and no getent in most. What the files
 * say can only choose among ids that the container has anyway.
 */

#include <sys/types.h>

#include "lib/fault.h"

#define USERS_GROUPS_MAX 256

typedef struct User {
        uid_t uid;
        gid_t gid;
        gid_t groups[USERS_GROUPS_MAX];
        size_t n_groups;
        char home[4096]; /* "/" when nobody says otherwise */
} User;

/**
 * users_resolve() - who the app is
 * @passwd:     text of /etc/passwd, "" when there is none
 * @group:      text of /etc/group
 * @spec:       "USER[:GROUP]" with names or numbers; NULL is root
 * @more:       further groups by name or number, may be NULL
 *
 * As in Docker: an unknown number is fine and has group 0; with a GROUP, the
 * user's memberships do not count.
 *
 * Return: 0, -ENOENT for an unknown name, -ERANGE for a number beyond 2^31-1, -E2BIG.
 */
int users_resolve(const char *passwd, const char *group, const char *spec, char *const *more, User *ret,
                Fault *fault);
