/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A directory, to which others may be adding at the same time: each file is whole when it appears. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/doc.h"
#include "image/sink.h"
#include "lib/io.h"

#define PIECE (256 * 1024)

typedef struct DirectorySink {
        Sink sink;
        int fd;
        char *path;
        char draft[40];
} DirectorySink;

static int cannot_write(const DirectorySink *directory, const char *name, int r, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot write '%.200s/%.100s': %s", directory->path,
                        name, strerror(-r));
}

static int make_parents(const DirectorySink *directory, const char *name) {
        for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
                autofree char *parent = strndup(name, (size_t) (slash - name));

                if (!parent)
                        return -ENOMEM;
                if (mkdirat(directory->fd, parent, 0755) < 0 && errno != EEXIST)
                        return -errno;
        }
        return 0;
}

static int copy(const DirectorySink *directory, const char *name, int fd, int64_t size, Stream *from,
                Fault *fault) {
        autofree char *buffer = malloc(PIECE);
        int64_t done = 0;
        ssize_t n;

        if (!buffer)
                return -ENOMEM;
        while ((n = stream_read(from, buffer, PIECE, fault)) > 0) {
                int r = io_write_all(fd, buffer, (size_t) n);

                if (r < 0)
                        return cannot_write(directory, name, r, fault);
                done += n;
        }
        if (n < 0)
                return (int) n;
        if (done != size)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "'%.100s' has %jd bytes and not %jd",
                                name, (intmax_t) done, (intmax_t) size);
        return 0;
}

static int directory_put(Sink *sink, const char *name, int64_t size, Stream *from, Fault *fault) {
        DirectorySink *directory = (DirectorySink *) sink;
        autofd int fd = -1;
        int r = make_parents(directory, name);

        if (r >= 0) {
                fd = openat(directory->fd, directory->draft,
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
                r = fd < 0 ? -errno : 0;
        }
        if (r < 0)
                return cannot_write(directory, name, r, fault);
        r = copy(directory, name, fd, size, from, fault);
        if (r >= 0 && (fdatasync(fd) < 0 ||
                                      renameat(directory->fd, directory->draft, directory->fd, name) < 0))
                r = cannot_write(directory, name, -errno, fault);
        if (r < 0)
                (void) unlinkat(directory->fd, directory->draft, 0);
        return r;
}

static bool directory_has(Sink *sink, const char *name, int64_t size) {
        struct stat st;

        return fstatat(((DirectorySink *) sink)->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISREG(st.st_mode) && st.st_size == size;
}

static int directory_read(Sink *sink, const char *name, char **ret, size_t *ret_size) {
        return io_read_file(((DirectorySink *) sink)->fd, name, DOC_LIMIT, ret, ret_size);
}

static int directory_finish(Sink *sink, Fault *fault) {
        return 0;
}

static void directory_free(Sink *sink) {
        DirectorySink *directory = (DirectorySink *) sink;

        if (directory->fd >= 0)
                (void) close(directory->fd);
        free(directory->path);
        free(directory);
}

int sink_new_directory(const char *path, Sink **ret, Fault *fault) {
        DirectorySink *directory = calloc(1, sizeof(DirectorySink));
        autosink Sink *sink = NULL;

        if (!directory)
                return -ENOMEM;
        sink = &directory->sink;
        *sink = (Sink){ directory_put, directory_has, directory_read, directory_finish, directory_free };
        directory->fd = -1;
        (void) snprintf(directory->draft, sizeof(directory->draft), ".slipway-%d.part", (int) getpid());
        directory->path = strdup(path);
        if (!directory->path)
                return -ENOMEM;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make '%.300s': %s", path,
                                strerror(errno));
        directory->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory->fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open the directory '%.300s': %s",
                                path, strerror(errno));
        *ret = TAKE(sink);
        return 0;
}
