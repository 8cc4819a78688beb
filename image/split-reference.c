/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/split-reference.h"

#include <endian.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <search.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "image/split.h"

#define VARINT_MAX 10

static size_t put_varint(unsigned char *to, uint64_t number) {
        size_t n = 0;

        for (; number >= 0x80; number >>= 7)
                to[n++] = (unsigned char) (number | 0x80);
        to[n++] = (unsigned char) number;
        return n;
}

static size_t common(const char *a, const char *b) {
        size_t n = 0;

        while (a[n] && a[n] == b[n])
                n++;
        return n;
}

int references_add(
                References *references, uint64_t literals, uint64_t size, uint64_t crc, const char *path) {
        size_t same = common(references->last, path), rest = strlen(path) - same;
        size_t most = references->size + 4 * VARINT_MAX + rest + sizeof(crc);
        unsigned char *at;

        if (most > references->room) {
                size_t room = most > 2 * references->room ? most + 4096 : 2 * references->room;
                unsigned char *grown = realloc(references->data, room);

                if (!grown)
                        return -ENOMEM;
                references->data = grown;
                references->room = room;
        }
        at = references->data + references->size;
        at += put_varint(at, literals);
        at += put_varint(at, size);
        at += put_varint(at, same);
        at += put_varint(at, rest);
        memcpy(at, path + same, rest);
        crc = htole64(crc);
        memcpy(at + rest, &crc, sizeof(crc));
        references->size = (size_t) (at - references->data) + rest + sizeof(crc);
        references->n++;
        memcpy(references->last + same, path + same, rest + 1);
        return 0;
}

void references_done(References *references) {
        free(references->data);
        *references = (References){};
}

static bool get_varint(ReferenceReader *reader, uint64_t *ret) {
        uint64_t number = 0;

        for (unsigned shift = 0; shift < 64 && reader->at < reader->size; shift += 7) {
                unsigned char byte = reader->data[reader->at++];

                number |= (uint64_t) (byte & 0x7f) << shift;
                if (!(byte & 0x80)) {
                        *ret = number;
                        return shift < 63 || byte <= 1;
                }
        }
        return false;
}

int references_next(ReferenceReader *reader) {
        SplitReference *now = &reader->now;
        uint64_t same, rest;

        if (reader->at == reader->size)
                return 0;
        if (!get_varint(reader, &now->literals) || !get_varint(reader, &now->size) ||
                        !get_varint(reader, &same) || !get_varint(reader, &rest))
                return -EBADMSG;
        if (same > strlen(now->path) || rest >= PATH_MAX - same ||
                        reader->size - reader->at < sizeof(now->crc) ||
                        rest > reader->size - reader->at - sizeof(now->crc))
                return -EBADMSG;
        memcpy(now->path + same, reader->data + reader->at, rest);
        now->path[same + rest] = '\0';
        reader->at += rest;
        memcpy(&now->crc, reader->data + reader->at, sizeof(now->crc));
        now->crc = le64toh(now->crc);
        reader->at += sizeof(now->crc);
        return strlen(now->path) == same + rest && same + rest > 0 ? 1 : -EBADMSG;
}

int reference_open(const char *path, int root_fd, int layer_fd) {
        /* A recipe may say what it likes, and a FIFO would wait for a writer. */
        struct open_how how = {
                .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };
        int replaced = -1, fd;

        if (*path == '/') {
                replaced = openat(layer_fd, SPLIT_REPLACED, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (replaced < 0)
                        return -errno;
                path++;
        }
        do
                fd = (int) syscall(SYS_openat2, replaced >= 0 ? replaced : root_fd, path, &how, sizeof(how));
        while (fd < 0 && (errno == EAGAIN || errno == EINTR));
        fd = fd < 0 ? -errno : fd;
        if (replaced >= 0)
                (void) close(replaced);
        return fd;
}

/* A file below "replaced". */
typedef struct Moved {
        ino_t inode;
        char path[];
} Moved;

static int compare(const void *a, const void *b) {
        const Moved *left = a, *right = b;

        return (left->inode > right->inode) - (left->inode < right->inode);
}

static int note(void **moved, ino_t inode, const char *path) {
        Moved *one = malloc(sizeof(Moved) + strlen(path) + 1), **slot;

        if (!one)
                return -ENOMEM;
        one->inode = inode;
        (void) strcpy(one->path, path);
        slot = (Moved **) tsearch(one, moved, compare);
        if (!slot || *slot != one) /* out of memory, or another link to it */
                free(one);
        return slot ? 0 : -ENOMEM;
}

/* @path begins with a slash and is changed while this goes on. Takes @fd. */
static int collect(void **moved, int fd, char *path, size_t used) {
        autoclosedir DIR *dir = fdopendir(fd);
        struct dirent *entry;
        struct stat st;
        int r = 0;

        if (!dir) {
                (void) close(fd);
                return -errno;
        }
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                size_t n = strlen(entry->d_name);

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (used + n + 2 > PATH_MAX)
                        return -ENOENT;
                path[used] = '/';
                memcpy(path + used + 1, entry->d_name, n + 1);
                if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        return -errno;
                if (S_ISREG(st.st_mode))
                        r = note(moved, st.st_ino, path);
                else if (S_ISDIR(st.st_mode)) {
                        int below = openat(dirfd(dir), entry->d_name,
                                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

                        r = below < 0 ? -errno : collect(moved, below, path, used + 1 + n);
                }
        }
        return r < 0 ? r : -errno;
}

static int still_there(const char *path, ino_t inode, int root_fd) {
        autofd int fd = reference_open(path, root_fd, -1);
        struct stat st;

        return fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == inode;
}

static int correct(References *to, const References *from, const ino_t *inodes, void *const *moved,
                int root_fd) {
        ReferenceReader reader = { from->data, from->size };
        int r;

        for (size_t i = 0; (r = references_next(&reader)) > 0; i++) {
                Moved wanted = { inodes[i] }, **found;
                const char *path = reader.now.path;

                if (!still_there(path, inodes[i], root_fd)) {
                        found = (Moved **) tfind(&wanted, moved, compare);
                        if (!found)
                                return -ENOENT;
                        path = (*found)->path;
                }
                r = references_add(to, reader.now.literals, reader.now.size, reader.now.crc, path);
                if (r < 0)
                        return r;
        }
        return r;
}

int references_correct(References *references, const ino_t *inodes, int root_fd, int layer_fd) {
        int fd = openat(layer_fd, SPLIT_REPLACED, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;
        References corrected = {};
        char path[PATH_MAX] = "";
        void *moved = NULL;

        if (fd < 0 && errno != ENOENT)
                return -errno;
        if (fd >= 0)
                r = collect(&moved, fd, path, 0);
        if (r >= 0)
                r = correct(&corrected, references, inodes, &moved, root_fd);
        tdestroy(moved, free);
        if (r < 0) {
                references_done(&corrected);
                return r;
        }
        references_done(references);
        *references = corrected;
        return 0;
}
