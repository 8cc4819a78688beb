/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/volume/quota.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/quota.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "lib/size.h"
#include "lib/strv.h"

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

/* Where our project ids begin; people number theirs from 1. */
#define PROJECT_FIRST UINT32_C(0x51000000)
#define PROJECTS_MAX UINT32_C(0x10000)

#define DEPTH_MAX 256

/* --- which project --- */

static bool is_taken(int all_fd, char *const *names, uint32_t project) {
        for (; names && *names; names++) {
                autovolume Volume other = VOLUME_CLOSED;

                if (volume_open(all_fd, *names, VOLUME_UNLOCKED, &other, NULL) >= 0 &&
                                other.project == project)
                        return true;
        }
        return false;
}

/* With the lock of the directory of all: two at once would take the same. */
static int choose_project(int all_fd, Volume *volume, Fault *fault) {
        autofd int lock = openat(all_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autostrv char **names = NULL;
        int r;

        if (lock < 0 || flock(lock, LOCK_EX) < 0)
                return -errno;
        r = volume_list(all_fd, &names);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < PROJECTS_MAX; i++)
                if (!is_taken(all_fd, names, PROJECT_FIRST + i)) {
                        volume->project = PROJECT_FIRST + i;
                        return volume_save(volume, fault);
                }
        return -ENOSPC;
}

/* --- whose files --- */

static int mark(int fd, uint32_t project, bool is_directory) {
        struct fsxattr attributes = {};

        if (ioctl(fd, FS_IOC_FSGETXATTR, &attributes) < 0)
                return -errno;
        attributes.fsx_projid = project;
        if (is_directory)
                attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
        return ioctl(fd, FS_IOC_FSSETXATTR, &attributes) < 0 ? -errno : 0;
}

static int mark_below(int fd, uint32_t project, unsigned depth);

/* Links and the like have nothing that would be counted, but for their names. */
static int mark_entry(int dir_fd, const char *name, uint32_t project, unsigned depth) {
        autofd int fd = -1;
        struct stat st;
        int r;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                        (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
                return 0;
        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT || errno == ELOOP ? 0 : -errno;
        r = mark(fd, project, S_ISDIR(st.st_mode));
        return r < 0 || !S_ISDIR(st.st_mode) ? r : mark_below(fd, project, depth + 1);
}

static int mark_below(int fd, uint32_t project, unsigned depth) {
        int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        autoclosedir DIR *dir = again < 0 ? NULL : fdopendir(again);
        struct dirent *entry;

        if (!dir || depth > DEPTH_MAX)
                return dir ? -ELOOP : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        r = mark_entry(dirfd(dir), entry->d_name, project, depth);
        return r < 0 ? r : -errno;
}

/* --- how much --- */

static int set_limit(const Volume *volume) {
        struct if_dqblk limit = { .dqb_bhardlimit = (volume->config.size + 1023) / 1024,
                .dqb_valid = QIF_BLIMITS };

        return syscall(SYS_quotactl_fd, volume->fd, QCMD(Q_SETQUOTA, PRJQUOTA), volume->project, &limit) < 0
                               ? -errno
                               : 0;
}

static const char *system_name(int fd) {
        static const struct {
                unsigned magic;
                const char *name;
        } names[] = {
                { BTRFS_SUPER_MAGIC, "btrfs" },
                { EXT4_SUPER_MAGIC, "ext4" },
                { F2FS_SUPER_MAGIC, "f2fs" },
                { OVERLAYFS_SUPER_MAGIC, "overlay" },
                { TMPFS_MAGIC, "tmpfs" },
                { XFS_SUPER_MAGIC, "xfs" },
        };
        struct statfs st;

        if (fstatfs(fd, &st) >= 0)
                for (size_t i = 0; i < ELEMENTS(names); i++)
                        if (names[i].magic == (unsigned) st.f_type)
                                return names[i].name;
        return "of another kind";
}

static int raise(const Volume *volume, int r, Fault *fault) {
        const char *name = system_name(volume->fd);
        bool could = strcmp(name, "ext4") == 0 || strcmp(name, "xfs") == 0 || strcmp(name, "f2fs") == 0;

        return fault_raise(fault, FAULT_UNSUPPORTED, -r,
                        "cannot limit volume '%.100s' to %s: the file system of '" VOLUME_DIR
                        "' is %s, %s (%s)",
                        volume->name, size_to_text(volume->config.size).text, name,
                        !could ? "which counts for no single directory; leave Size= out, or have it on ext4 "
                                 "or xfs"
                        : *name == 'e' ? "and has to be made with 'mkfs.ext4 -O quota,project -E "
                                         "quotatype=prjquota', "
                                         "or changed by tune2fs(8), and mounted with prjquota"
                                       : "and has to be mounted with prjquota",
                        strerror(-r));
}

int volume_limit(int all_fd, Volume *volume, Fault *fault) {
        int r = 0;

        if (volume->config.size == 0 && volume->project == 0)
                return 0;
        if (volume->project == 0)
                r = choose_project(all_fd, volume, fault);
        if (r >= 0)
                r = mark(volume->fd, volume->project, true);
        if (r >= 0)
                r = mark_below(volume->fd, volume->project, 0);
        if (r >= 0)
                r = set_limit(volume);
        return r < 0 && !fault_is_raised(fault) ? raise(volume, r, fault) : r;
}
