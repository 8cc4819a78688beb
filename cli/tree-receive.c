/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/tree-receive.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "image/attributes.h"
#include "image/tar.h"
#include "lib/cleanup.h"
#include "lib/report.h"
#include "lib/strv.h"

/* A directory whose attributes come last: while it is filled, its times change. */
typedef struct Late {
        char *path;
        Attributes attributes;
} Late;

typedef struct Receiver {
        const TreeReceive *receive;
        Tar *tar;
        char *parent; /* path of the directory that is open, NULL for none */
        int parent_fd;
        Late *late;
        size_t n_late, room;
        unsigned left_out, drafts;
        Fault *fault;
} Receiver;

/* What is to be made. */
typedef struct Item {
        struct archive_entry *entry;
        const char *path; /* below the base, clean */
        const char *name; /* its last component */
        int dir_fd;
        Attributes attributes;
} Item;

static int cannot(const Receiver *receiver, const char *path, int error) {
        return fault_raise(receiver->fault, FAULT_SYSTEM, error, "cannot write '%s%.250s': %s%s",
                        receiver->receive->place, path, strerror(error),
                        error != EROFS               ? ""
                        : receiver->receive->is_root ? "; what is mounted there, or the whole container "
                                                       "(ReadOnly=yes), is read-only"
                                                     : "");
}

/* --- paths
 * ---------------------------------------------------------------------------------------------------------
 */

/* "./a//b/" as "a/b"; what leads upwards is refused. An empty result is the base itself. */
static int clean_path(const char *path, char **ret) {
        char *clean = malloc(strlen(path) + 1), *to = clean;

        if (!clean)
                return -ENOMEM;
        while (*path) {
                size_t n = strcspn(path, "/");

                if (n == 2 && strncmp(path, "..", 2) == 0) {
                        free(clean);
                        return -EXDEV;
                }
                if (n > 0 && !(n == 1 && *path == '.')) {
                        if (to > clean)
                                *to++ = '/';
                        memcpy(to, path, n);
                        to += n;
                }
                path += n;
                path += strspn(path, "/");
        }
        *to = '\0';
        *ret = clean;
        return 0;
}

static int open_below(const Receiver *receiver, int dir_fd, const char *path, int *ret) {
        struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC };
        long fd;

        how.resolve = receiver->receive->follows_links
                                      ? RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
                                      : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        do
                fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
        while (fd < 0 && errno == EAGAIN);
        if (fd < 0)
                return -errno;
        *ret = (int) fd;
        return 0;
}

static int open_parent(Receiver *receiver, const char *path);

/* An archive need not have entries for all directories. */
static int make_parent(Receiver *receiver, const char *path) {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        autofree char *above = strndup(path, slash ? (size_t) (slash - path) : 0);
        int r;

        if (!above)
                return -ENOMEM;
        r = open_parent(receiver, above);
        if (r < 0)
                return r;
        if (mkdirat(receiver->parent_fd, name, 0755) < 0)
                return errno == EEXIST ? -ENOTDIR : -errno;
        if (fchownat(receiver->parent_fd, name, receiver->receive->uid, receiver->receive->gid,
                            AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

/* Opens the directory @path, which is clean, and keeps it: most files have the same parent as the one
 * before. */
static int open_parent(Receiver *receiver, const char *path) {
        autofree char *whole = NULL, *copy = NULL;
        int fd = -1, r;

        if (receiver->parent && strcmp(receiver->parent, path) == 0)
                return 0;
        copy = strdup(path);
        if (!copy || asprintf(&whole, "%s/%s", receiver->receive->base, path) < 0)
                return -ENOMEM;

        r = open_below(receiver, receiver->receive->root_fd, *path ? whole : receiver->receive->base, &fd);
        if (r == -ENOENT && *path) {
                r = make_parent(receiver, path);
                if (r >= 0)
                        r = open_below(receiver, receiver->receive->root_fd, whole, &fd);
        }
        if (r < 0)
                return r;
        fd_closep(&receiver->parent_fd);
        receiver->parent_fd = fd;
        free(receiver->parent);
        receiver->parent = TAKE(copy);
        return 0;
}

/* --- making things --- */

/* What the archive says of owners counts if it is to be kept. Programs that become somebody else do so only
 * then. */
static int read_attributes(const Receiver *receiver, Item *item) {
        int r = attributes_from_entry(item->entry, &item->attributes, receiver->fault);

        if (r < 0 || receiver->receive->keeps)
                return r;
        item->attributes.uid = receiver->receive->uid;
        item->attributes.gid = receiver->receive->gid;
        item->attributes.mode &= ~(mode_t) (S_ISUID | S_ISGID);
        return 0;
}

static int set_xattrs(const Receiver *receiver, const Item *item, int fd) {
        const char *name;
        const void *value;
        size_t size;

        (void) archive_entry_xattr_reset(item->entry);
        while (archive_entry_xattr_next(item->entry, &name, &value, &size) == ARCHIVE_OK) {
                if (!name || !xattr_is_kept(name, value, size) ||
                                (!receiver->receive->keeps && strncmp(name, "user.", 5) != 0))
                        continue;
                /* Many a file system has none. */
                if (fsetxattr(fd, name, value, size, 0) < 0 && errno != ENOTSUP)
                        return -errno;
        }
        return 0;
}

/* As attributes_apply_fd(), which takes root for granted that made the file. */
static int set_attributes(const Attributes *attributes, int fd) {
        const struct timespec times[2] = { attributes->mtime, attributes->mtime };

        if (fchown(fd, attributes->uid, attributes->gid) < 0 || fchmod(fd, attributes->mode & 07777) < 0 ||
                        futimens(fd, times) < 0)
                return -errno;
        return 0;
}

static int set_attributes_at(const Attributes *attributes, int dir_fd, const char *name) {
        const struct timespec times[2] = { attributes->mtime, attributes->mtime };

        if (fchownat(dir_fd, name, attributes->uid, attributes->gid, AT_SYMLINK_NOFOLLOW) < 0 ||
                        utimensat(dir_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

static void name_draft(Receiver *receiver, char ret[64]) {
        (void) snprintf(ret, 64, ".slipway-cp.%d.%u~", (int) getpid(), receiver->drafts++);
}

/* A directory makes way for nothing. */
static int put_in_place(const Item *item, const char *draft) {
        struct stat a, b;

        if (renameat(item->dir_fd, draft, item->dir_fd, item->name) < 0)
                return -errno;
        /* Both were names of one file: then the call does nothing. */
        if (fstatat(item->dir_fd, draft, &a, AT_SYMLINK_NOFOLLOW) >= 0 &&
                        fstatat(item->dir_fd, item->name, &b, AT_SYMLINK_NOFOLLOW) >= 0 &&
                        a.st_ino == b.st_ino && a.st_dev == b.st_dev)
                (void) unlinkat(item->dir_fd, draft, 0);
        return 0;
}

static int write_content(Receiver *receiver, const Item *item, int fd) {
        const void *data;
        int64_t offset;
        ssize_t n;

        while ((n = tar_data(receiver->tar, &data, &offset, receiver->fault)) > 0)
                for (ssize_t done = 0; done < n;) {
                        ssize_t k = pwrite(
                                        fd, (const char *) data + done, (size_t) (n - done), offset + done);

                        if (k < 0 && errno == EINTR)
                                continue;
                        if (k < 0)
                                return cannot(receiver, item->path, errno);
                        done += k;
                }
        if (n < 0)
                return (int) n;
        return ftruncate(fd, archive_entry_size(item->entry)) < 0 ? cannot(receiver, item->path, errno) : 0;
}

static int finish_file(Receiver *receiver, const Item *item, int fd) {
        int r = write_content(receiver, item, fd);

        if (r < 0)
                return r;
        r = set_attributes(&item->attributes, fd);
        if (r >= 0)
                r = set_xattrs(receiver, item, fd);
        return r < 0 ? cannot(receiver, item->path, -r) : 0;
}

/* A file that something is mounted on, /etc/hosts for instance, cannot be exchanged: it is written to. */
static int overwrite(Receiver *receiver, const Item *item, int from) {
        autofd int fd = openat(
                        item->dir_fd, item->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        char buffer[65536];
        struct stat st;
        off_t at = 0;
        ssize_t n;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBUSY;
        if (ftruncate(fd, 0) < 0)
                return -errno;
        while ((n = pread(from, buffer, sizeof(buffer), at)) > 0) {
                if (pwrite(fd, buffer, (size_t) n, at) != n)
                        return errno ? -errno : -EIO;
                at += n;
        }
        return n < 0 ? -errno : set_attributes(&item->attributes, fd);
}

static int make_file(Receiver *receiver, const Item *item) {
        char draft[64];
        autofd int fd = -1;
        int r;

        name_draft(receiver, draft);
        fd = openat(item->dir_fd, draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return cannot(receiver, item->path, errno);
        r = finish_file(receiver, item, fd);
        if (r >= 0) {
                r = put_in_place(item, draft);
                if (r == -EBUSY) {
                        (void) unlinkat(item->dir_fd, draft, 0);
                        r = overwrite(receiver, item, fd);
                }
        }
        if (r < 0)
                (void) unlinkat(item->dir_fd, draft, 0);
        return r;
}

static int remember(Receiver *receiver, const Item *item) {
        char *path = strdup(item->path);

        if (path && receiver->n_late == receiver->room) {
                size_t room = receiver->room > 0 ? 2 * receiver->room : 64;
                Late *grown = reallocarray(receiver->late, room, sizeof(*grown));

                if (grown) {
                        receiver->late = grown;
                        receiver->room = room;
                }
        }
        if (!path || receiver->n_late == receiver->room) {
                free(path);
                return -ENOMEM;
        }
        receiver->late[receiver->n_late++] = (Late){ path, item->attributes };
        return 0;
}

static int make_directory(Receiver *receiver, const Item *item) {
        struct stat st;

        if (mkdirat(item->dir_fd, item->name, 0700) >= 0)
                return remember(receiver, item);
        if (errno != EEXIST)
                return -errno;
        if (fstatat(item->dir_fd, item->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        return receiver->receive->keeps ? remember(receiver, item) : 0;
}

static int make_link(Receiver *receiver, const Item *item) {
        const char *target = archive_entry_symlink(item->entry);
        char draft[64];
        int r;

        name_draft(receiver, draft);
        if (!target || symlinkat(target, item->dir_fd, draft) < 0)
                return target ? -errno : -EINVAL;
        r = set_attributes_at(&item->attributes, item->dir_fd, draft);
        if (r >= 0)
                r = put_in_place(item, draft);
        if (r < 0)
                (void) unlinkat(item->dir_fd, draft, 0);
        return r;
}

static int make_fifo(Receiver *receiver, const Item *item) {
        char draft[64];
        int r;

        name_draft(receiver, draft);
        if (mkfifoat(item->dir_fd, draft, item->attributes.mode & 0777) < 0)
                return -errno;
        r = set_attributes_at(&item->attributes, item->dir_fd, draft);
        if (r >= 0)
                r = put_in_place(item, draft);
        if (r < 0)
                (void) unlinkat(item->dir_fd, draft, 0);
        return r;
}

static int make_hard_link(Receiver *receiver, const Item *item) {
        autofree char *target = NULL, *parent = NULL;
        int dir = fcntl(item->dir_fd, F_DUPFD_CLOEXEC, 0), r;
        const char *slash;
        char draft[64];
        autofd int held = dir;

        if (dir < 0)
                return -errno;
        r = clean_path(archive_entry_hardlink(item->entry), &target);
        if (r < 0 || !*target)
                return r < 0 ? r : -EINVAL;
        slash = strrchr(target, '/');
        parent = strndup(target, slash ? (size_t) (slash - target) : 0);
        if (!parent)
                return -ENOMEM;
        r = open_parent(receiver, parent);
        if (r < 0)
                return r;
        name_draft(receiver, draft);
        if (linkat(receiver->parent_fd, slash ? slash + 1 : target, held, draft, 0) < 0)
                return -errno;
        r = put_in_place(&(Item){ .name = item->name, .dir_fd = held }, draft);
        if (r < 0)
                (void) unlinkat(held, draft, 0);
        return r;
}

static int leave_out(Receiver *receiver, const Item *item) {
        receiver->left_out++;
        report_note(REPORT_WARNING, "'%s%.500s' is left out: devices are made by Device= only",
                        receiver->receive->place, item->path);
        return 0;
}

static int make(Receiver *receiver, const Item *item) {
        if (archive_entry_hardlink(item->entry))
                return make_hard_link(receiver, item);
        switch (archive_entry_filetype(item->entry)) {
        case AE_IFREG:
                return make_file(receiver, item);
        case AE_IFDIR:
                return make_directory(receiver, item);
        case AE_IFLNK:
                return make_link(receiver, item);
        case AE_IFIFO:
                return make_fifo(receiver, item);
        default:
                return leave_out(receiver, item);
        }
}

/* "." is the directory that everything goes into. */
static int take_top(Receiver *receiver, struct archive_entry *entry) {
        Item item = { .entry = entry, .path = ".", .name = "." };
        int r;

        if (!receiver->receive->is_whole || archive_entry_filetype(entry) != AE_IFDIR)
                return 0;
        r = read_attributes(receiver, &item);
        return r < 0 ? r : remember(receiver, &item);
}

static int take_entry(Receiver *receiver, struct archive_entry *entry) {
        const char *raw = archive_entry_pathname(entry), *slash;
        autofree char *path = NULL, *parent = NULL;
        Item item = { .entry = entry };
        int r;

        if (!raw || !*raw)
                return fault_raise(receiver->fault, FAULT_HOSTILE, EINVAL,
                                "the archive has an entry without a name");
        r = clean_path(raw, &path);
        if (r == -EXDEV)
                return fault_raise(receiver->fault, FAULT_HOSTILE, -r,
                                "the archive has a name that leads upwards: "
                                "'%.200s'",
                                raw);
        if (r < 0)
                return r;
        if (!*path)
                return take_top(receiver, entry);

        slash = strrchr(path, '/');
        parent = strndup(path, slash ? (size_t) (slash - path) : 0);
        if (!parent)
                return -ENOMEM;
        item.path = path;
        item.name = slash ? slash + 1 : path;
        r = read_attributes(receiver, &item);
        if (r >= 0)
                r = open_parent(receiver, parent);
        item.dir_fd = receiver->parent_fd;
        if (r >= 0)
                r = make(receiver, &item);
        if (r >= 0 || fault_is_raised(receiver->fault))
                return r;
        if (r == -EISDIR || r == -EEXIST)
                return fault_raise(receiver->fault, FAULT_CONFLICT, EISDIR,
                                "'%s%.200s' is a directory, and cannot become something else",
                                receiver->receive->place, path);
        if (r == -ENOTDIR || r == -ELOOP || r == -EXDEV)
                return fault_raise(receiver->fault, FAULT_CONFLICT, ENOTDIR,
                                "'%s%.200s' is to be a directory, or to be in one, and something else is in "
                                "the way",
                                receiver->receive->place, path);
        return cannot(receiver, path, -r);
}

/* The last comes first: a directory before the one that it is in. */
static int set_late(Receiver *receiver) {
        for (size_t i = receiver->n_late; i-- > 0;) {
                const Late *late = &receiver->late[i];
                autofree char *whole = NULL;
                autofd int fd = -1, directory = -1;
                int r;

                if (asprintf(&whole, "%s/%s", receiver->receive->base, late->path) < 0)
                        return -ENOMEM;
                r = open_below(receiver, receiver->receive->root_fd, whole, &fd);
                if (r >= 0) {
                        directory = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                        r = directory < 0 ? -errno : set_attributes(&late->attributes, directory);
                }
                if (r < 0 && r != -ENOENT)
                        return cannot(receiver, late->path, -r);
        }
        return 0;
}

static int receive_all(Receiver *receiver, int in_fd) {
        Stream *stream = stream_new_pipe(in_fd);
        struct archive_entry *entry;
        int r;

        if (!stream)
                return -ENOMEM;
        r = tar_open_stream(stream, &receiver->tar, receiver->fault);
        while (r >= 0 && (r = tar_next(receiver->tar, &entry, receiver->fault)) > 0)
                r = take_entry(receiver, entry);
        if (r >= 0)
                r = tar_drain(receiver->tar, receiver->fault);
        if (r >= 0)
                r = set_late(receiver);
        if (receiver->tar)
                tar_free(receiver->tar);
        stream_free(stream);
        return r;
}

int tree_receive(const TreeReceive *receive, int in_fd, unsigned *ret_left_out, Fault *fault) {
        AUTO(tar_names_end) locale_t before __attribute__((unused)) = tar_names_begin();
        Fault own = {};
        Receiver receiver = { .receive = receive, .parent_fd = -1, .fault = fault ?: &own };
        int r = receive_all(&receiver, in_fd);

        for (size_t i = 0; i < receiver.n_late; i++)
                free(receiver.late[i].path);
        free(receiver.late);
        free(receiver.parent);
        fd_closep(&receiver.parent_fd);
        *ret_left_out = receiver.left_out;
        return r;
}
