/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/stream.h"

#include <string.h>

typedef struct FileStream {
        Stream stream;
        int fd;
        int64_t offset; /* negative for a pipe */
} FileStream;

static ssize_t file_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        FileStream *file = (FileStream *) stream;
        ssize_t n;

        do
                n = file->offset < 0 ? read(file->fd, buffer, size)
                                     : pread(file->fd, buffer, size, file->offset);
        while (n < 0 && errno == EINTR);

        if (n < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read: %s", strerror(errno));
        if (file->offset >= 0)
                file->offset += n;
        return n;
}

static int64_t file_skip(Stream *stream, int64_t size) {
        FileStream *file = (FileStream *) stream;

        if (__builtin_add_overflow(file->offset, size, &file->offset))
                file->offset = INT64_MAX;
        return size;
}

static void file_free(Stream *stream) {
        free(stream);
}

static Stream *new_file(int fd, int64_t offset) {
        FileStream *file = calloc(1, sizeof(FileStream));

        if (!file)
                return NULL;
        *file = (FileStream){ { file_read, offset < 0 ? NULL : file_skip, file_free }, fd, offset };
        return &file->stream;
}

Stream *stream_new_file(int fd, int64_t offset) {
        return new_file(fd, offset);
}

Stream *stream_new_pipe(int fd) {
        return new_file(fd, -1);
}

typedef struct TapStream {
        Stream stream;
        Stream *from;
        Passed *passed;
        uint64_t limit;
        const char *what;
} TapStream;

static ssize_t tap_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        TapStream *tap = (TapStream *) stream;
        ssize_t n = stream_read(tap->from, buffer, size, fault);

        if (n <= 0)
                return n;

        tap->passed->bytes += (uint64_t) n;
        if (tap->passed->bytes > tap->limit)
                return fault_raise(fault, FAULT_INTEGRITY, EFBIG, "%s is longer than %ju bytes", tap->what,
                                (uintmax_t) tap->limit);
        if (tap->passed->hash)
                hash_update(tap->passed->hash, buffer, (size_t) n);
        return n;
}

static void tap_free(Stream *stream) {
        stream_free(((TapStream *) stream)->from);
        free(stream);
}

Stream *stream_new_tap(Stream *from, Passed *passed, uint64_t limit, const char *what) {
        TapStream *tap = calloc(1, sizeof(TapStream));

        if (!tap) {
                stream_free(from);
                return NULL;
        }
        *tap = (TapStream){ { tap_read, NULL, tap_free }, from, passed, limit, what };
        return &tap->stream;
}

ssize_t stream_read_full(Stream *stream, void *buffer, size_t size, Fault *fault) {
        size_t done = 0;

        while (done < size) {
                ssize_t n = stream_read(stream, (char *) buffer + done, size - done, fault);

                if (n < 0)
                        return n;
                if (n == 0)
                        break;
                done += (size_t) n;
        }
        return (ssize_t) done;
}
