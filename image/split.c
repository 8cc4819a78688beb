/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/split.h"

#include <endian.h>
#include <fcntl.h>
#include <isa-l/crc64.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "image/split-reference.h"
#include "lib/io.h"
#include "lib/remove-tree.h"

#define LEVEL 1
#define WINDOW 16 /* as a power of two; headers repeat within a few KiB */
#define BUFFER_SIZE (128 * 1024)

/* A frame of zstd on its way into the file. */
typedef struct Frame {
        ZSTD_CCtx *zstd;
        char *buffer;
        uint64_t in;
} Frame;

struct Split {
        int dir_fd, fd;
        bool given_up;
        int error; /* what writing came to */

        Frame frame;
        uint64_t written; /* to the file */

        const char *piece; /* what was shown last */
        size_t piece_size;
        uint64_t seen; /* end of it, in the archive */
        uint64_t done; /* up to here it is known what is what */

        /* The content that goes by, until its end. */
        SplitReference pending;
        ino_t inode;
        uint64_t left; /* 0 when there is none */

        uint64_t literals; /* since the last reference */
        References references;
        ino_t *inodes; /* of the files, one for each reference */
        size_t room;
        unsigned n_replaced;
};

static int begin_frame(Frame *frame) {
        frame->in = 0;
        if (ZSTD_isError(ZSTD_CCtx_reset(frame->zstd, ZSTD_reset_session_and_parameters)) ||
                        ZSTD_isError(ZSTD_CCtx_setParameter(frame->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
                        ZSTD_isError(ZSTD_CCtx_setParameter(frame->zstd, ZSTD_c_windowLog, WINDOW)) ||
                        ZSTD_isError(ZSTD_CCtx_setParameter(frame->zstd, ZSTD_c_checksumFlag, 1)))
                return -EIO;
        return 0;
}

/* Nothing of an archive may fill the disk, and a recipe is not worth more than this. */
static int write_out(Split *split, size_t size) {
        split->written += size;
        if (split->written > SPLIT_FILE_LIMIT) {
                split->given_up = true;
                return 0;
        }
        return io_write_all(split->fd, split->frame.buffer, size);
}

static int compress(Split *split, const void *data, size_t size, ZSTD_EndDirective how) {
        ZSTD_inBuffer in = { data, size, 0 };
        size_t left;

        split->frame.in += size;
        do {
                ZSTD_outBuffer out = { split->frame.buffer, BUFFER_SIZE, 0 };
                int r;

                left = ZSTD_compressStream2(split->frame.zstd, &out, &in, how);
                if (ZSTD_isError(left))
                        return -EIO;
                r = out.pos > 0 ? write_out(split, out.pos) : 0;
                if (r < 0 || split->given_up)
                        return r;
        } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
        return 0;
}

int split_begin(int dir_fd, Split **ret) {
        autosplit Split *split = calloc(1, sizeof(Split));
        int r;

        if (!split)
                return -ENOMEM;
        split->dir_fd = dir_fd;
        split->fd = -1;
        split->frame.zstd = ZSTD_createCCtx();
        split->frame.buffer = malloc(BUFFER_SIZE);
        if (!split->frame.zstd || !split->frame.buffer)
                return -ENOMEM;

        split->fd = openat(dir_fd, SPLIT_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (split->fd < 0)
                return -errno;
        if ((r = io_write_all(split->fd, SPLIT_START, strlen(SPLIT_START))) < 0 ||
                        (r = begin_frame(&split->frame)) < 0)
                return r;
        split->written = strlen(SPLIT_START);
        *ret = TAKE(split);
        return 0;
}

void split_show(Split *split, const void *data, size_t size) {
        split->piece = data;
        split->piece_size = size;
        split->seen += size;
}

/* Keeps what is between here and @end, all of which is in the piece. */
static void keep_until(Split *split, uint64_t end) {
        uint64_t start = split->seen - split->piece_size;
        int r;

        if (split->done >= end || split->given_up || split->error < 0)
                return;
        r = compress(split, split->piece + (split->done - start), end - split->done, ZSTD_e_continue);
        if (r < 0)
                split->error = r;
        split->literals += end - split->done;
        split->done = end;
}

static int add_reference(Split *split) {
        const SplitReference *pending = &split->pending;
        size_t n = split->references.n;

        if (split->references.size > SPLIT_REFERENCES_LIMIT) {
                split->given_up = true;
                return 0;
        }
        if (n == split->room) {
                size_t room = split->room ? 2 * split->room : 1024;
                ino_t *grown = reallocarray(split->inodes, room, sizeof(ino_t));

                if (!grown)
                        return -ENOMEM;
                split->inodes = grown;
                split->room = room;
        }
        split->inodes[n] = split->inode;
        return references_add(
                        &split->references, pending->literals, pending->size, pending->crc, pending->path);
}

/* What of the content is in this piece. All that is between files has been kept by then. */
static void take_content(Split *split) {
        uint64_t start = split->seen - split->piece_size, from = split->done - split->left, n;
        int r;

        if (split->left == 0 || split->given_up || split->error < 0)
                return;
        n = split->seen - from < split->left ? split->seen - from : split->left;
        split->pending.crc = crc64_ecma_refl(
                        split->pending.crc, (const unsigned char *) split->piece + (from - start), n);
        split->left -= n;
        r = split->left == 0 ? add_reference(split) : 0;
        if (r < 0)
                split->error = r;
}

void split_pass(Split *split) {
        if (split->piece) {
                take_content(split);
                keep_until(split, split->seen);
        }
        split->piece = NULL;
}

void split_file(Split *split, const char *path, int fd, int64_t at, int64_t size) {
        uint64_t from = (uint64_t) at, end;
        struct stat st;

        if (split->given_up || split->error < 0 || at < 0 || size <= 0 || !split->piece ||
                        from < split->done || from > split->seen ||
                        __builtin_add_overflow(from, (uint64_t) size, &end) || fstat(fd, &st) < 0)
                return;

        take_content(split);
        keep_until(split, from);
        split->pending.literals = split->literals;
        split->pending.size = split->left = (uint64_t) size;
        split->pending.crc = 0;
        (void) snprintf(split->pending.path, sizeof(split->pending.path), "%s", path);
        split->inode = st.st_ino;
        split->literals = 0;
        split->done = end;
}

int split_set_aside(Split *split, int dir_fd, const char *name) {
        char to[32];
        struct stat st;

        if (split->given_up || (split->references.n == 0 && split->left == 0 && split->pending.size == 0))
                return 0;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;

        /* What was found through a link may be found no more. */
        split->n_replaced++;
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return 0;

        if (mkdirat(split->dir_fd, SPLIT_REPLACED, 0700) < 0 && errno != EEXIST)
                return -errno;
        (void) snprintf(to, sizeof(to), SPLIT_REPLACED "/%u", split->n_replaced);
        return renameat(dir_fd, name, split->dir_fd, to) < 0 ? -errno : 1;
}

/* The trailer tells that all of it is there. */
static int write_trailer(Split *split, uint64_t literals, uint64_t second) {
        const uint64_t numbers[] = { htole64(split->seen), htole64(literals), htole64(second),
                htole64(split->references.size) };
        int r = io_write_all(split->fd, numbers, sizeof(numbers));

        return r < 0 ? r : io_write_all(split->fd, SPLIT_END, strlen(SPLIT_END));
}

static int finish(Split *split, int root_fd) {
        uint64_t literals, second;
        int r;

        split_pass(split);
        if (split->error < 0 || split->given_up)
                return split->error;
        if (split->done != split->seen || split->left > 0) {
                split->given_up = true;
                return 0;
        }

        if (split->n_replaced > 0) {
                r = references_correct(&split->references, split->inodes, root_fd, split->dir_fd);
                if (r < 0) { /* it is not worth more than the layer */
                        split->given_up = true;
                        return 0;
                }
        }

        r = compress(split, NULL, 0, ZSTD_e_end);
        literals = split->frame.in;
        second = split->written;
        if (r < 0 || split->given_up || (r = begin_frame(&split->frame)) < 0)
                return r;
        r = compress(split, split->references.data, split->references.size, ZSTD_e_end);
        return r < 0 || split->given_up ? r : write_trailer(split, literals, second);
}

int split_end(Split *split, int root_fd) {
        int r = finish(split, root_fd);

        if (r < 0 || !split->given_up)
                return r;
        if (split->n_replaced > 0)
                (void) remove_tree(split->dir_fd, SPLIT_REPLACED);
        return unlinkat(split->dir_fd, SPLIT_FILE, 0) < 0 ? -errno : 0;
}

void split_free(Split *split) {
        if (split->fd >= 0)
                (void) close(split->fd);
        (void) ZSTD_freeCCtx(split->frame.zstd);
        free(split->frame.buffer);
        references_done(&split->references);
        free(split->inodes);
        free(split);
}
