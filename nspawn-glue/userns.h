/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * User namespaces and mapped mounts
 *
 * Reads --userns= and makes the user namespaces that mount_setattr(2) wants in
 * order to map the owners of a mount. It does not choose a range, see idrange.h.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/fault.h"

/* How many ids a container has, and what ranges are aligned to. */
#define IDS_PER_CONTAINER UINT32_C(65536)

typedef enum UsernsMode {
        USERNS_HOST,    /* none of its own */
        USERNS_AUTO,    /* a range that is chosen and kept */
        USERNS_KEEP_ID, /* as auto, but the host's root is somebody else inside, and the other way round */
        USERNS_RANGE,   /* a range that the administrator chose */
} UsernsMode;

typedef struct Userns {
        UsernsMode mode;
        uint32_t base; /* the host's id of the container's root; chosen later for auto and keep-id */
        uint32_t count;
        uint32_t uid, gid; /* keep-id: who in the container has the files of the host's root */
} Userns;

/* Reads host, auto[:size=N], keep-id[:uid=U,gid=G] or BASE:COUNT. Return: 0 or -EINVAL. */
int userns_parse(Userns *ret, const char *text, Fault *fault);

/* @count ids from @inside appear as those from @outside. */
typedef struct IdMap {
        uint32_t inside, outside, count;
} IdMap;

#define ID_MAPS_MAX 4

/* Maps of files as they are in the store: 0-based. Return: how many lines. */
size_t userns_layer_map(const Userns *userns, IdMap maps[ID_MAPS_MAX]);

/* Maps of what is bound, for users with @id = userns->uid, for groups with userns->gid. */
size_t userns_bind_map(const Userns *userns, uint32_t id, IdMap maps[ID_MAPS_MAX]);

/**
 * userns_open() - make a user namespace that serves as a map
 * @users, @n_users:    lines of its uid_map
 * @groups, @n_groups:  lines of its gid_map
 * @ret:                its descriptor; nobody lives in it
 */
int userns_open(const IdMap *users, size_t n_users, const IdMap *groups, size_t n_groups, int *ret);

/* Opens the namespace that maps layers, or what is bound. Return: 0 or -errno; -1 in @ret for the host's. */
int userns_open_layer_map(const Userns *userns, int *ret);
int userns_open_bind_map(const Userns *userns, int *ret);
