/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/volume/up.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/own-unit.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/volume/mount.h"
#include "nspawn-glue/volume/quota.h"

/* A mount that nobody else sees would be none, and would seem to have been lost. */
static int check_namespace(Fault *fault) {
        struct stat own, init;

        if (stat("/proc/self/ns/mnt", &own) < 0 || stat("/proc/1/ns/mnt", &init) < 0)
                return -errno;
        if (own.st_dev == init.st_dev && own.st_ino == init.st_ino)
                return 0;
        return fault_raise(fault, FAULT_CONFLICT, EXDEV,
                        "the unit has a mount namespace of its own, by PrivateTmp=, ProtectSystem= or the "
                        "like in [Service]: nobody would see what is mounted there");
}

static bool is_same(const char *a, const char *b) {
        return strcmp(a ?: "", b ?: "") == 0;
}

/* Return: the key that cannot change while something is mounted, NULL when none does. */
static const char *find_change(const VolumeConfig *now, const VolumeConfig *wanted) {
        bool is_tmpfs = wanted->type && strcmp(wanted->type, "tmpfs") == 0;

        return !is_same(now->image, wanted->image)       ? "Image="
               : !is_same(now->device, wanted->device)   ? "Device="
               : !is_same(now->type, wanted->type)       ? "Type="
               : !is_same(now->options, wanted->options) ? "Options="
               : is_tmpfs && now->size != wanted->size   ? "Size="
                                                         : NULL;
}

/* Return: 1, 0 or -errno. */
static int has_data(const Volume *volume) {
        autofd int fd = openat(volume->fd, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        fd = -1;
        while ((errno = 0, entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        return 1;
        return -errno;
}

/* What cannot be as it is wanted. Return: 0 or -errno with a fault. */
static int check_change(const Volume *volume, const VolumeConfig *wanted, int mounted, Fault *fault) {
        const char *change = find_change(&volume->config, wanted);
        int filled;

        if (mounted)
                return change ? fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                                "%s has changed, and volume '%.100s' is mounted: it cannot "
                                                "change while it is; 'systemctl restart %.200s' mounts it "
                                                "anew, and stops who uses it",
                                                change, volume->name, wanted->unit ?: "its unit")
                              : 0;
        filled = wanted->device || wanted->image ? has_data(volume) : 0;
        if (filled <= 0)
                return filled;
        if (wanted->image)
                return fault_raise(fault, FAULT_CONFLICT, ENOTEMPTY,
                                "volume '%.100s' has data in it, and is to show an image: give it another "
                                "VolumeName=, or 'slipway volume rm' removes the data",
                                volume->name);
        report_note(REPORT_WARNING,
                        "volume '%s' has data in '" VOLUME_DIR
                        "/%s/data', which is not seen while '%s' is mounted "
                        "there",
                        volume->name, volume->name, wanted->device);
        return 0;
}

static int copy_text(char **to, const char *from) {
        free(*to);
        *to = from ? strdup(from) : NULL;
        return from && !*to ? -ENOMEM : 0;
}

static int copy_config(VolumeConfig *to, const VolumeConfig *from) {
        int r = copy_text(&to->image, from->image);

        if (r >= 0)
                r = copy_text(&to->type, from->type);
        if (r >= 0)
                r = copy_text(&to->device, from->device);
        if (r >= 0)
                r = copy_text(&to->options, from->options);
        if (r >= 0)
                r = copy_text(&to->unit, from->unit);
        strv_free(to->labels);
        to->labels = NULL;
        if (r >= 0)
                r = strv_extend(&to->labels, from->labels);
        to->uid = from->uid;
        to->gid = from->gid;
        to->no_copy = from->no_copy;
        to->size = from->size;
        return r;
}

static void tell_owner(const Volume *volume, const VolumeConfig *wanted) {
        const VolumeConfig *now = &volume->config;

        if (volume->state == VOLUME_READY &&
                        ((wanted->uid != VOLUME_NOBODY && wanted->uid != now->uid) ||
                                        (wanted->gid != VOLUME_NOBODY && wanted->gid != now->gid)))
                report_note(REPORT_NOTICE,
                                "the root of volume '%s' is given to another owner; the files in it stay "
                                "whose they are",
                                volume->name);
}

/* With the lock of who changes the volume. */
static int reconcile(int all_fd, Volume *volume, const VolumeConfig *wanted, Fault *fault) {
        int mounted = volume_is_mounted(volume), r;

        if (mounted < 0)
                return mounted;
        r = check_change(volume, wanted, mounted, fault);
        if (r < 0)
                return r;
        tell_owner(volume, wanted);
        r = copy_config(&volume->config, wanted);
        /* What was in memory is gone. */
        if (wanted->device && !mounted && wanted->type && strcmp(wanted->type, "tmpfs") == 0)
                volume->state = VOLUME_FRESH;
        if (r >= 0)
                r = volume_save(volume, fault);
        if (r >= 0 && !wanted->device)
                r = volume_limit(all_fd, volume, fault);
        if (r < 0)
                return r;
        return wanted->device && !mounted ? volume_mount(volume, fault) : volume_give(volume, fault);
}

int volume_up(const Call *call, Fault *fault) {
        autovolume Volume volume = VOLUME_CLOSED;
        VolumeConfig wanted = call->config;
        autofd int all = -1, lock = -1;
        OwnUnit unit = {};
        int r = check_namespace(fault);

        if (r >= 0)
                r = volume_open_all(VOLUME_DIR, true, &all);
        if (r < 0)
                return r;
        wanted.unit = own_unit(&unit) >= 0 && *unit.name ? unit.name : NULL;
        r = volume_open_or_create(all, call->name, &wanted, &volume, fault);
        if (r >= 0)
                r = volume_lock_work(&volume, &lock);
        if (r >= 0)
                r = volume_reload(&volume, fault);
        return r < 0 ? r : reconcile(all, &volume, &wanted, fault);
}

int volume_down(const Call *call, Fault *fault) {
        autovolume Volume volume = VOLUME_CLOSED;
        autofd int all = -1, lock = -1;
        int r = volume_open_all(VOLUME_DIR, false, &all);

        if (r >= 0)
                r = volume_open(all, call->name, VOLUME_SHARED, &volume, fault);
        if (r == -ENOENT) {
                fault_clear(fault);
                return 0;
        }
        if (r >= 0)
                r = volume_lock_work(&volume, &lock);
        return r < 0 ? r : volume_unmount(&volume, fault);
}
