/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The volumes that are kept
 *
 *     /var/lib/slipway/volumes/NAME/volume.json   what it is
 *                                   data/         what is in it, or where that is mounted
 *                                   work          a lock, for who changes one of the two above
 *
 * A volume comes and goes whole: it is made beside its place and renamed, and renamed before it is
 * removed. Whoever uses it holds a shared lock of its directory, systemd-nspawn for as long as a container
 * lives; who removes it has to get it for himself. Owners are as the container sees them: its root is 0.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/fault.h"
#include "lib/paths.h"

#define VOLUME_DIR SLIPWAY_STATE_DIR "/volumes"
#define VOLUME_NAME_MAX 200
#define VOLUME_NOBODY UINT32_MAX /* no id */

/* What it is to be. All that is NULL or 0 was not asked for. */
typedef struct VolumeConfig {
        char *image;                   /* it shows this one, and nothing else is set */
        char *type, *device, *options; /* what is mounted at data/, as mount(8) has it */
        uint32_t uid, gid;             /* whom its root is given to; VOLUME_NOBODY for who has it */
        bool no_copy;                  /* it does not begin with what an image has there */
        uint64_t size;                 /* bytes that it may have */
        char **labels;                 /* "NAME=VALUE" */
        char *unit;                    /* the unit that made it, NULL for a container that named it first */
} VolumeConfig;

#define VOLUME_CONFIG_DEFAULT                              \
        (VolumeConfig) {                                   \
                .uid = VOLUME_NOBODY, .gid = VOLUME_NOBODY \
        }

/* How far the copy of what an image has in its place has come. */
typedef enum VolumeState {
        VOLUME_FRESH,  /* nobody has used it: what was copied counts for nothing */
        VOLUME_MOVING, /* all was copied, and is being moved to its place */
        VOLUME_READY,  /* it is its users' */
        _VOLUME_STATE_MAX,
} VolumeState;

typedef struct Volume {
        char *name;
        int fd; /* its directory; holds the lock */
        VolumeConfig config;
        VolumeState state;
        int64_t created;  /* seconds since 1970 */
        uint32_t project; /* the id by which its size is counted, 0 for none */
} Volume;

#define VOLUME_CLOSED    \
        (Volume) {       \
                .fd = -1 \
        }

/* A letter or digit, then also "_", "." and "-"; at most VOLUME_NAME_MAX. */
bool volume_name_is_valid(const char *name);

/* Opens the directory of all volumes; makes it if @make, else it may be -ENOENT. Return: 0 or -errno. */
int volume_open_all(const char *path, bool make, int *ret);

typedef enum VolumeLock {
        VOLUME_SHARED,
        VOLUME_ALONE,    /* -EBUSY when somebody else has it */
        VOLUME_UNLOCKED, /* only looked at: it may be gone at once */
} VolumeLock;

/**
 * volume_open() - a volume that is there, locked
 * @all_fd:     the directory of all volumes
 *
 * Return: 0; -ENOENT with a fault when there is none, -EBUSY without one, -errno with one.
 */
int volume_open(int all_fd, const char *name, VolumeLock lock, Volume *ret, Fault *fault);

/**
 * volume_create() - a new one
 *
 * Return: 0; -EEXIST without a fault when there is one of that name; -errno with a fault.
 */
int volume_create(int all_fd, const char *name, const VolumeConfig *config, Fault *fault);

/* Opens it, shared, and makes it first if it is not there. */
int volume_open_or_create(
                int all_fd, const char *name, const VolumeConfig *config, Volume *ret, Fault *fault);

/* Waits until nobody else changes the volume. @ret holds that lock. Return: 0 or -errno. */
int volume_lock_work(const Volume *volume, int *ret);

/* Reads what it is once more: somebody may have changed it before we had the lock. */
int volume_reload(Volume *volume, Fault *fault);

/* Writes down what it is; with the lock of volume_lock_work(). */
int volume_save(const Volume *volume, Fault *fault);

/* Removes it and all that is in it. It was opened with VOLUME_ALONE, and nothing is mounted there. */
int volume_remove(int all_fd, Volume *volume, Fault *fault);

/* Removes what those have left who died while they made or removed a volume. */
void volume_sweep(int all_fd);

/* Names of all volumes, sorted. Return: 0 or -errno. */
int volume_list(int all_fd, char ***ret);

/* Whether something is mounted at data/. Return: 1, 0 or -errno. */
int volume_is_mounted(const Volume *volume);

void volume_close(Volume *volume);
#define autovolume AUTO(volume_close)

void volume_config_done(VolumeConfig *config);

/* What volume.json says and what it is made of; the text of a file that somebody may have edited. */
int volume_document_parse(char *text, size_t size, Volume *ret, Fault *fault);
int volume_document_format(const Volume *volume, char **ret, Fault *fault);
