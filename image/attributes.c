/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/attributes.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/xattr.h>

#include "lib/cleanup.h"

#define LIST_MAX 65536 /* XATTR_LIST_MAX */
#define VALUE_MAX 65536

int attributes_from_entry(struct archive_entry *entry, Attributes *ret, Fault *fault) {
        int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);

        if (uid < 0 || uid > INT_MAX || gid < 0 || gid > INT_MAX)
                return fault_raise(fault, FAULT_HOSTILE, ERANGE, "its owner %jd:%jd is beyond 0 to %d",
                                (intmax_t) uid, (intmax_t) gid, INT_MAX);

        ret->mode = archive_entry_mode(entry);
        ret->uid = (uid_t) uid;
        ret->gid = (gid_t) gid;
        ret->mtime.tv_sec = archive_entry_mtime(entry);
        ret->mtime.tv_nsec = archive_entry_mtime_nsec(entry);
        if (ret->mtime.tv_nsec < 0 || ret->mtime.tv_nsec > 999999999)
                ret->mtime.tv_nsec = 0;
        return 0;
}

void attributes_from_stat(const struct stat *st, Attributes *ret) {
        *ret = (Attributes){ st->st_mode, st->st_uid, st->st_gid, st->st_mtim };
}

/* chown(2) takes away set-id bits, so the mode comes after; files are made with the mode they shall have. */
int attributes_apply_fd(const Attributes *attributes, int fd) {
        const struct timespec times[2] = { attributes->mtime, attributes->mtime };
        bool owned = attributes->uid != 0 || attributes->gid != 0;
        struct stat st;

        /* A directory may be there twice in an archive, and the last word may be that it is ours. */
        if (!owned && S_ISDIR(attributes->mode) && fstat(fd, &st) >= 0)
                owned = st.st_uid != geteuid() || st.st_gid != getegid();
        if (owned && fchown(fd, attributes->uid, attributes->gid) < 0)
                return -errno;
        if ((S_ISDIR(attributes->mode) || (attributes->mode & 07000)) &&
                        fchmod(fd, attributes->mode & 07777) < 0)
                return -errno;
        return futimens(fd, times) < 0 ? -errno : 0;
}

int attributes_apply_at(const Attributes *attributes, int dir_fd, const char *name) {
        const struct timespec times[2] = { attributes->mtime, attributes->mtime };

        if ((attributes->uid != 0 || attributes->gid != 0) &&
                        fchownat(dir_fd, name, attributes->uid, attributes->gid, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;

        /* A link has no mode, and fchmodat() would follow it. */
        if (!S_ISLNK(attributes->mode) && fchmodat(dir_fd, name, attributes->mode & 07777, 0) < 0)
                return -errno;
        return utimensat(dir_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* A capability bound to another user namespace's root would be one on the host, or nothing. */
static bool is_sane_capability(const void *value, size_t size) {
        struct vfs_ns_cap_data data = {};

        if (size != XATTR_CAPS_SZ_2 && size != XATTR_CAPS_SZ_3)
                return false;
        memcpy(&data, value, size);
        if ((le32toh(data.magic_etc) & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_2)
                return size == XATTR_CAPS_SZ_2;
        return (le32toh(data.magic_etc) & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_3 &&
               size == XATTR_CAPS_SZ_3 && data.rootid == 0;
}

bool xattr_is_kept(const char *name, const void *value, size_t size) {
        /* clang-format off */
        static const struct {
                const char *start;
                bool kept;
        } rules[] = {                           /* the first that fits */
                { "user.overlay.",        false },      /* would be overlayfs's own in a nested mount */
                { "user.",                true  },
                { "system.posix_acl_",    true  },
                { "",                     false },      /* trusted.*, security.selinux, security.ima, … */
        };
        /* clang-format on */

        if (strcmp(name, "security.capability") == 0)
                return is_sane_capability(value, size);
        for (size_t i = 0; i < ELEMENTS(rules); i++)
                if (strncmp(name, rules[i].start, strlen(rules[i].start)) == 0)
                        return rules[i].kept;
        return false;
}

bool xattrs_are_wanted(struct archive_entry *entry, unsigned *left_out) {
        const char *name;
        const void *value;
        bool wanted = false;
        size_t size;

        if (archive_entry_xattr_count(entry) == 0)
                return false;

        (void) archive_entry_xattr_reset(entry);
        while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
                if (name && xattr_is_kept(name, value, size))
                        wanted = true;
                else
                        (*left_out)++;
        }
        return wanted;
}

int xattrs_apply(struct archive_entry *entry, int fd, Fault *fault) {
        const char *name;
        const void *value;
        size_t size;

        (void) archive_entry_xattr_reset(entry);
        while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
                if (name && xattr_is_kept(name, value, size) && fsetxattr(fd, name, value, size, 0) < 0)
                        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot set its attribute %.100s: %s",
                                        name, strerror(errno));
        return 0;
}

static int copy_one(int from_fd, int to_fd, const char *name, char *value, bool only_new) {
        ssize_t size = fgetxattr(from_fd, name, value, VALUE_MAX);

        if (size < 0)
                return -errno;
        if (!xattr_is_kept(name, value, (size_t) size) || (only_new && fgetxattr(to_fd, name, NULL, 0) >= 0))
                return 0;
        return fsetxattr(to_fd, name, value, (size_t) size, 0) < 0 ? -errno : 0;
}

int xattrs_copy(int from_fd, int to_fd, bool only_new) {
        autofree char *names = NULL, *value = NULL;
        ssize_t n = flistxattr(from_fd, NULL, 0);

        if (n <= 0)
                return n < 0 && errno != ENOTSUP ? -errno : 0;

        names = malloc(LIST_MAX);
        value = malloc(VALUE_MAX);
        if (!names || !value)
                return -ENOMEM;
        n = flistxattr(from_fd, names, LIST_MAX);
        if (n < 0)
                return -errno;

        for (const char *name = names; name < names + n; name += strlen(name) + 1) {
                int r = copy_one(from_fd, to_fd, name, value, only_new);

                if (r < 0)
                        return r;
        }
        return 0;
}
