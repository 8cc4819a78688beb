/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What --volume=, --mount= and --tmpfs= say
 *
 * Reads words into structs, and knows Podman's defaults. Touches no file.
 *
 * To add an option: a row in the table of mount-spec.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fault.h"

typedef enum MountKind {
        MOUNT_BIND,
        MOUNT_TMPFS,
        MOUNT_VOLUME, /* of the image: part of the root, but always writable */
} MountKind;

typedef struct MountSpec {
        MountKind kind;
        char *source;              /* absolute path of the host; NULL but for a bind */
        char *target;              /* absolute path in the container */
        uint64_t set, clear;       /* MOUNT_ATTR_* that were asked for */
        unsigned long propagation; /* MS_PRIVATE or MS_SLAVE */
        bool shallow;              /* without what is mounted below the source */
        bool unmapped;             /* owners are to stay as they are */
        bool own;                  /* give all of it to the app's user */
        bool no_copy;              /* a tmpfs that starts empty */
        char options[256];         /* of the tmpfs itself, "size=…,mode=…" */
} MountSpec;

typedef struct MountList {
        MountSpec *list;
        size_t n;
} MountList;

/* Each adds one to the list. Return: 0, -EINVAL, -EOPNOTSUPP or -ENOMEM. */
int mount_list_add_volume(MountList *mounts, const char *text, Fault *fault); /* SOURCE:TARGET[:OPTION,…] */
int mount_list_add_mount(MountList *mounts, const char *text, Fault *fault); /* type=…,…,destination=… */
int mount_list_add_tmpfs(MountList *mounts, const char *text, Fault *fault); /* TARGET[:OPTION,…] */
int mount_list_add_image_volume(MountList *mounts, const char *target, Fault *fault);

/* Whether something is to be mounted on @target itself. */
bool mount_list_has(const MountList *mounts, const char *target);

/* Parents before what is below them, otherwise in the order given. */
void mount_list_sort(MountList *mounts);

void mount_list_done(MountList *mounts);
