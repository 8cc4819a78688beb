/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/volume/store.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "lib/strv.h"

#define DRAFT_PREFIX ".draft-"
#define DRAFTS_MAX 100000
#define DOCUMENT_MAX (256 * 1024)

/* How often it is tried again when somebody removes a volume, or sweeps, at the very moment. */
#define ATTEMPTS 16

bool volume_name_is_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > VOLUME_NAME_MAX || !isalnum((unsigned char) name[0]) ||
                        (unsigned char) *name >= 0x80)
                return false;
        for (const char *c = name; *c; c++)
                if ((unsigned char) *c >= 0x80 || (!isalnum((unsigned char) *c) && !strchr("_.-", *c)))
                        return false;
        return true;
}

int volume_open_all(const char *path, bool make, int *ret) {
        int r = make ? io_mkdir_p(path, 0700) : 0;

        if (r < 0)
                return r;
        *ret = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

/* --- one that is there --- */

static bool is_in_place(int dir_fd, const char *name, int fd) {
        struct stat opened, found;

        return fstat(fd, &opened) >= 0 && fstatat(dir_fd, name, &found, AT_SYMLINK_NOFOLLOW) >= 0 &&
               opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
}

/* Return: -ENOENT, -EBUSY, -errno; -EAGAIN when it was removed between the two. */
static int lock_directory(int all_fd, const char *name, VolumeLock lock, int *ret) {
        autofd int fd = openat(all_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        if (lock != VOLUME_UNLOCKED && flock(fd, (lock == VOLUME_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0)
                return errno != EWOULDBLOCK ? -errno : lock == VOLUME_ALONE ? -EBUSY : -EAGAIN;
        if (!is_in_place(all_fd, name, fd))
                return -EAGAIN;
        *ret = TAKE_FD(fd);
        return 0;
}

static void pause_a_little(void) {
        (void) nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
}

static int read_document(int fd, Volume *ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        int r = io_read_file(fd, "volume.json", DOCUMENT_MAX, &text, &size);

        return r < 0 ? r : volume_document_parse(text, size, ret, fault);
}

static int raise_unreadable(const char *name, int r, Fault *fault) {
        return fault_wrap(fault, r, "cannot read '" VOLUME_DIR "/%.100s/volume.json'", name);
}

int volume_open(int all_fd, const char *name, VolumeLock lock, Volume *ret, Fault *fault) {
        autofd int fd = -1;
        int r = -ENOENT;

        if (!volume_name_is_valid(name))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.200s' cannot name a volume: 1 to %d of a-z, A-Z, 0-9, '_', '.' and '-'",
                                name, VOLUME_NAME_MAX);
        /* Who removes it has it alone for a moment, and then it is not there. */
        for (int i = 0; i < ATTEMPTS; i++) {
                r = lock_directory(all_fd, name, lock, &fd);
                if (r != -EAGAIN)
                        break;
                pause_a_little();
        }
        if (r == -EBUSY || r == -EAGAIN)
                return -EBUSY;
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no volume '%.200s'", name);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot open volume '%.200s': %s", name,
                                strerror(-r));
        r = read_document(fd, ret, fault);
        if (r < 0)
                return raise_unreadable(name, r, fault);
        ret->fd = TAKE_FD(fd);
        ret->name = strdup(name);
        if (ret->name)
                return 0;
        volume_close(ret);
        return -ENOMEM;
}

int volume_lock_work(const Volume *volume, int *ret) {
        autofd int fd = openat(volume->fd, "work", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        while (flock(fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return -errno;
        *ret = TAKE_FD(fd);
        return 0;
}

int volume_reload(Volume *volume, Fault *fault) {
        autovolume Volume again = VOLUME_CLOSED;
        int r = read_document(volume->fd, &again, fault);

        if (r < 0)
                return raise_unreadable(volume->name, r, fault);
        volume_config_done(&volume->config);
        volume->config = again.config;
        volume->state = again.state;
        volume->created = again.created;
        volume->project = again.project;
        again.config = VOLUME_CONFIG_DEFAULT;
        return 0;
}

int volume_save(const Volume *volume, Fault *fault) {
        autofree char *text = NULL;
        int r = volume_document_format(volume, &text, fault);

        if (r >= 0)
                r = FAULT_POINT("volume:save");
        if (r >= 0)
                r = io_replace_file(volume->fd, "volume.json", text, strlen(text), 0600);
        return r < 0 && !fault_is_raised(fault)
                               ? fault_raise(fault, FAULT_SYSTEM, -r,
                                                 "cannot write '" VOLUME_DIR "/%.100s/volume.json': %s",
                                                 volume->name, strerror(-r))
                               : r;
}

/* --- one more --- */

/* Who sweeps can have it before it is locked; then it is made again. */
static int make_draft(int all_fd, char ret_name[40], int *ret) {
        int r = -EEXIST;

        for (unsigned i = 0; i < DRAFTS_MAX && (r == -EEXIST || r == -EAGAIN || r == -ENOENT); i++) {
                (void) snprintf(ret_name, 40, DRAFT_PREFIX "%d-%u", (int) getpid(), i);
                r = mkdirat(all_fd, ret_name, 0700) < 0 ? -errno : 0;
                if (r < 0 && r != -EEXIST)
                        return r;
                if (r >= 0)
                        r = lock_directory(all_fd, ret_name, VOLUME_SHARED, ret);
        }
        return r;
}

static int fill(int fd, const VolumeConfig *config, const char *name, Fault *fault) {
        Volume volume = { .name = (char *) name, .fd = fd, .config = *config, .created = time(NULL) };
        autofree char *text = NULL;
        int r = volume_document_format(&volume, &text, fault);

        if (r < 0)
                return r;
        if (mkdirat(fd, "data", 0755) < 0 || fchmodat(fd, "data", 0755, 0) < 0)
                return -errno;
        if (fchownat(fd, "data", config->uid == VOLUME_NOBODY ? 0 : config->uid,
                            config->gid == VOLUME_NOBODY ? 0 : config->gid, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        r = FAULT_POINT("volume:fill");
        if (r >= 0)
                r = io_replace_file(fd, "volume.json", text, strlen(text), 0600);
        return r;
}

static int create(int all_fd, const char *name, const VolumeConfig *config, Fault *fault) {
        char draft[40];
        autofd int fd = -1;
        int r = make_draft(all_fd, draft, &fd);

        if (r < 0)
                return r;
        r = fill(fd, config, name, fault);
        if (r >= 0)
                r = FAULT_POINT("volume:commit");
        if (r >= 0 && renameat2(all_fd, draft, all_fd, name, RENAME_NOREPLACE) < 0)
                r = -errno;
        if (r >= 0)
                return fsync(all_fd) < 0 ? -errno : 0;
        (void) remove_tree(all_fd, draft);
        return r;
}

int volume_create(int all_fd, const char *name, const VolumeConfig *config, Fault *fault) {
        int r;

        if (!volume_name_is_valid(name))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.200s' cannot name a volume: 1 to %d of a-z, A-Z, 0-9, '_', '.' and '-'",
                                name, VOLUME_NAME_MAX);
        volume_sweep(all_fd);
        r = create(all_fd, name, config, fault);
        if (r < 0 && r != -EEXIST && !fault_is_raised(fault))
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot make volume '%.200s': %s", name,
                                strerror(-r));
        return r;
}

int volume_open_or_create(
                int all_fd, const char *name, const VolumeConfig *config, Volume *ret, Fault *fault) {
        int r = -ENOENT;

        for (int i = 0; i < ATTEMPTS; i++) {
                Fault missing = {};

                r = volume_open(all_fd, name, VOLUME_SHARED, ret, &missing);
                if (r != -ENOENT) {
                        if (r < 0 && fault_is_raised(&missing) && fault)
                                *fault = missing;
                        break;
                }
                r = volume_create(all_fd, name, config, fault);
                if (r < 0 && r != -EEXIST)
                        return r;
                r = -ENOENT;
        }
        return r == -EBUSY || r == -ENOENT
                               ? fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                                 "volume '%.200s' is being removed, or filled by 'slipway "
                                                 "volume import'; try again when that is done",
                                                 name)
                               : r;
}

/* --- one less --- */

int volume_remove(int all_fd, Volume *volume, Fault *fault) {
        char draft[40];
        int r = -EEXIST;

        for (unsigned i = 0; r == -EEXIST && i < DRAFTS_MAX; i++) {
                (void) snprintf(draft, sizeof(draft), DRAFT_PREFIX "gone-%d-%u", (int) getpid(), i);
                r = renameat2(all_fd, volume->name, all_fd, draft, RENAME_NOREPLACE) < 0 ? -errno : 0;
        }
        if (r >= 0)
                r = FAULT_POINT("volume:remove");
        if (r >= 0 && fsync(all_fd) < 0)
                r = -errno;
        if (r >= 0)
                r = remove_tree(all_fd, draft);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot remove volume '%.200s': %s",
                                       volume->name, strerror(-r))
                     : 0;
}

/* A mount would be in the way of removing it, and is none of ours: nothing is mounted in a draft. */
static void sweep_one(int all_fd, const char *name) {
        autofd int fd = openat(all_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) >= 0)
                (void) remove_tree(all_fd, name);
}

static DIR *list_directory(int fd) {
        int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = again < 0 ? NULL : fdopendir(again);

        if (!dir && again >= 0)
                (void) close(again);
        return dir;
}

void volume_sweep(int all_fd) {
        autoclosedir DIR *dir = list_directory(all_fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                if (strncmp(entry->d_name, DRAFT_PREFIX, strlen(DRAFT_PREFIX)) == 0)
                        sweep_one(all_fd, entry->d_name);
}

/* --- all of them --- */

static int compare(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int volume_list(int all_fd, char ***ret) {
        autoclosedir DIR *dir = list_directory(all_fd);
        autostrv char **names = NULL;
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((errno = 0, entry = readdir(dir)))
                if (volume_name_is_valid(entry->d_name) && strv_append(&names, entry->d_name) < 0)
                        return -ENOMEM;
        if (errno != 0)
                return -errno;
        if (names)
                qsort(names, strv_length(names), sizeof(char *), compare);
        *ret = TAKE(names);
        return 0;
}

int volume_is_mounted(const Volume *volume) {
        struct statx outer, inner;

        if (statx(volume->fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &outer) < 0 ||
                        statx(volume->fd, "data", AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &inner) < 0)
                return -errno;
        if (!(inner.stx_mask & STATX_MNT_ID) || !(outer.stx_mask & STATX_MNT_ID))
                return inner.stx_attributes & STATX_ATTR_MOUNT_ROOT ? 1 : 0;
        return outer.stx_mnt_id != inner.stx_mnt_id;
}
