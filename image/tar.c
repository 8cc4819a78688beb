/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/tar.h"

#include <pthread.h>
#include <string.h>

#define BUFFER_SIZE (256 * 1024)

struct Tar {
        struct archive *archive;

        /* One of the two. */
        Stream *stream;
        Readahead *readahead;

        Passed *passed;
        TarProgress *progress;
        void *progress_data;
        Split *split;
        const void *piece; /* what was read ahead and is looked at */
        size_t piece_size;
        char *buffer; /* for the stream */
        Fault fault;  /* the stream's own, which libarchive cannot carry */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8 = (locale_t) 0; /* made once, lives as long as the process */

static void make_locale(void) {
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
}

locale_t tar_names_begin(void) {
        (void) pthread_once(&once, make_locale);
        return uselocale(utf8);
}

void tar_names_end(locale_t *before) {
        (void) uselocale(*before);
}

static ssize_t pull(Tar *tar, const void **ret) {
        ssize_t n;

        if (tar->stream) {
                *ret = tar->buffer;
                return stream_read(tar->stream, tar->buffer, BUFFER_SIZE, &tar->fault);
        }

        if (tar->split)
                split_pass(tar->split);
        n = readahead_next(tar->readahead, ret, &tar->fault);
        if (n > 0) {
                tar->piece = *ret;
                tar->piece_size = (size_t) n;
                if (tar->split)
                        split_show(tar->split, *ret, (size_t) n);
                tar->passed->bytes += (uint64_t) n;
                hash_update(tar->passed->hash, *ret, (size_t) n);
                if (tar->progress && !tar->progress(tar->progress_data, tar->passed->bytes))
                        return fault_raise(&tar->fault, FAULT_SYSTEM, ECANCELED, "interrupted");
        }
        return n;
}

static la_ssize_t on_read(struct archive *archive, void *data, const void **ret) {
        Tar *tar = data;
        ssize_t n = pull(tar, ret);

        if (n < 0) {
                archive_set_error(archive, (int) -n, "%s", tar->fault.text);
                return ARCHIVE_FATAL;
        }
        return n;
}

static la_int64_t on_skip(struct archive *archive, void *data, la_int64_t size) {
        Tar *tar = data;

        return tar->stream && tar->stream->skip ? tar->stream->skip(tar->stream, size) : 0;
}

/* The stream's fault says what happened; libarchive's words are for what it found itself. */
static int failed(Tar *tar, Fault *fault) {
        const char *text = archive_error_string(tar->archive);

        if (fault_is_raised(&tar->fault)) {
                if (fault)
                        *fault = tar->fault;
                return -tar->fault.error;
        }
        return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "the archive is damaged: %s",
                        text ? text : "unknown error");
}

static int open_archive(Tar *tar, Fault *fault) {
        struct archive *archive = tar->archive;

        if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
                        archive_read_support_format_empty(archive) != ARCHIVE_OK ||
                        archive_read_set_read_callback(archive, on_read) != ARCHIVE_OK ||
                        archive_read_set_skip_callback(archive, on_skip) != ARCHIVE_OK ||
                        archive_read_set_callback_data(archive, tar) != ARCHIVE_OK ||
                        archive_read_open1(archive) != ARCHIVE_OK)
                return failed(tar, fault);
        return 0;
}

static int open_with(Stream *stream, Readahead *readahead, Passed *passed, Tar **ret, Fault *fault) {
        autotar Tar *tar = calloc(1, sizeof(Tar));
        int r;

        if (!tar)
                return -ENOMEM;
        tar->stream = stream;
        tar->readahead = readahead;
        tar->passed = passed;
        tar->archive = archive_read_new();
        tar->buffer = stream ? malloc(BUFFER_SIZE) : NULL;
        if (!tar->archive || (stream && !tar->buffer))
                return -ENOMEM;

        r = open_archive(tar, fault);
        if (r < 0)
                return r;
        *ret = TAKE(tar);
        return 0;
}

int tar_open_stream(Stream *from, Tar **ret, Fault *fault) {
        return open_with(from, NULL, NULL, ret, fault);
}

int tar_open_readahead(Readahead *from, Passed *passed, Tar **ret, Fault *fault) {
        return open_with(NULL, from, passed, ret, fault);
}

void tar_on_progress(Tar *tar, TarProgress *progress, void *data) {
        tar->progress = progress;
        tar->progress_data = data;
}

/* Opening the archive has looked at the first piece. */
void tar_split(Tar *tar, Split *split) {
        tar->split = split;
        if (tar->piece)
                split_show(split, tar->piece, tar->piece_size);
}

void tar_split_file(Tar *tar, struct archive_entry *entry, const char *path, int fd) {
        if (tar->split && archive_entry_sparse_count(entry) == 0)
                split_file(tar->split, path, fd, archive_filter_bytes(tar->archive, 0),
                                archive_entry_size(entry));
}

int tar_split_set_aside(Tar *tar, int dir_fd, const char *name) {
        return tar->split ? split_set_aside(tar->split, dir_fd, name) : 0;
}

int tar_next(Tar *tar, struct archive_entry **ret, Fault *fault) {
        int r = archive_read_next_header(tar->archive, ret);

        if (r == ARCHIVE_EOF)
                return 0;

        /* A warning is about something that libarchive left out, such as an attribute it does not know. */
        return r == ARCHIVE_OK || r == ARCHIVE_WARN ? 1 : failed(tar, fault);
}

ssize_t tar_data(Tar *tar, const void **ret, int64_t *ret_offset, Fault *fault) {
        size_t size = 0;
        int r;

        do
                r = archive_read_data_block(tar->archive, ret, &size, ret_offset);
        while (r == ARCHIVE_OK && size == 0);

        if (r == ARCHIVE_EOF)
                return 0;
        return r == ARCHIVE_OK || r == ARCHIVE_WARN ? (ssize_t) size : failed(tar, fault);
}

int64_t tar_position(Tar *tar) {
        return archive_read_header_position(tar->archive);
}

int64_t tar_content(Tar *tar) {
        return archive_filter_bytes(tar->archive, 0);
}

int tar_drain(Tar *tar, Fault *fault) {
        const void *data;
        ssize_t n;

        do
                n = pull(tar, &data);
        while (n > 0);
        if (n < 0 && fault)
                *fault = tar->fault;
        return (int) n;
}

void tar_free(Tar *tar) {
        (void) archive_read_free(tar->archive);
        free(tar->buffer);
        free(tar);
}
