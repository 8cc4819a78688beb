/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tar archive of plain files, always with the same owners, modes and times. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/sink.h"
#include "lib/io.h"
#include "lib/strv.h"

#define BLOCK 512
#define PIECE (256 * 1024)
#define OCTAL_MOST ((int64_t) 1 << 33)

/* As in POSIX. */
typedef struct Header {
        char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[8];
        char user[32], group[32], major[8], minor[8], prefix[155], rest[12];
} Header;

_Static_assert(sizeof(Header) == BLOCK, "a header is a block");

typedef struct ArchiveSink {
        Sink sink;
        int fd;
        char *path, *draft; /* NULL for what cannot be replaced */
        char **names;
        char *buffer;
} ArchiveSink;

static int cannot_write(const ArchiveSink *archive, int r, Fault *fault) {
        if (r == -EPIPE)
                return fault_raise(fault, FAULT_SYSTEM, EPIPE, "nobody reads the archive any more");
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot write to '%.300s': %s",
                        archive->path ?: "standard output", strerror(-r));
}

static void set_octal(char *field, size_t n, int64_t number) {
        (void) snprintf(field, n, "%0*jo", (int) n - 1, (uintmax_t) number);
}

/* What is too large for octal digits is binary, as GNU tar does it and all others read it. */
static void set_size(Header *header, int64_t size) {
        if (size < OCTAL_MOST) {
                set_octal(header->size, sizeof(header->size), size);
                return;
        }
        for (size_t i = sizeof(header->size); i-- > 0; size >>= 8)
                header->size[i] = (char) (size & 0xff);
        header->size[0] = (char) 0x80;
}

static int write_header(ArchiveSink *archive, const char *name, char type, int mode, int64_t size) {
        Header header = { .type = type };
        const unsigned char *bytes = (const unsigned char *) &header;
        unsigned sum = 0;

        if (strlen(name) > sizeof(header.name))
                return -ENAMETOOLONG;
        memcpy(header.name, name, strlen(name));
        set_octal(header.mode, sizeof(header.mode), mode);
        set_octal(header.uid, sizeof(header.uid), 0);
        set_octal(header.gid, sizeof(header.gid), 0);
        set_size(&header, size);
        set_octal(header.mtime, sizeof(header.mtime), 0);
        memcpy(header.magic, "ustar\00000", 8);
        memset(header.checksum, ' ', sizeof(header.checksum));
        for (size_t i = 0; i < sizeof(header); i++)
                sum += bytes[i];
        (void) snprintf(header.checksum, sizeof(header.checksum), "%06o", sum);
        return io_write_all(archive->fd, &header, sizeof(header));
}

/* Some readers want to have seen a directory before what is in it. */
static int write_parents(ArchiveSink *archive, const char *name) {
        for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
                char *parent = strndup(name, (size_t) (slash + 1 - name));
                int r;

                if (!parent)
                        return -ENOMEM;
                if (strv_find(archive->names, parent)) {
                        free(parent);
                        continue;
                }
                r = write_header(archive, parent, '5', 0755, 0);
                if (r < 0) {
                        free(parent);
                        return r;
                }
                r = strv_take(&archive->names, parent);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int write_content(ArchiveSink *archive, int64_t size, Stream *from, Fault *fault) {
        int64_t left = size;
        ssize_t n;
        int r;

        while ((n = stream_read(from, archive->buffer, PIECE, fault)) > 0) {
                if (n > left)
                        break;
                r = io_write_all(archive->fd, archive->buffer, (size_t) n);
                if (r < 0)
                        return cannot_write(archive, r, fault);
                left -= n;
        }
        if (n < 0)
                return (int) n;
        if (n > 0 || left > 0)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "it does not have %jd bytes",
                                (intmax_t) size);

        memset(archive->buffer, 0, BLOCK);
        r = io_write_all(archive->fd, archive->buffer, (size_t) (-size & (BLOCK - 1)));
        return r < 0 ? cannot_write(archive, r, fault) : 0;
}

static int archive_put(Sink *sink, const char *name, int64_t size, Stream *from, Fault *fault) {
        ArchiveSink *archive = (ArchiveSink *) sink;
        int r;

        if ((r = write_parents(archive, name)) < 0 || (r = write_header(archive, name, '0', 0644, size)) < 0)
                return cannot_write(archive, r, fault);
        r = write_content(archive, size, from, fault);
        return r < 0 ? r : strv_append(&archive->names, name);
}

static bool archive_has(Sink *sink, const char *name, int64_t size) {
        return strv_find(((ArchiveSink *) sink)->names, name);
}

static int archive_read_nothing(Sink *sink, const char *name, char **ret, size_t *ret_size) {
        return -ENOENT;
}

static int archive_finish(Sink *sink, Fault *fault) {
        ArchiveSink *archive = (ArchiveSink *) sink;
        int r;

        memset(archive->buffer, 0, 2 * BLOCK);
        r = io_write_all(archive->fd, archive->buffer, 2 * BLOCK);
        if (r >= 0 && archive->draft &&
                        (fsync(archive->fd) < 0 || rename(archive->draft, archive->path) < 0))
                r = -errno;
        if (r < 0)
                return cannot_write(archive, r, fault);
        free(TAKE(archive->draft));
        return 0;
}

static void archive_free(Sink *sink) {
        ArchiveSink *archive = (ArchiveSink *) sink;

        if (archive->fd >= 0)
                (void) close(archive->fd);
        if (archive->draft)
                (void) unlink(archive->draft);
        strv_free(archive->names);
        free(archive->path);
        free(archive->draft);
        free(archive->buffer);
        free(archive);
}

/* A device or a pipe is written to; a file is replaced. */
static int open_file(ArchiveSink *archive, const char *path) {
        struct stat st;

        archive->path = strdup(path);
        if (!archive->path)
                return -ENOMEM;
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
                archive->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
                return archive->fd < 0 ? -errno : 0;
        }
        if (asprintf(&archive->draft, "%s.%d.part", path, (int) getpid()) < 0) {
                archive->draft = NULL;
                return -ENOMEM;
        }
        archive->fd = open(archive->draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (archive->fd < 0) {
                int r = -errno;

                free(TAKE(archive->draft)); /* it is not ours */
                return r;
        }
        return 0;
}

int sink_new_archive(const char *path, Sink **ret, Fault *fault) {
        ArchiveSink *archive = calloc(1, sizeof(ArchiveSink));
        autosink Sink *sink = NULL;
        int r = 0;

        if (!archive)
                return -ENOMEM;
        sink = &archive->sink;
        *sink = (Sink){ archive_put, archive_has, archive_read_nothing, archive_finish, archive_free };
        archive->fd = -1;
        archive->buffer = malloc(PIECE);
        if (!archive->buffer)
                return -ENOMEM;
        if (path)
                r = open_file(archive, path);
        else if ((archive->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) < 0)
                r = -errno;
        if (r < 0)
                return cannot_write(archive, r, fault);
        *ret = TAKE(sink);
        return 0;
}
