/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/volume/copy-up.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fault-point.h"
#include "lib/remove-tree.h"
#include "nspawn-glue/inside.h"

/*
 * Where all is copied first: beside data/, or, where something is mounted there, in its root, as files can
 * be moved within one file system only.
 */
typedef struct Stage {
        int data_fd;   /* data/, or the root of what is mounted there */
        int parent_fd; /* borrowed */
        const char *name;
} Stage;

static int open_stage(const Volume *volume, Stage *ret) {
        int mounted = volume_is_mounted(volume);

        if (mounted < 0)
                return mounted;
        ret->data_fd = openat(volume->fd, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (ret->data_fd < 0)
                return -errno;
        ret->parent_fd = mounted ? ret->data_fd : volume->fd;
        ret->name = mounted ? ".slipway-copying" : "copying";
        return 0;
}

static void close_stage(Stage *stage) {
        fd_closep(&stage->data_fd);
}

static DIR *list_directory(int fd) {
        int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = again < 0 ? NULL : fdopendir(again);

        if (!dir && again >= 0)
                (void) close(again);
        return dir;
}

static bool is_dots(const char *name) {
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* What every new ext file system has does not count. Return: 1, 0 or -errno. */
static int has_content(const Stage *stage) {
        autoclosedir DIR *dir = list_directory(stage->data_fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((errno = 0, entry = readdir(dir)))
                if (!is_dots(entry->d_name) && strcmp(entry->d_name, stage->name) != 0 &&
                                strcmp(entry->d_name, "lost+found") != 0)
                        return 1;
        return -errno;
}

/* Return: 1 with the directory that is to be copied, 0 when there is none, -errno. */
static int open_source(int root_fd, const char *target, int *ret) {
        int r = inside_open(root_fd, target, O_RDONLY | O_DIRECTORY | O_NONBLOCK, ret);

        if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
                return 0;
        if (r < 0)
                return r;
        return !inside_is_proc(*ret);
}

/* The copy's root has what the volume's is to have. */
static int copy(const Stage *stage, int from, const CopyOwners *owners) {
        autofd int to = -1;
        int r = remove_tree(stage->parent_fd, stage->name);

        if (r < 0)
                return r;
        if (mkdirat(stage->parent_fd, stage->name, 0700) < 0)
                return -errno;
        to = openat(stage->parent_fd, stage->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (to < 0)
                return -errno;
        r = copy_tree_shifted(from, to, owners);
        if (r >= 0)
                r = copy_root_shifted(from, to, owners);
        if (r >= 0)
                r = FAULT_POINT("volume:copied");
        return r < 0 ? r : syncfs(to) < 0 ? -errno : 0;
}

/* What has come to be there meanwhile is somebody's. */
static int move_entries(int from, int to) {
        autoclosedir DIR *dir = list_directory(from);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((errno = 0, entry = readdir(dir))) {
                int r;

                if (is_dots(entry->d_name))
                        continue;
                if (renameat2(from, entry->d_name, to, entry->d_name, RENAME_NOREPLACE) < 0 &&
                                errno != EEXIST)
                        return -errno;
                r = FAULT_POINT("volume:move");
                if (r < 0)
                        return r;
        }
        return -errno;
}

/* An owner who was asked for is not the image's to choose. */
static int move_root(const Volume *volume, const Stage *stage, int from) {
        const VolumeConfig *config = &volume->config;
        struct stat st;

        if (fstat(from, &st) < 0)
                return -errno;
        if (config->uid != VOLUME_NOBODY)
                st.st_uid = config->uid;
        if (config->gid != VOLUME_NOBODY)
                st.st_gid = config->gid;
        if (fchown(stage->data_fd, st.st_uid, st.st_gid) < 0 ||
                        fchmod(stage->data_fd, st.st_mode & 07777) < 0)
                return -errno;
        return 0;
}

static int move(const Volume *volume, const Stage *stage) {
        autofd int from = openat(
                        stage->parent_fd, stage->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r;

        /* All was moved when it was removed. */
        if (from < 0)
                return errno == ENOENT ? 0 : -errno;
        r = move_root(volume, stage, from);
        if (r >= 0)
                r = move_entries(from, stage->data_fd);
        if (r >= 0 && fsync(stage->data_fd) < 0)
                r = -errno;
        return r < 0 ? r : remove_tree(stage->parent_fd, stage->name);
}

static int set_state(Volume *volume, VolumeState state, Fault *fault) {
        volume->state = state;
        return volume_save(volume, fault);
}

static int begin(Volume *volume, const Stage *stage, int root_fd, const char *target,
                const CopyOwners *owners, Fault *fault) {
        autofd int from = -1;
        int r = has_content(stage);

        if (r == 0)
                r = open_source(root_fd, target, &from);
        else if (r > 0)
                r = 0;
        if (r <= 0)
                return r < 0 ? r : set_state(volume, VOLUME_READY, fault);
        r = copy(stage, from, owners);
        if (r >= 0)
                return set_state(volume, VOLUME_MOVING, fault);
        (void) remove_tree(stage->parent_fd, stage->name);
        /* A device that is read-only has what it has. */
        return r == -EROFS ? set_state(volume, VOLUME_READY, fault) : r;
}

static int copy_up(Volume *volume, int root_fd, const char *target, const CopyOwners *owners, Fault *fault) {
        AUTO(close_stage) Stage stage = { .data_fd = -1 };
        int r = open_stage(volume, &stage);

        if (r >= 0 && volume->state == VOLUME_FRESH)
                r = begin(volume, &stage, root_fd, target, owners, fault);
        if (r >= 0 && volume->state == VOLUME_MOVING) {
                r = move(volume, &stage);
                if (r >= 0)
                        r = set_state(volume, VOLUME_READY, fault);
        }
        return r;
}

int volume_copy_up(Volume *volume, int root_fd, const char *target, const CopyOwners *owners, Fault *fault) {
        autofd int lock = -1;
        int r;

        if (volume->state == VOLUME_READY || (volume->config.no_copy && volume->state == VOLUME_FRESH))
                return 0;
        r = volume_lock_work(volume, &lock);
        if (r >= 0)
                r = volume_reload(volume, fault);
        if (r >= 0)
                r = copy_up(volume, root_fd, target, owners, fault);
        return r < 0 && !fault_is_raised(fault)
                               ? fault_raise(fault, FAULT_SYSTEM, -r,
                                                 "cannot copy what the image has in '%.200s' into volume "
                                                 "'%.200s': %s",
                                                 target, volume->name, strerror(-r))
                               : r;
}

int volume_copy_once(int to_fd, int root_fd, const char *target, const CopyOwners *owners) {
        autofd int from = -1;
        int r = open_source(root_fd, target, &from);

        if (r <= 0)
                return r;
        r = copy_tree_shifted(from, to_fd, owners);
        return r < 0 ? r : copy_root_shifted(from, to_fd, owners);
}

/* --- other contents --- */

static int make_alike(const Stage *stage, int *ret) {
        autofd int fd = -1;
        struct stat st;

        if (fstat(stage->data_fd, &st) < 0 || mkdirat(stage->parent_fd, stage->name, 0700) < 0)
                return -errno;
        fd = openat(stage->parent_fd, stage->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fchown(fd, st.st_uid, st.st_gid) < 0 || fchmod(fd, st.st_mode & 07777) < 0)
                return -errno;
        *ret = TAKE_FD(fd);
        return 0;
}

int volume_fill_begin(const Volume *volume, bool replace, int *ret) {
        AUTO(close_stage) Stage stage = { .data_fd = -1 };
        int r = open_stage(volume, &stage);

        if (r >= 0 && replace && stage.parent_fd == stage.data_fd)
                return -EBUSY;
        if (r >= 0 && !replace)
                r = has_content(&stage);
        if (r > 0)
                return -ENOTEMPTY;
        if (r >= 0)
                r = remove_tree(stage.parent_fd, stage.name);
        return r < 0 ? r : make_alike(&stage, ret);
}

/* Nobody has the volume: what was in it is exchanged for what will be, at once. */
static int exchange(Volume *volume, const Stage *stage, Fault *fault) {
        int r = 0;

        if (volume->state != VOLUME_READY)
                r = set_state(volume, VOLUME_READY, fault);
        if (r >= 0 && renameat2(stage->parent_fd, stage->name, volume->fd, "data", RENAME_EXCHANGE) < 0)
                r = -errno;
        if (r >= 0 && fsync(volume->fd) < 0)
                r = -errno;
        return r < 0 ? r : remove_tree(stage->parent_fd, stage->name);
}

int volume_fill_commit(Volume *volume, bool replace, Fault *fault) {
        AUTO(close_stage) Stage stage = { .data_fd = -1 };
        int r = open_stage(volume, &stage);

        if (r >= 0 && syncfs(stage.data_fd) < 0)
                r = -errno;
        if (r >= 0)
                r = FAULT_POINT("volume:filled");
        if (r >= 0 && replace)
                return exchange(volume, &stage, fault);
        if (r >= 0)
                r = set_state(volume, VOLUME_MOVING, fault);
        if (r >= 0)
                r = move(volume, &stage);
        return r < 0 ? r : set_state(volume, VOLUME_READY, fault);
}

void volume_fill_abort(const Volume *volume) {
        AUTO(close_stage) Stage stage = { .data_fd = -1 };

        if (open_stage(volume, &stage) >= 0)
                (void) remove_tree(stage.parent_fd, stage.name);
}
