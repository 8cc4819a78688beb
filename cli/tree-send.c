/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/tree-send.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "image/attributes.h"
#include "image/tar.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"

enum { BUFFER_SIZE = 256 * 1024, XATTR_MAX = 64 * 1024, DEPTH_MAX = 2000 };

/* Where a file with several names was first seen. */
typedef struct Linked {
        uint64_t dev, ino;
        char *path;
} Linked;

typedef struct Sender {
        struct archive *archive;
        const TreeSend *send;
        char *buffer;
        void *linked; /* of tsearch(3) */
        uint64_t mount;
        unsigned left_out, depth;
        int out_fd;
        int error; /* of writing */
        Fault *fault;
} Sender;

/* A file that is held: what it is does not change any more. */
typedef struct Held {
        int fd; /* O_PATH */
        const char *path;
        struct statx stx;
} Held;

static la_ssize_t on_write(struct archive *archive, void *data, const void *buffer, size_t size) {
        Sender *sender = data;
        int r = io_write_all(sender->out_fd, buffer, size);

        if (r >= 0)
                return (la_ssize_t) size;
        sender->error = r;
        archive_set_error(archive, -r, "%s", strerror(-r));
        return ARCHIVE_FATAL;
}

static int failed(Sender *sender, const char *path) {
        int error = sender->error < 0 ? -sender->error : archive_errno(sender->archive) ?: EIO;

        if (error == EPIPE)
                return -EPIPE;
        return fault_raise(sender->fault, FAULT_SYSTEM, error,
                        "cannot write '%.200s' to the archive: %.200s", path,
                        archive_error_string(sender->archive) ?: strerror(error));
}

static void leave_out(Sender *sender, const char *path, const char *why) {
        sender->left_out++;
        report_note(REPORT_WARNING, "'%.500s' is left out: %s", path, why);
}

static int compare_linked(const void *a, const void *b) {
        const Linked *x = a, *y = b;

        if (x->dev != y->dev)
                return x->dev < y->dev ? -1 : 1;
        return (x->ino > y->ino) - (x->ino < y->ino);
}

static void free_linked(void *item) {
        free(((Linked *) item)->path);
        free(item);
}

/* Return: 1 with the first name of a file that was sent already, 0 when this is it, -ENOMEM. */
static int find_linked(Sender *sender, const Held *held, const char **ret) {
        Linked *item = calloc(1, sizeof(*item)), **found;

        if (!item)
                return -ENOMEM;
        item->dev = makedev(held->stx.stx_dev_major, held->stx.stx_dev_minor);
        item->ino = held->stx.stx_ino;
        item->path = strdup(held->path);
        found = item->path ? tsearch(item, &sender->linked, compare_linked) : NULL;
        if (found && *found == item)
                return 0;
        free_linked(item);
        if (!found)
                return -ENOMEM;
        *ret = (*found)->path;
        return 1;
}

static int look(int fd, const char *path, Held *ret) {
        *ret = (Held){ .fd = fd, .path = path };
        return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &ret->stx) < 0 ? -errno : 0;
}

/* Only called for what is known to be a regular file or a directory: opening others can have effects. */
static int reopen(const Held *held) {
        char link[32];

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", held->fd);
        return open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* --- one file --- */

static void add_xattrs(int fd, struct archive_entry *entry) {
        autofree char *names = malloc(XATTR_MAX), *value = malloc(XATTR_MAX);
        ssize_t n = names && value ? flistxattr(fd, names, XATTR_MAX) : 0;

        for (const char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
                ssize_t size = fgetxattr(fd, name, value, XATTR_MAX);

                if (size >= 0 && xattr_is_kept(name, value, (size_t) size))
                        archive_entry_xattr_add_entry(entry, name, value, (size_t) size);
        }
}

/* Tells the archive where data is, if there are holes. */
static void add_holes(int fd, const Held *held, struct archive_entry *entry) {
        off_t size = (off_t) held->stx.stx_size, data = 0, hole;

        if (held->stx.stx_blocks * 512 >= held->stx.stx_size)
                return;
        while (data < size) {
                data = lseek(fd, data, SEEK_DATA);
                if (data < 0 || data >= size)
                        break;
                hole = lseek(fd, data, SEEK_HOLE);
                if (hole < 0 || hole > size)
                        hole = size;
                archive_entry_sparse_add_entry(entry, data, hole - data);
                data = hole;
        }
        /* Nothing but a hole, its end is told by an empty piece. */
        if (archive_entry_sparse_count(entry) == 0)
                archive_entry_sparse_add_entry(entry, size, 0);
}

static int write_bytes(Sender *sender, const Held *held, const void *data, size_t size) {
        return archive_write_data(sender->archive, data, size) < 0 ? failed(sender, held->path) : 0;
}

/* The archive has been promised a size: what has become of the file since then is cut, or made up with
 * zeros. */
static int send_content(Sender *sender, const Held *held, int fd) {
        uint64_t left = held->stx.stx_size;
        off_t at = 0;
        int r = 0;

        while (r >= 0 && left > 0) {
                size_t want = left < BUFFER_SIZE ? (size_t) left : BUFFER_SIZE;
                off_t data = lseek(fd, at, SEEK_DATA);
                ssize_t n;

                /* Holes are not read, only counted. */
                if (data < 0 && errno == ENXIO)
                        data = at + (off_t) left;
                if (data > at) {
                        uint64_t gap = (uint64_t) (data - at);

                        n = (ssize_t) (gap < want ? gap : want);
                        memset(sender->buffer, 0, (size_t) n);
                } else
                        n = pread(fd, sender->buffer, want, at);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fault_raise(sender->fault, FAULT_SYSTEM, errno, "cannot read '%.200s': %s",
                                        held->path, strerror(errno));
                if (n == 0) {
                        n = (ssize_t) want;
                        memset(sender->buffer, 0, want);
                }
                r = write_bytes(sender, held, sender->buffer, (size_t) n);
                at += n;
                left -= (uint64_t) n;
        }
        return r;
}

static void fill_entry(struct archive_entry *entry, const Held *held) {
        const struct statx *stx = &held->stx;

        archive_entry_set_pathname(entry, held->path);
        archive_entry_set_mode(entry, stx->stx_mode);
        archive_entry_set_uid(entry, stx->stx_uid);
        archive_entry_set_gid(entry, stx->stx_gid);
        archive_entry_set_mtime(entry, stx->stx_mtime.tv_sec, stx->stx_mtime.tv_nsec);
        archive_entry_set_nlink(entry, stx->stx_nlink);
        archive_entry_set_size(entry, 0);
        if (S_ISCHR(stx->stx_mode) || S_ISBLK(stx->stx_mode))
                archive_entry_set_rdev(entry, makedev(stx->stx_rdev_major, stx->stx_rdev_minor));
}

static int send_header(Sender *sender, struct archive_entry *entry, const Held *held) {
        int r = archive_write_header(sender->archive, entry);

        /* A warning is about names that are not UTF-8, and they are written as the bytes that they are. */
        return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 0 : failed(sender, held->path);
}

static int send_regular(Sender *sender, struct archive_entry *entry, const Held *held) {
        const char *first = NULL;
        autofd int fd = reopen(held);
        int r;

        if (fd < 0) {
                leave_out(sender, held->path, strerror(errno));
                return 0;
        }
        r = held->stx.stx_nlink > 1 ? find_linked(sender, held, &first) : 0;
        if (r < 0)
                return r;
        if (r > 0) {
                archive_entry_set_hardlink(entry, first);
                return send_header(sender, entry, held);
        }
        archive_entry_set_size(entry, (la_int64_t) held->stx.stx_size);
        add_xattrs(fd, entry);
        add_holes(fd, held, entry);
        r = send_header(sender, entry, held);
        return r < 0 ? r : send_content(sender, held, fd);
}

static int send_link(Sender *sender, struct archive_entry *entry, const Held *held) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(held->fd, "", target, sizeof(target) - 1);

        if (n < 0) {
                leave_out(sender, held->path, strerror(errno));
                return 0;
        }
        target[n] = '\0';
        archive_entry_set_symlink(entry, target);
        return send_header(sender, entry, held);
}

/* --- trees
 * ---------------------------------------------------------------------------------------------------------
 */

static int send_held(Sender *sender, const Held *held);

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Sorted, so that the same tree gives the same archive. */
static int read_names(int fd, char ***ret) {
        autoclosedir DIR *directory = NULL;
        struct dirent *entry;
        int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

        directory = copy < 0 ? NULL : fdopendir(copy);
        if (!directory)
                return -errno;
        while (r >= 0 && (errno = 0, entry = readdir(directory)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        r = strv_append(ret, entry->d_name);
        if (r >= 0 && errno != 0)
                r = -errno;
        if (r >= 0 && *ret)
                qsort(*ret, strv_length(*ret), sizeof(char *), compare_names);
        return r;
}

/* A file that is gone by now was never there. */
static int send_child(Sender *sender, const Held *parent, const char *name) {
        autofd int fd = openat(parent->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        int r = fd < 0 ? -errno : 0;
        autofree char *path = NULL;
        Held held;

        if (strcmp(parent->path, ".") == 0)
                path = strdup(name);
        else if (asprintf(&path, "%s/%s", parent->path, name) < 0)
                path = NULL;
        if (!path)
                return -ENOMEM;
        if (r >= 0)
                r = look(fd, path, &held);
        if (r >= 0)
                return send_held(sender, &held);
        if (r != -ENOENT)
                leave_out(sender, path, strerror(-r));
        return 0;
}

static int send_children(Sender *sender, const Held *held) {
        autostrv char **names = NULL;
        int r;

        if (sender->depth >= DEPTH_MAX)
                return fault_raise(sender->fault, FAULT_HOSTILE, ELOOP, "'%.200s…' is too deep", held->path);
        r = read_names(held->fd, &names);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                leave_out(sender, held->path, strerror(-r));
                return 0;
        }
        sender->depth++;
        for (char **name = names; r >= 0 && name && *name; name++)
                r = send_child(sender, held, *name);
        sender->depth--;
        return r;
}

static int send_directory(Sender *sender, struct archive_entry *entry, const Held *held) {
        autofd int fd = openat(held->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (fd >= 0)
                add_xattrs(fd, entry);
        r = send_header(sender, entry, held);
        return r < 0 ? r : send_children(sender, held);
}

/* The place of a mount, without what is there only while the container runs. */
static int send_place(Sender *sender, struct archive_entry *entry, const Held *held) {
        bool is_directory = S_ISDIR(held->stx.stx_mode);

        archive_entry_set_mode(entry, is_directory ? S_IFDIR | 0755 : S_IFREG | 0644);
        archive_entry_set_uid(entry, 0);
        archive_entry_set_gid(entry, 0);
        archive_entry_set_nlink(entry, 1);
        return send_header(sender, entry, held);
}

static int send_entry(Sender *sender, struct archive_entry *entry, const Held *held) {
        mode_t mode = held->stx.stx_mode;

        if (sender->send->one_mount && held->stx.stx_mnt_id != sender->mount)
                return send_place(sender, entry, held);
        switch (mode & S_IFMT) {
        case S_IFREG:
                return send_regular(sender, entry, held);
        case S_IFDIR:
                return send_directory(sender, entry, held);
        case S_IFLNK:
                return send_link(sender, entry, held);
        case S_IFIFO:
        case S_IFCHR:
        case S_IFBLK:
                return send_header(sender, entry, held);
        default:
                leave_out(sender, held->path, "a socket is nothing without who listens");
                return 0;
        }
}

static int send_held(Sender *sender, const Held *held) {
        struct archive_entry *entry = archive_entry_new();
        int r;

        if (!entry)
                return -ENOMEM;
        fill_entry(entry, held);
        r = send_entry(sender, entry, held);
        archive_entry_free(entry);
        return r;
}

static int send_top(Sender *sender) {
        Held held;
        int r = look(sender->send->top_fd, sender->send->as, &held);

        if (r < 0)
                return r;
        sender->mount = held.stx.stx_mnt_id;
        r = send_held(sender, &held);
        if (r >= 0 && archive_write_close(sender->archive) != ARCHIVE_OK)
                r = failed(sender, sender->send->as);
        return r;
}

int tree_send(const TreeSend *send, int out_fd, unsigned *ret_left_out, Fault *fault) {
        AUTO(tar_names_end) locale_t before __attribute__((unused)) = tar_names_begin();
        autofree char *buffer = malloc(BUFFER_SIZE);
        Sender sender = { .send = send, .buffer = buffer, .out_fd = out_fd, .fault = fault };
        int r = -ENOMEM;

        sender.archive = buffer ? archive_write_new() : NULL;
        if (sender.archive && archive_write_set_format_pax(sender.archive) == ARCHIVE_OK &&
                        archive_write_set_bytes_per_block(sender.archive, BUFFER_SIZE) == ARCHIVE_OK &&
                        archive_write_set_bytes_in_last_block(sender.archive, 10240) == ARCHIVE_OK &&
                        archive_write_open(sender.archive, &sender, NULL, on_write, NULL) == ARCHIVE_OK)
                r = send_top(&sender);
        if (r < 0)
                (void) archive_write_fail(sender.archive);
        (void) archive_write_free(sender.archive);
        tdestroy(sender.linked, free_linked);
        *ret_left_out = sender.left_out;
        return r;
}
