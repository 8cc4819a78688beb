/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/source.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "image/doc.h"

int image_source_open(Source *source, const char *name, Stream **ret, int64_t *ret_size, Fault *fault) {
        int r = source->open(source, name, ret, ret_size, fault);

        if (r == -ENOENT && !fault_is_raised(fault))
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no '%.300s' in it", name);
        return r < 0 ? fault_wrap(fault, r, "cannot open '%.200s' in it", name) : 0;
}

int source_read(Source *source, const char *name, char **ret, size_t *ret_size, Fault *fault) {
        autostream Stream *stream = NULL;
        autofree char *text = NULL;
        int64_t size;
        ssize_t n;
        int r;

        r = image_source_open(source, name, &stream, &size, fault);
        if (r < 0)
                return r;
        if (size > DOC_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "'%.200s' is larger than %u MiB", name,
                                DOC_LIMIT >> 20);

        text = malloc((size_t) size + 1);
        if (!text)
                return -ENOMEM;
        n = stream_read_full(stream, text, (size_t) size, fault);
        if (n < 0)
                return fault_wrap(fault, (int) n, "cannot read '%.200s'", name);

        text[n] = '\0';
        *ret = TAKE(text);
        *ret_size = (size_t) n;
        return 0;
}

bool source_has(Source *source, const char *name) {
        autostream Stream *stream = NULL;
        int64_t size;

        return source->open(source, name, &stream, &size, NULL) >= 0;
}

typedef struct DirectorySource {
        Source source;
        int fd;
} DirectorySource;

/* A stream that owns its file. */
typedef struct OwnedFile {
        Stream stream;
        Stream *file;
        int fd;
} OwnedFile;

static ssize_t owned_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        return stream_read(((OwnedFile *) stream)->file, buffer, size, fault);
}

static void owned_free(Stream *stream) {
        OwnedFile *owned = (OwnedFile *) stream;

        stream_free(owned->file);
        (void) close(owned->fd);
        free(owned);
}

static Stream *new_owned(int fd) {
        OwnedFile *owned = calloc(1, sizeof(OwnedFile));

        if (!owned)
                return NULL;
        owned->stream = (Stream){ owned_read, NULL, owned_free };
        owned->fd = fd;
        owned->file = stream_new_file(fd, 0);
        if (!owned->file) {
                free(owned);
                return NULL;
        }
        return &owned->stream;
}

static int directory_open(Source *source, const char *name, Stream **ret, int64_t *ret_size, Fault *fault) {
        /* A FIFO would wait for a writer, and a link could lead to any file that root may read. */
        struct open_how how = {
                .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        autofd int fd = -1;
        struct stat st;

        fd = (int) syscall(SYS_openat2, ((DirectorySource *) source)->fd, name, &how, sizeof(how));
        if (fd < 0 && errno == ENOENT)
                return -ENOENT;
        if (fd < 0 && errno == EXDEV)
                return fault_raise(fault, FAULT_HOSTILE, EXDEV, "it leads out of the directory");
        if (fd < 0 || fstat(fd, &st) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "%s", strerror(errno));
        if (!S_ISREG(st.st_mode))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "it is not a regular file");

        *ret = new_owned(fd);
        if (!*ret)
                return -ENOMEM;
        (void) TAKE_FD(fd);
        *ret_size = st.st_size;
        return 0;
}

static void directory_free(Source *source) {
        (void) close(((DirectorySource *) source)->fd);
        free(source);
}

int source_new_directory(const char *path, Source **ret, Fault *fault) {
        DirectorySource *directory;
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open the directory '%.300s': %s",
                                path, strerror(errno));
        directory = calloc(1, sizeof(DirectorySource));
        if (!directory) {
                (void) close(fd);
                return -ENOMEM;
        }
        *directory = (DirectorySource){ { directory_open, directory_free }, fd };
        *ret = &directory->source;
        return 0;
}
