/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#include "image/expect.h"
#include "image/layer-tree.h"
#include "image/reassemble.h"
#include "lib/cleanup.h"

#define DEPTH_LIMIT 2048
#define XATTRS_MAX 65536

typedef struct Verify {
        Expectations expectations;
        int root_fd;
        VerifyReport *report;
        void *data;
        Stream *archive;
        Tar *tar;
        ReassembledFile file; /* the next one */
        bool has_file;
        size_t n_found;
} Verify;

static void tell(Verify *verify, const char *path, const char *what) {
        verify->n_found++;
        verify->report(verify->data, path, what);
}

static void on_damage(void *data, const char *path, const char *what) {
        tell(data, path, what);
}

/* --- the archive --- */

/* Whether the content that begins here is the file's, so that comparing would be comparing with itself. */
static bool is_reference(Verify *verify, int64_t at) {
        while (verify->has_file && verify->file.at < (uint64_t) at)
                verify->has_file = reassemble_next_file(verify->archive, &verify->file) > 0;
        return verify->has_file && verify->file.at == (uint64_t) at;
}

static int open_file(const Verify *verify, const char *path) {
        char copy[PATH_MAX], *name;
        const char *parent;
        autofd int dir_fd = -1;
        int fd;

        (void) stpcpy(copy, path);
        parent = tree_split(copy, &name);
        dir_fd = tree_open(verify->root_fd, parent, O_PATH, false);
        if (dir_fd < 0)
                return dir_fd;
        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static bool has_bytes(int fd, const char *data, size_t size, int64_t offset) {
        char buffer[65536];

        while (size > 0) {
                ssize_t n = pread(fd, buffer, size < sizeof(buffer) ? size : sizeof(buffer), offset);

                if (n <= 0 || memcmp(buffer, data, (size_t) n) != 0)
                        return false;
                data += n;
                offset += n;
                size -= (size_t) n;
        }
        return true;
}

/* A sparse file, or one that is replaced later; what is between the pieces is not looked at. */
static int compare_content(Verify *verify, Expected *expected, Fault *fault) {
        autofd int fd = open_file(verify, expected->path);
        const void *data;
        int64_t offset;
        ssize_t n;

        while ((n = tar_data(verify->tar, &data, &offset, fault)) > 0)
                if (fd < 0 || !has_bytes(fd, data, (size_t) n, offset))
                        expected->is_wrong = true;
        return (int) n;
}

static int read_archive(Verify *verify, Fault *fault) {
        struct archive_entry *entry;
        int r;

        verify->has_file = reassemble_next_file(verify->archive, &verify->file) > 0;
        while ((r = tar_next(verify->tar, &entry, fault)) > 0) {
                Expected *expected;

                r = expect_entry(&verify->expectations, entry, &expected);
                if (r < 0)
                        return r;
                if (expected && expected->size > 0 && !is_reference(verify, tar_content(verify->tar)))
                        r = compare_content(verify, expected, fault);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : tar_drain(verify->tar, fault);
}

/* --- the directory --- */

static const char *kind_of(const struct stat *st) {
        static const struct {
                mode_t type;
                const char *word;
        } kinds[] = {
                { S_IFREG, "a file" },
                { S_IFDIR, "a directory" },
                { S_IFLNK, "a link" },
                { S_IFIFO, "a FIFO" },
                { S_IFSOCK, "a socket" },
                { S_IFBLK, "a device" },
        };

        if (tree_is_whiteout(st))
                return "a whiteout";
        for (size_t i = 0; i < ELEMENTS(kinds); i++)
                if ((st->st_mode & S_IFMT) == kinds[i].type)
                        return kinds[i].word;
        return "a device";
}

/* Not all file systems have all times. */
static bool is_time(const struct timespec *seen, const struct timespec *wanted) {
        if (wanted->tv_sec < INT32_MIN || wanted->tv_sec > INT32_MAX)
                return true;
        return seen->tv_sec == wanted->tv_sec && (seen->tv_nsec == wanted->tv_nsec || seen->tv_nsec == 0);
}

static void compare_attributes(Verify *verify, const Expected *expected, const struct stat *st) {
        const Attributes *wanted = &expected->attributes;
        char what[120];

        if (!S_ISLNK(st->st_mode) && (st->st_mode & 07777) != (wanted->mode & 07777) &&
                        !expected->any_mode) {
                (void) snprintf(what, sizeof(what), "has the mode %04o and not %04o", st->st_mode & 07777,
                                wanted->mode & 07777);
                tell(verify, expected->path, what);
        }
        if (st->st_uid != wanted->uid || st->st_gid != wanted->gid) {
                (void) snprintf(what, sizeof(what), "belongs to %u:%u and not to %u:%u", st->st_uid,
                                st->st_gid, wanted->uid, wanted->gid);
                tell(verify, expected->path, what);
        }
        if (!is_time(&st->st_mtim, &wanted->mtime))
                tell(verify, expected->path, "has another time");
        if (S_ISREG(st->st_mode) && st->st_size != expected->size) {
                (void) snprintf(what, sizeof(what), "has %jd bytes and not %jd", (intmax_t) st->st_size,
                                (intmax_t) expected->size);
                tell(verify, expected->path, what);
        } else if (expected->is_wrong)
                tell(verify, expected->path, "has been changed");
        if (S_ISCHR(st->st_mode) && st->st_rdev != expected->device)
                tell(verify, expected->path, "is another device");
}

static void compare_links(Verify *verify, const Expected *expected, const struct stat *st, int dir_fd,
                const char *name) {
        char target[PATH_MAX];
        const Expected *other;
        autofd int fd = -1;
        struct stat its;
        ssize_t n;

        if (S_ISLNK(st->st_mode)) {
                n = readlinkat(dir_fd, name, target, sizeof(target) - 1);
                target[n < 0 ? 0 : n] = '\0';
                if (strcmp(target, expected->target ?: "") != 0)
                        tell(verify, expected->path, "leads elsewhere");
        }
        other = expected->link ? expect_find(&verify->expectations, expected->link) : NULL;
        if (!other || other->turn != expected->link_turn || !S_ISREG(st->st_mode))
                return;
        fd = open_file(verify, other->path);
        if (fd < 0 || fstat(fd, &its) < 0 || its.st_ino != st->st_ino)
                tell(verify, expected->path, "is not the same file as its other name");
}

static const ExpectedXattr *find_xattr(const Expected *expected, const char *name) {
        const ExpectedXattr *found = NULL;

        /* The last one, if the archive has an entry twice. */
        for (size_t i = 0; i < expected->n_xattrs; i++)
                if (strcmp(expected->xattrs[i].name, name) == 0)
                        found = &expected->xattrs[i];
        return found;
}

static bool has_value(const char *file, const ExpectedXattr *wanted) {
        autofree char *value = malloc(XATTRS_MAX);
        ssize_t n = value ? lgetxattr(file, wanted->name, value, XATTRS_MAX) : -1;

        return n >= 0 && (size_t) n == wanted->size && memcmp(value, wanted->value, wanted->size) == 0;
}

/* Labels are the host's. What overlayfs reads is ours, and must not be more than we have set. */
static void compare_xattr(Verify *verify, const Expected *expected, const char *name, bool *opaque) {
        char what[160];

        if (strcmp(name, "trusted.overlay.opaque") == 0)
                *opaque = true;
        else if ((strncmp(name, "trusted.overlay.", strlen("trusted.overlay.")) == 0) ||
                        (!expected->any_xattrs && !find_xattr(expected, name) &&
                                        strncmp(name, "security.selinux", strlen("security.selinux")) != 0 &&
                                        strncmp(name, "trusted.", strlen("trusted.")) != 0 &&
                                        strncmp(name, "security.ima", strlen("security.ima")) != 0)) {
                (void) snprintf(what, sizeof(what), "has the attribute %.100s, which nobody gave it", name);
                tell(verify, expected->path, what);
        }
}

static void compare_xattrs(Verify *verify, const Expected *expected, int dir_fd, const char *name) {
        char file[64 + NAME_MAX], names[4096], what[160];
        bool opaque = false;
        ssize_t n;

        (void) snprintf(file, sizeof(file), "/proc/self/fd/%d/%s", dir_fd, name);
        n = llistxattr(file, names, sizeof(names));
        for (const char *at = names; n > 0 && at < names + n; at += strlen(at) + 1)
                compare_xattr(verify, expected, at, &opaque);
        if (opaque != expected->opaque)
                tell(verify, expected->path,
                                opaque ? "hides what is below it, and should not"
                                       : "does not hide what is below it, and should");
        for (size_t i = 0; i < expected->n_xattrs; i++) {
                const ExpectedXattr *wanted = &expected->xattrs[i];

                if (find_xattr(expected, wanted->name) != wanted ||
                                strncmp(wanted->name, "system.", strlen("system.")) == 0 ||
                                has_value(file, wanted))
                        continue;
                (void) snprintf(what, sizeof(what), "has not the attribute %.100s as it was", wanted->name);
                tell(verify, expected->path, what);
        }
}

static void compare_node(
                Verify *verify, const char *path, const struct stat *st, int dir_fd, const char *name) {
        Expected *expected = expect_find(&verify->expectations, path);
        char what[100];

        if (!expected) {
                (void) snprintf(what, sizeof(what), "is %s that was not in the archive", kind_of(st));
                tell(verify, path, what);
                return;
        }
        expected->seen = true;
        if (expected->is_whiteout) {
                if (!tree_is_whiteout(st))
                        tell(verify, path, "is no whiteout any more");
                return;
        }
        if ((expected->attributes.mode & S_IFMT) != (st->st_mode & S_IFMT)) {
                const struct stat wanted = { .st_mode = expected->attributes.mode,
                        .st_rdev = expected->device };

                (void) snprintf(what, sizeof(what), "is %s and not %s", kind_of(st), kind_of(&wanted));
                tell(verify, path, what);
                return;
        }
        compare_attributes(verify, expected, st);
        compare_links(verify, expected, st, dir_fd, name);
        compare_xattrs(verify, expected, dir_fd, name);
}

/* @path is changed while this goes on. Takes @fd. */
static int walk(Verify *verify, int fd, char path[PATH_MAX], size_t used, unsigned depth) {
        autoclosedir DIR *dir = fdopendir(fd);
        struct dirent *entry;
        int r = 0;

        if (!dir) {
                (void) close(fd);
                return -errno;
        }
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                size_t n = strlen(entry->d_name), start = used + (used > 0);
                struct stat st;
                int below;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (start + n + 1 > PATH_MAX || depth > DEPTH_LIMIT)
                        return -ENAMETOOLONG;
                if (used > 0)
                        path[used] = '/';
                memcpy(path + start, entry->d_name, n + 1);
                if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        return -errno;
                compare_node(verify, path, &st, dirfd(dir), entry->d_name);
                if (!S_ISDIR(st.st_mode))
                        continue;
                below = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                r = below < 0 ? -errno : walk(verify, below, path, start + n, depth + 1);
        }
        return r < 0 ? r : -errno;
}

static void on_missing(void *data, const char *path) {
        tell(data, path, "is missing");
}

static int compare_tree(Verify *verify) {
        int fd = openat(verify->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
        char path[PATH_MAX] = "";
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        compare_node(verify, "", &st, fd, ".");
        r = walk(verify, fd, path, 0, 0);
        if (r >= 0)
                expect_missing(&verify->expectations, on_missing, verify);
        return r;
}

/* --- all of it --- */

/* What the archive says is worth nothing if it is not the layer's: then only that is told. */
static int verify_all(Verify *verify, Passed *passed, const Digest *diff_id, Fault *fault) {
        AUTO(tar_names_end) __attribute__((unused)) locale_t before = tar_names_begin();
        Digest digest;
        size_t found;
        int r;

        r = read_archive(verify, fault);
        if (r == -EBADMSG) {
                tell(verify, "", fault ? fault->text : "cannot be read as an archive");
                fault_clear(fault);
                return 0;
        }
        if (r < 0 || (r = hash_finish(passed->hash, &digest)) < 0 ||
                        (r = expect_end(&verify->expectations)) < 0)
                return r;
        found = verify->n_found;
        r = compare_tree(verify);
        if (r >= 0 && !digest_equal(&digest, diff_id) && found == 0)
                tell(verify, "", "makes another archive than the one that it was unpacked from");
        return r;
}

int layer_verify(int layer_fd, const Digest *diff_id, const int *below, size_t n_below, VerifyReport *report,
                void *data, Fault *fault) {
        autofd int root_fd = openat(layer_fd, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        Verify verify = { .root_fd = root_fd, .report = report, .data = data };
        AUTO(hash_freep) Hash *hash = hash_new();
        Passed passed = { .hash = hash };
        autostream Stream *stream = NULL;
        autotar Tar *tar = NULL;
        int r;

        if (root_fd < 0 || !hash)
                return root_fd < 0 ? -errno : -ENOMEM;
        r = reassemble_open(layer_fd, &stream, NULL, fault);
        if (r < 0)
                return r;
        verify.archive = stream;
        reassemble_on_damage(stream, on_damage, &verify);
        stream = stream_new_tap(TAKE(stream), &passed, UINT64_MAX, "the archive");
        if (!stream)
                return -ENOMEM;
        r = tar_open_stream(stream, &tar, fault);
        if (r >= 0)
                r = expect_begin(&verify.expectations, below, n_below);
        verify.tar = tar;
        if (r >= 0)
                r = verify_all(&verify, &passed, diff_id, fault);
        expectations_done(&verify.expectations);
        return r;
}
