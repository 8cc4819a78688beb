/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/report.h"
#include "nspawn-glue/inside.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/record.h"
#include "nspawn-glue/source.h"
#include "nspawn-glue/tree.h"
#include "nspawn-glue/volume/copy-up.h"

/* How the image's owners, as we see them, are kept: from 0. */
static CopyOwners image_owners(const Launch *launch) {
        bool is_host = launch->userns.mode == USERNS_HOST;

        return (CopyOwners){ .base = is_host ? 0 : launch->userns.base,
                .count = is_host ? UINT32_MAX : launch->userns.count,
                .attributes = true };
}

/* For as long as the container lives nobody removes the volume; the record tells people of it. */
static int hold(Launch *launch, Volume *volume) {
        char line[VOLUME_NAME_MAX + 16];
        int r = launch_hold(launch, TAKE_FD(volume->fd));

        if (r < 0)
                return r;
        (void) snprintf(line, sizeof(line), "VOLUME=%s", volume->name);
        record_note(launch->options->name, line);
        return 0;
}

static int open_subpath(const MountSpec *spec, int data, int *ret, Fault *fault) {
        int r;

        if (!spec->subpath) {
                *ret = fcntl(data, F_DUPFD_CLOEXEC, 3);
                return *ret < 0 ? -errno : 0;
        }
        r = inside_open(data, spec->subpath, O_PATH, ret);
        return r < 0 ? fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                       "cannot open '%.200s' in '%.200s': %s", spec->subpath, spec->source,
                                       strerror(-r))
                     : 0;
}

static int open_data(Launch *launch, const MountSpec *spec, int data, int *ret, Fault *fault) {
        autofd int source = -1, fd = -1;
        int r = open_subpath(spec, data, &source, fault);

        if (r >= 0)
                r = tree_clone(source, "", !spec->shallow, &fd);
        if (r < 0)
                return r;
        if (!(spec->set & MOUNT_ATTR_RDONLY) && !spec->overlay)
                source_mark(source);
        r = tree_propagate(fd, spec->propagation == MS_SHARED ? MS_PRIVATE : spec->propagation, true);
        if (r < 0)
                return r;
        launch_map_mount(spec, fd, launch->layer_map_fd, spec->source ?: spec->target);
        *ret = TAKE_FD(fd);
        return 0;
}

/* What is to be mounted there is not: whatever were written now would be found by nobody later. */
static int check_mounted(const Volume *volume, Fault *fault) {
        int mounted = volume->config.device ? volume_is_mounted(volume) : 1;

        if (mounted < 0)
                return mounted;
        return mounted ? 0
                       : fault_raise(fault, FAULT_MISSING, ENODEV,
                                         "volume '%.100s' is on '%.200s', which is not mounted; 'systemctl "
                                         "start %.200s' mounts it",
                                         volume->name, volume->config.device,
                                         volume->config.unit ?: "its unit");
}

static int open_kept(Launch *launch, const MountSpec *spec, Volume *volume, int *ret, Fault *fault) {
        const CopyOwners owners = image_owners(launch);
        autofd int data = -1;
        int r = check_mounted(volume, fault);

        /* What was begun is gone on with, also by who wants nothing of the image. */
        if (r >= 0 && (!spec->no_copy || volume->state == VOLUME_MOVING))
                r = volume_copy_up(volume, launch->root_fd, spec->target, &owners, fault);
        if (r < 0)
                return r;
        data = openat(volume->fd, "data", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return data < 0 ? -errno : open_data(launch, spec, data, ret, fault);
}

/* It stays what it is, whoever writes; one who has asked for that writes on top, and for himself. */
static int open_image(Launch *launch, const MountSpec *spec, const char *image, int *ret, Fault *fault) {
        MountSpec as_image = *spec;

        if (!(spec->clear & MOUNT_ATTR_RDONLY))
                as_image.set |= MOUNT_ATTR_RDONLY;
        return launch_open_image(launch, image, &as_image, ret, fault);
}

int launch_open_volume(Launch *launch, const MountSpec *spec, int *ret, Fault *fault) {
        const VolumeConfig config = VOLUME_CONFIG_DEFAULT;
        autovolume Volume volume = VOLUME_CLOSED;
        autofd int all = -1;
        int r;

        if (spec->propagation == MS_SHARED)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "not supported, a volume is mounted by whoever uses it, and shared with "
                                "nobody");
        r = volume_open_all(VOLUME_DIR, true, &all);
        if (r < 0)
                return fault_raise(
                                fault, FAULT_SYSTEM, -r, "cannot open '" VOLUME_DIR "': %s", strerror(-r));
        r = volume_open_or_create(all, spec->source, &config, &volume, fault);
        if (r >= 0)
                r = volume.config.image ? open_image(launch, spec, volume.config.image, ret, fault)
                                        : open_kept(launch, spec, &volume, ret, fault);
        if (r >= 0)
                r = hold(launch, &volume);
        return r;
}

int launch_make_room(Launch *launch, char *ret_path, size_t size, int *ret) {
        char name[32];

        (void) snprintf(name, sizeof(name), "volumes/%u", launch->n_volumes);
        launch->n_volumes++;
        if (mkdirat(launch->state_fd, "volumes", 0700) < 0 && errno != EEXIST)
                return -errno;
        if (mkdirat(launch->state_fd, name, 0700) < 0)
                return -errno;
        (void) snprintf(ret_path, size, SLIPWAY_STATE_DIR "/containers/%s/%s", launch->options->name, name);
        /* By its path: the state was opened in the host's mount namespace, and can be cloned only there. */
        *ret = open(ret_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

int launch_open_anonymous(Launch *launch, const MountSpec *spec, int *ret, Fault *fault) {
        const CopyOwners owners = image_owners(launch);
        char path[sizeof(SLIPWAY_STATE_DIR) + CONTAINER_NAME_MAX + 48];
        autofd int room = -1, data = -1;
        int r = launch_make_room(launch, path, sizeof(path), &room);

        if (r < 0)
                return r;
        if (mkdirat(room, "data", 0755) < 0)
                return -errno;
        data = openat(room, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (data < 0)
                return -errno;
        if (!spec->no_copy)
                r = volume_copy_once(data, launch->root_fd, spec->target, &owners);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r,
                                "cannot copy what the image has in '%.200s' into the volume there: %s",
                                spec->target, strerror(-r));
        return open_data(launch, spec, data, ret, fault);
}
