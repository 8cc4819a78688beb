/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files, directories, links and the rest: how each is made. */

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "image/layer-tree.h"
#include "image/unpacker.h"
#include "lib/cleanup.h"

static int cannot(const char *what, int error, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot %s: %s", what, strerror(error));
}

int unpack_spend(Unpacker *unpacker, uint64_t bytes, Fault *fault) {
        if (!budget_take(&unpacker->budget->bytes, bytes))
                return fault_raise(fault, FAULT_HOSTILE, EFBIG,
                                "the image has more content than is allowed, see --max-size= of "
                                "slipway-import(1)");
        unpacker->result.bytes += bytes;
        return 0;
}

static int write_at(int fd, const void *data, size_t size, int64_t offset) {
        const char *at = data;

        while (size > 0) {
                ssize_t n = pwrite(fd, at, size, offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                at += n;
                offset += n;
                size -= (size_t) n;
        }
        return 0;
}

/* Holes stay holes: libarchive gives the pieces of a sparse file with their offsets. */
static int write_content(Unpacker *unpacker, Entry *entry, int fd, Fault *fault) {
        int64_t offset, end = 0, size = archive_entry_size(entry->archive);
        const void *data;
        ssize_t n;
        int r;

        while ((n = tar_data(unpacker->tar, &data, &offset, fault)) > 0) {
                r = unpack_spend(unpacker, (uint64_t) n, fault);
                if (r < 0)
                        return r;
                r = write_at(fd, data, (size_t) n, offset);
                if (r < 0)
                        return cannot("write it", -r, fault);
                end = offset + n;
        }
        if (n < 0)
                return (int) n;
        if (size > end && ftruncate(fd, size) < 0)
                return cannot("write it", errno, fault);
        return 0;
}

static int make_file(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault) {
        int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, r;
        mode_t mode = entry->attributes.mode & 0777;
        autofd int fd = openat(dir_fd, name, flags, mode);

        if (fd < 0 && errno == EEXIST) {
                r = unpack_clear(unpacker, dir_fd, name, fault);
                if (r < 0)
                        return r;
                fd = openat(dir_fd, name, flags, mode);
        }
        if (fd < 0)
                return cannot("create it", errno, fault);

        tar_split_file(unpacker->tar, entry->archive, entry->path, fd);
        r = write_content(unpacker, entry, fd, fault);
        if (r < 0)
                return r;
        r = attributes_apply_fd(&entry->attributes, fd);
        if (r < 0)
                return cannot("set its owner, mode or time", -r, fault);

        /* Last, because changing the owner takes file capabilities away. */
        if (xattrs_are_wanted(entry->archive, &unpacker->result.attributes))
                return xattrs_apply(entry->archive, fd, fault);
        return 0;
}

static int make_directory(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault) {
        struct stat st;
        int r;

        if (mkdirat(dir_fd, name, 0700) < 0) {
                if (errno != EEXIST)
                        return cannot("create it", errno, fault);
                if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        return cannot("look at what is in its place", errno, fault);
                if (!S_ISDIR(st.st_mode)) {
                        r = unpack_clear(unpacker, dir_fd, name, fault);
                        if (r < 0)
                                return r;
                        if (mkdirat(dir_fd, name, 0700) < 0)
                                return cannot("create it", errno, fault);
                }
        }

        if (xattrs_are_wanted(entry->archive, &unpacker->result.attributes)) {
                autofd int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

                if (fd < 0)
                        return cannot("open it", errno, fault);
                r = xattrs_apply(entry->archive, fd, fault);
                if (r < 0)
                        return r;
        }
        return late_add(unpacker, LATE_DIRECTORY, entry->path, &(Late){ entry->attributes }, fault);
}

static int make_symlink(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault) {
        const char *target = archive_entry_symlink(entry->archive);
        int r;

        if (!target || !*target)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "it is a link to nothing");
        if (symlinkat(target, dir_fd, name) < 0) {
                if (errno != EEXIST)
                        return cannot("create it", errno, fault);
                r = unpack_clear(unpacker, dir_fd, name, fault);
                if (r < 0)
                        return r;
                if (symlinkat(target, dir_fd, name) < 0)
                        return cannot("create it", errno, fault);
        }

        r = attributes_apply_at(&entry->attributes, dir_fd, name);
        return r < 0 ? cannot("set its owner or time", -r, fault) : 0;
}

static int make_special(
                Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, dev_t device, Fault *fault) {
        mode_t mode = entry->attributes.mode & (S_IFMT | 0777);
        int r;

        if (mknodat(dir_fd, name, mode, device) < 0) {
                if (errno != EEXIST)
                        return cannot("create it", errno, fault);
                r = unpack_clear(unpacker, dir_fd, name, fault);
                if (r < 0)
                        return r;
                if (mknodat(dir_fd, name, mode, device) < 0)
                        return cannot("create it", errno, fault);
        }

        r = attributes_apply_at(&entry->attributes, dir_fd, name);
        return r < 0 ? cannot("set its owner, mode or time", -r, fault) : 0;
}

static int make_fifo(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault) {
        return make_special(unpacker, entry, dir_fd, name, 0, fault);
}

/*
 * A container gets its /dev from us, so nodes are for chroots within it. Those that any process may have are
 * made; a disk, say, is left out, whatever would keep the container from opening it.
 */
static int make_device(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault) {
        static const struct {
                unsigned major, minor;
        } harmless[] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 } };
        dev_t major_ = archive_entry_rdevmajor(entry->archive),
              minor_ = archive_entry_rdevminor(entry->archive);

        if (S_ISCHR(entry->attributes.mode)) {
                for (size_t i = 0; i < ELEMENTS(harmless); i++)
                        if (major_ == harmless[i].major && minor_ == harmless[i].minor)
                                return make_special(unpacker, entry, dir_fd, name,
                                                makedev(harmless[i].major, harmless[i].minor), fault);

                /* Somebody archived an overlay as it lay on the disk. */
                if (major_ == 0 && minor_ == 0)
                        return late_add(unpacker, LATE_WHITEOUT, entry->path, NULL, fault);
        }
        unpacker->result.devices++;
        return 0;
}

static int make_root(Unpacker *unpacker, Entry *entry, Fault *fault) {
        int r;

        if (archive_entry_hardlink(entry->archive) || !S_ISDIR(entry->attributes.mode))
                return fault_raise(fault, FAULT_HOSTILE, EPERM, "the root of a layer must be a directory");
        if (xattrs_are_wanted(entry->archive, &unpacker->result.attributes)) {
                r = xattrs_apply(entry->archive, unpacker->root_fd, fault);
                if (r < 0)
                        return r;
        }
        return late_add(unpacker, LATE_DIRECTORY, "", &(Late){ entry->attributes }, fault);
}

int unpack_node(Unpacker *unpacker, Entry *entry, Fault *fault) {
        static const struct {
                mode_t type;
                int (*make)(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault);
        } makers[] = {
                { S_IFREG, make_file },
                { S_IFDIR, make_directory },
                { S_IFLNK, make_symlink },
                { S_IFIFO, make_fifo },
                { S_IFCHR, make_device },
                { S_IFBLK, make_device },
        };
        char path[PATH_MAX], *name;
        const char *parent;
        int dir_fd;

        if (*entry->path == '\0')
                return make_root(unpacker, entry, fault);

        (void) stpcpy(path, entry->path);
        parent = tree_split(path, &name);
        dir_fd = unpack_parent(unpacker, parent, &entry->attributes.mtime, fault);
        if (dir_fd < 0)
                return dir_fd;

        if (archive_entry_hardlink(entry->archive))
                return unpack_hard_link(unpacker, entry, dir_fd, name, fault);
        for (size_t i = 0; i < ELEMENTS(makers); i++)
                if ((entry->attributes.mode & S_IFMT) == makers[i].type)
                        return makers[i].make(unpacker, entry, dir_fd, name, fault);
        return 0; /* a socket, which is nothing without the process that made it */
}
