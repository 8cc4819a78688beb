/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which ids a container has
 *
 * Each container gets IDS_PER_CONTAINER ids of those that systemd sets aside for
 * containers, and keeps them: upper layers and volumes may remember them. A
 * symlink userns/BASE, whose text is the container's name, records it. The first
 * guess is a hash of the name, so that a look-up is one readlink(2).
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/fault.h"

/* From systemd's "Users, Groups, UIDs and GIDs": the range of its containers. */
#define ID_RANGE_FIRST UINT32_C(524288)
#define ID_RANGE_LAST UINT32_C(1879048191)

/* In front of the name of a pod, whose containers have one range. */
#define ID_RANGE_POD "pod:"

/* What somebody else has, from passwd, group, subuid and subgid. */
typedef struct IdClaims {
        struct IdClaim {
                uint32_t first, last;
        } * list;
        size_t n;
} IdClaims;

/* Adds the ids in lines of passwd(5) or group(5): field 2. Return: 0 or -ENOMEM; lines that make no sense
 * are passed over. */
int id_claims_add_ids(IdClaims *claims, char *text);

/* Adds the ranges in lines of subuid(5). */
int id_claims_add_ranges(IdClaims *claims, char *text);

/* Reads all four files below @etc_fd; those that are not there claim nothing. */
int id_claims_read(IdClaims *claims, int etc_fd);

void id_claims_done(IdClaims *claims);

/* The first guess for a name. */
uint32_t id_range_guess(const char *name);

/**
 * id_range_take() - the range of a container, now and ever after
 * @dir_fd:     the directory of links
 * @etc_fd:     /etc of the host, for what others claim
 * @name:       the container
 * @ret:        the first of its ids
 *
 * Return: 0; -EUSERS when all ranges are taken.
 */
int id_range_take(int dir_fd, int etc_fd, const char *name, uint32_t *ret, Fault *fault);

/* Gives a range back, of a container whose name nobody will use again. Return: 0, also if it is not its own;
 * -errno. */
int id_range_return(int dir_fd, const char *name, uint32_t base);
