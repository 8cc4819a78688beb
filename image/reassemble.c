/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/reassemble.h"

#include <endian.h>
#include <fcntl.h>
#include <isa-l/crc64.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "image/split-reference.h"
#include "image/split.h"

#define INPUT_SIZE (64 * 1024)
#define FILE_START (sizeof(SPLIT_START) - 1)

/* What is at the end of the file. */
typedef struct Trailer {
        uint64_t archive, literals, second, references;
        char magic[8];
} Trailer;

/* A frame of zstd in the file. */
typedef struct Frame {
        int fd; /* borrowed */
        ZSTD_DCtx *zstd;
        uint64_t at, end; /* in the file */
        char *buffer;
        ZSTD_inBuffer in;
        uint64_t left; /* to come out */
} Frame;

typedef struct Reassembly {
        Stream stream;
        int fd, layer_fd, root_fd;
        Trailer trailer;
        Frame literals;
        unsigned char *references;
        ReferenceReader reader, beside; /* of this, and of reassemble_next_file() */
        uint64_t beside_at;

        uint64_t literal; /* so many before the next content */
        bool has_next;
        bool has_content; /* is being read */
        int file;
        uint64_t content, crc; /* how much is left of it, and the CRC of what was read */
        bool is_zeros;         /* it is damaged */
        ReassembleDamage *tell;
        void *tell_data;
        uint64_t done;
} Reassembly;

static int damaged(Fault *fault) {
        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "the file " SPLIT_FILE " is damaged");
}

static int refill(Frame *frame, Fault *fault) {
        uint64_t left = frame->end - frame->at;
        ssize_t n;

        if (left == 0)
                return damaged(fault);
        n = pread(frame->fd, frame->buffer, left < INPUT_SIZE ? left : INPUT_SIZE, (off_t) frame->at);
        if (n < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read " SPLIT_FILE ": %s",
                                strerror(errno));
        if (n == 0)
                return damaged(fault);
        frame->at += (uint64_t) n;
        frame->in = (ZSTD_inBuffer){ frame->buffer, (size_t) n, 0 };
        return 0;
}

/* At most @size bytes, and not nothing. The trailer says how many there are; more or less is damage. */
static ssize_t frame_read(Frame *frame, void *buffer, size_t size, Fault *fault) {
        ZSTD_outBuffer out = { buffer, size < frame->left ? size : frame->left, 0 };

        if (out.size == 0)
                return damaged(fault);
        while (out.pos == 0) {
                int r = frame->in.pos == frame->in.size ? refill(frame, fault) : 0;

                if (r < 0)
                        return r;
                if (ZSTD_isError(ZSTD_decompressStream(frame->zstd, &out, &frame->in)))
                        return damaged(fault);
        }
        frame->left -= out.pos;
        return (ssize_t) out.pos;
}

static int frame_open(Frame *frame, int fd, uint64_t from, uint64_t to, uint64_t size) {
        *frame = (Frame){ .fd = fd, .at = from, .end = to, .left = size };
        frame->buffer = malloc(INPUT_SIZE);
        frame->zstd = ZSTD_createDCtx();
        return frame->buffer && frame->zstd ? 0 : -ENOMEM;
}

static void frame_done(Frame *frame) {
        (void) ZSTD_freeDCtx(frame->zstd);
        free(frame->buffer);
        *frame = (Frame){};
}

static int read_trailer(Reassembly *work, Fault *fault) {
        Trailer *trailer = &work->trailer;
        char start[FILE_START];
        struct stat st;
        off_t end;

        if (fstat(work->fd, &st) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "%s", strerror(errno));
        end = st.st_size - SPLIT_TRAILER;
        if (end < (off_t) FILE_START || pread(work->fd, trailer, SPLIT_TRAILER, end) != SPLIT_TRAILER ||
                        memcmp(trailer->magic, SPLIT_END, sizeof(trailer->magic)) != 0 ||
                        pread(work->fd, start, FILE_START, 0) != (ssize_t) FILE_START ||
                        memcmp(start, SPLIT_START, FILE_START) != 0)
                return damaged(fault);

        trailer->archive = le64toh(trailer->archive);
        trailer->literals = le64toh(trailer->literals);
        trailer->second = le64toh(trailer->second);
        trailer->references = le64toh(trailer->references);
        if (trailer->second < FILE_START || trailer->second > (uint64_t) end ||
                        trailer->literals > trailer->archive || trailer->archive > INT64_MAX ||
                        trailer->references > 2ull * SPLIT_REFERENCES_LIMIT)
                return damaged(fault);
        return 0;
}

static int read_references(Reassembly *work, Fault *fault) {
        size_t size = work->trailer.references, done = 0;
        Frame frame;
        struct stat st;
        ssize_t n = 0;
        int r;

        /* Nothing is compressed that much: a page of zeros may not ask for all memory. */
        if (fstat(work->fd, &st) < 0 || size / 20000 > (uint64_t) st.st_size)
                return damaged(fault);
        work->references = malloc(size + 1);
        if (!work->references)
                return -ENOMEM;
        r = frame_open(&frame, work->fd, work->trailer.second, (uint64_t) st.st_size - SPLIT_TRAILER, size);
        while (r >= 0 && n >= 0 && done < size) {
                n = frame_read(&frame, work->references + done, size - done, fault);
                done += n > 0 ? (size_t) n : 0;
        }
        frame_done(&frame);
        work->reader.data = work->beside.data = work->references;
        work->reader.size = work->beside.size = size;
        return r < 0 ? r : n < 0 ? (int) n : 0;
}

static int next_reference(Reassembly *work, Fault *fault) {
        int r = references_next(&work->reader);

        if (r < 0)
                return damaged(fault);
        work->has_next = r > 0;
        work->literal = r > 0 ? work->reader.now.literals : UINT64_MAX;
        return 0;
}

/* Of a file that is not what it was. */
static int damage(Reassembly *work, int error, const char *what, Fault *fault) {
        const char *path = work->reader.now.path;

        if (!work->tell)
                return fault_raise(fault, error == ENOENT ? FAULT_MISSING : FAULT_INTEGRITY, error,
                                "'%.200s' %s", path, what);
        work->tell(work->tell_data, path, what);
        work->is_zeros = true;
        return 0;
}

static int open_content(Reassembly *work, Fault *fault) {
        const SplitReference *now = &work->reader.now;
        autofd int fd = reference_open(now->path, work->root_fd, work->layer_fd);
        char what[100];
        struct stat st;

        work->has_content = true;
        work->content = now->size;
        work->crc = 0;
        work->is_zeros = false;
        if (fd < 0 || fstat(fd, &st) < 0) {
                int error = fd < 0 ? -fd : errno;

                (void) snprintf(what, sizeof(what), "cannot be read: %s", strerror(error));
                return damage(work, error, what, fault);
        }
        if (!S_ISREG(st.st_mode))
                return damage(work, EBADMSG, "is not a file any more", fault);
        if ((uint64_t) st.st_size != now->size) {
                (void) snprintf(what, sizeof(what), "has %jd bytes and not %ju", (intmax_t) st.st_size,
                                (uintmax_t) now->size);
                return damage(work, EBADMSG, what, fault);
        }
        (void) posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        work->file = TAKE_FD(fd);
        return 0;
}

static int end_content(Reassembly *work, Fault *fault) {
        int r = 0;

        fd_closep(&work->file);
        work->file = -1;
        work->has_content = false;
        if (!work->is_zeros && work->crc != work->reader.now.crc)
                r = damage(work, EBADMSG, "has been changed", fault);
        return r < 0 ? r : next_reference(work, fault);
}

static ssize_t read_content(Reassembly *work, void *buffer, size_t size, Fault *fault) {
        ssize_t n = 0;
        int r = 0;

        if (size > work->content)
                size = work->content;
        if (!work->is_zeros) {
                do
                        n = read(work->file, buffer, size);
                while (n < 0 && errno == EINTR);
                if (n <= 0)
                        r = damage(work, n < 0 ? errno : ENODATA, n < 0 ? strerror(errno) : "ends too early",
                                        fault);
                else
                        work->crc = crc64_ecma_refl(work->crc, buffer, (uint64_t) n);
        }
        if (r < 0)
                return r;
        if (work->is_zeros) {
                memset(buffer, 0, size);
                n = (ssize_t) size;
        }
        work->content -= (uint64_t) n;
        if (work->content == 0 && (r = end_content(work, fault)) < 0)
                return r;
        return n;
}

static ssize_t read_piece(Reassembly *work, void *buffer, size_t size, Fault *fault) {
        ssize_t n;
        int r;

        if (!work->has_content && work->literal == 0) {
                r = open_content(work, fault);
                if (r < 0)
                        return r;
        }
        if (work->has_content)
                return read_content(work, buffer, size, fault);

        n = frame_read(&work->literals, buffer, size < work->literal ? size : work->literal, fault);
        if (n > 0 && work->has_next)
                work->literal -= (uint64_t) n;
        return n;
}

/* Fills the buffer: files are small, and who reads does something for each call. */
static ssize_t reassembly_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        Reassembly *work = (Reassembly *) stream;
        size_t filled = 0;

        while (filled < size && work->done < work->trailer.archive) {
                uint64_t left = work->trailer.archive - work->done;
                size_t room = size - filled < left ? size - filled : left;
                ssize_t n = read_piece(work, (char *) buffer + filled, room, fault);

                if (n < 0)
                        return n;
                filled += (size_t) n;
                work->done += (uint64_t) n;
        }
        return (ssize_t) filled;
}

static void reassembly_free(Stream *stream) {
        Reassembly *work = (Reassembly *) stream;
        const int fds[] = { work->fd, work->layer_fd, work->root_fd, work->file };

        for (size_t i = 0; i < ELEMENTS(fds); i++)
                if (fds[i] >= 0)
                        (void) close(fds[i]);
        frame_done(&work->literals);
        free(work->references);
        free(work);
}

static int begin(Reassembly *work, Fault *fault) {
        int r;

        if ((r = read_trailer(work, fault)) < 0 || (r = read_references(work, fault)) < 0 ||
                        (r = frame_open(&work->literals, work->fd, FILE_START, work->trailer.second,
                                         work->trailer.literals)) < 0)
                return r;
        return next_reference(work, fault);
}

int reassemble_open(int layer_fd, Stream **ret, int64_t *ret_size, Fault *fault) {
        Reassembly *work = calloc(1, sizeof(Reassembly));
        autostream Stream *stream = NULL;
        int r;

        if (!work)
                return -ENOMEM;
        stream = &work->stream;
        *stream = (Stream){ reassembly_read, NULL, reassembly_free };
        work->fd = work->root_fd = work->file = -1;
        work->layer_fd = fcntl(layer_fd, F_DUPFD_CLOEXEC, 3);
        if (work->layer_fd < 0)
                return -errno;

        work->fd = openat(layer_fd, SPLIT_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (work->fd < 0 && errno == ENOENT)
                return -ENODATA;
        work->root_fd = openat(layer_fd, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (work->fd < 0 || work->root_fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open the layer: %s", strerror(errno));

        r = begin(work, fault);
        if (r < 0)
                return r;
        if (ret_size)
                *ret_size = (int64_t) work->trailer.archive;
        *ret = TAKE(stream);
        return 0;
}

void reassemble_on_damage(Stream *stream, ReassembleDamage *tell, void *data) {
        Reassembly *work = (Reassembly *) stream;

        work->tell = tell;
        work->tell_data = data;
}

bool reassemble_is_possible(int layer_fd) {
        return faccessat(layer_fd, SPLIT_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int reassemble_next_file(Stream *stream, ReassembledFile *ret) {
        Reassembly *work = (Reassembly *) stream;
        const SplitReference *now = &work->beside.now;
        int r = references_next(&work->beside);

        if (r <= 0)
                return r;
        *ret = (ReassembledFile){ work->beside_at + now->literals, now->size, now->path };
        work->beside_at = ret->at + ret->size;
        return 1;
}

int reassemble_missing(const char *image, const Digest *chain_id, Fault *fault) {
        return fault_raise(fault, FAULT_MISSING, ENODATA,
                        "the archive of layer %.12s of '%.200s' cannot be written: it was unpacked without "
                        "keeping what that takes; remove the image and import or pull it again",
                        chain_id->hex, image);
}
