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
        MOUNT_NAMED,     /* a volume that is kept */
        MOUNT_ANONYMOUS, /* one that goes with the container */
        MOUNT_IMAGE,     /* what is in an image of the store */
        MOUNT_GLOB,      /* a bind for each path that fits a pattern; only in the list of those */
        MOUNT_TMPFS,
        MOUNT_RAMFS,
        MOUNT_DEVPTS,
        MOUNT_VOLUME, /* of the image: part of the root, but always writable */
} MountKind;

typedef struct MountSpec {
        MountKind kind;
        char *source;              /* absolute path of the host, name of a volume, image; NULL for others */
        char *target;              /* absolute path in the container; NULL for a pattern: where it is now */
        char *subpath;             /* what of a volume or image is meant; NULL for all */
        char *upper, *work;        /* where changes on top go; NULL for where they are forgotten */
        uint64_t set, clear;       /* MOUNT_ATTR_* that were asked for */
        unsigned long propagation; /* MS_PRIVATE, MS_SLAVE or MS_SHARED */
        bool shallow;              /* without what is mounted below the source */
        bool unmapped;             /* owners are to stay as they are */
        bool overlay;              /* changes go on top, and the source stays what it is */
        bool own;                  /* give all of it to the app's user */
        bool no_copy;              /* a tmpfs or a volume that starts empty */
        char options[256];         /* of the file system itself, "size=…,mode=…" */
} MountSpec;

typedef struct MountList {
        MountSpec *list;
        size_t n;
        MountSpec *globs; /* for who looks at the host's files to turn into binds */
        size_t n_globs;
} MountList;

/* Each adds one to the list. Return: 0, -EINVAL, -EOPNOTSUPP or -ENOMEM. */
int mount_list_add_volume(MountList *mounts, const char *text, Fault *fault); /* SOURCE:TARGET[:OPTION,…], or
                                                                                 a TARGET alone */
int mount_list_add_mount(MountList *mounts, const char *text, Fault *fault); /* type=…,…,destination=… */
int mount_list_add_tmpfs(MountList *mounts, const char *text, Fault *fault); /* TARGET[:OPTION,…] */

/* A path that has fitted a pattern. */
int mount_list_add_match(MountList *mounts, const MountSpec *glob, const char *path, Fault *fault);
int mount_list_add_image_volume(MountList *mounts, const char *target, Fault *fault);

/* Whether something is to be mounted on @target itself. */
bool mount_list_has(const MountList *mounts, const char *target);

/* Parents before what is below them, otherwise in the order given. */
void mount_list_sort(MountList *mounts);

void mount_list_done(MountList *mounts);
