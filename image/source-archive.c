/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An archive as a source: an index of where its members are, and a stream over each. */

#include <fcntl.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>

#include "image/decode.h"
#include "image/source.h"
#include "image/tar.h"
#include "lib/io.h"

#define MEMBERS_LIMIT 100000
#define SPOOL_LIMIT (256ull << 30)
#define LINKS_LIMIT 8

typedef struct Member {
        char *name;
        char *link; /* where to look instead, for a symbolic or hard link */
        int64_t position, size;
} Member;

typedef struct ArchiveSource {
        Source source;
        int fd;
        void *members; /* tsearch(3) by name */
        size_t n_members;
} ArchiveSource;

static int compare(const void *a, const void *b) {
        return strcmp(((const Member *) a)->name, ((const Member *) b)->name);
}

static void free_member(void *data) {
        Member *member = data;

        free(member->name);
        free(member->link);
        free(member);
}

/*
 * Resolves "." and ".." in "BASE/PATH" as text. The names are keys of our own index, so a path that
 * climbs out of the top leads nowhere rather than somewhere else.
 */
static char *resolve(const char *base, size_t base_size, const char *path) {
        autofree char *whole = NULL, *clean = NULL;
        char *save = NULL, *end;

        if (asprintf(&whole, "%.*s/%s", (int) base_size, base, path) < 0) {
                whole = NULL;
                return NULL;
        }
        clean = malloc(strlen(whole) + 2);
        if (!clean)
                return NULL;

        end = clean;
        for (char *word = strtok_r(whole, "/", &save); word; word = strtok_r(NULL, "/", &save)) {
                if (strcmp(word, ".") == 0)
                        continue;
                if (strcmp(word, "..") == 0) {
                        if (end == clean)
                                return strdup("");
                        while (end > clean && *--end != '/')
                                ;
                        continue;
                }
                if (end > clean)
                        *end++ = '/';
                end = stpcpy(end, word);
        }
        *end = '\0';
        return TAKE(clean);
}

static int fill_member(Member *member, struct archive_entry *entry, int64_t position) {
        const char *name = archive_entry_pathname(entry), *hard = archive_entry_hardlink(entry),
                   *soft = archive_entry_symlink(entry), *slash;

        member->position = position;
        member->size = archive_entry_size(entry);
        member->name = resolve("", 0, name);
        if (!member->name)
                return -ENOMEM;

        slash = strrchr(member->name, '/');
        if (hard)
                member->link = resolve("", 0, hard);
        else if (archive_entry_filetype(entry) == AE_IFLNK && soft)
                member->link = resolve(member->name, slash ? (size_t) (slash - member->name) : 0, soft);
        else
                return 0;
        return member->link ? 0 : -ENOMEM;
}

/* A name that comes again means the later one, as with tar(1). */
static int add_member(ArchiveSource *archive, struct archive_entry *entry, int64_t position, Fault *fault) {
        Member *member, **slot, *older = NULL;
        int r;

        if (!archive_entry_pathname(entry) || (archive_entry_filetype(entry) != AE_IFREG &&
                                                              archive_entry_filetype(entry) != AE_IFLNK &&
                                                              !archive_entry_hardlink(entry)))
                return 0;
        if (++archive->n_members > MEMBERS_LIMIT)
                return fault_raise(fault, FAULT_HOSTILE, E2BIG, "the archive has more than %d members",
                                MEMBERS_LIMIT);

        member = calloc(1, sizeof(Member));
        if (!member)
                return -ENOMEM;
        r = fill_member(member, entry, position);
        slot = r < 0 ? NULL : tsearch(member, &archive->members, compare);
        if (!slot) {
                free_member(member);
                return -ENOMEM;
        }
        if (*slot != member) {
                older = *slot;
                *slot = member;
                free_member(older);
        }
        return 0;
}

static int read_index(ArchiveSource *archive, Fault *fault) {
        AUTO(tar_names_end) __attribute__((unused)) locale_t before = tar_names_begin();
        autostream Stream *stream = stream_new_file(archive->fd, 0);
        struct archive_entry *entry;
        autotar Tar *tar = NULL;
        int r;

        if (!stream)
                return -ENOMEM;
        r = tar_open_stream(stream, &tar, fault);
        if (r < 0)
                return r;

        while ((r = tar_next(tar, &entry, fault)) > 0) {
                r = add_member(archive, entry, tar_position(tar), fault);
                if (r < 0)
                        return r;
        }
        return r;
}

/* A stream over one member; the archive is opened again at its header. */
typedef struct MemberStream {
        Stream stream;
        Stream *file;
        Tar *tar;
        const char *data; /* what is left of the current piece */
        size_t left;
        int64_t offset; /* of that piece */
        int64_t at;     /* where in the member we are */
} MemberStream;

static ssize_t member_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        MemberStream *member = (MemberStream *) stream;
        const void *data;
        ssize_t n;

        if (member->left == 0) {
                n = tar_data(member->tar, &data, &member->offset, fault);
                if (n <= 0)
                        return n;
                member->data = data;
                member->left = (size_t) n;
        }

        if (member->offset > member->at) { /* a hole in a sparse member */
                int64_t hole = member->offset - member->at;

                n = (uint64_t) hole < size ? (ssize_t) hole : (ssize_t) size;
                memset(buffer, 0, (size_t) n);
        } else {
                n = (ssize_t) (member->left < size ? member->left : size);
                memcpy(buffer, member->data, (size_t) n);
                member->data += n;
                member->left -= (size_t) n;
                member->offset += n;
        }
        member->at += n;
        return n;
}

static void member_free(Stream *stream) {
        MemberStream *member = (MemberStream *) stream;

        tar_freep(&member->tar);
        stream_freep(&member->file);
        free(member);
}

static int open_member(ArchiveSource *archive, const Member *what, Stream **ret, Fault *fault) {
        MemberStream *member = calloc(1, sizeof(MemberStream));
        struct archive_entry *entry;
        autostream Stream *stream = NULL;
        int r;

        if (!member)
                return -ENOMEM;
        stream = &member->stream;
        *stream = (Stream){ member_read, NULL, member_free };

        member->file = stream_new_file(archive->fd, what->position);
        if (!member->file)
                return -ENOMEM;
        r = tar_open_stream(member->file, &member->tar, fault);
        if (r < 0)
                return r;
        r = tar_next(member->tar, &entry, fault);
        if (r == 0)
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "the archive has changed meanwhile");
        if (r < 0)
                return r;

        *ret = TAKE(stream);
        return 0;
}

static int archive_open(Source *source, const char *name, Stream **ret, int64_t *ret_size, Fault *fault) {
        ArchiveSource *archive = (ArchiveSource *) source;
        autofree char *key = resolve("", 0, name);
        Member **found;
        int links = 0;

        if (!key)
                return -ENOMEM;

        for (const char *at = key;;) {
                Member wanted = { .name = (char *) at };

                found = tfind(&wanted, &archive->members, compare);
                if (!found)
                        return -ENOENT;
                if (!(*found)->link)
                        break;
                if (++links > LINKS_LIMIT)
                        return fault_raise(fault, FAULT_HOSTILE, ELOOP, "its links lead in circles");
                at = (*found)->link;
        }

        *ret_size = (*found)->size;
        return open_member(archive, *found, ret, fault);
}

static void archive_source_free(Source *source) {
        ArchiveSource *archive = (ArchiveSource *) source;

        tdestroy(archive->members, free_member);
        if (archive->fd >= 0)
                (void) close(archive->fd);
        free(archive);
}

static int spool(int fd, int spool_fd, bool seekable, int *ret, Fault *fault) {
        autostream Stream *stream = NULL;
        autofree char *buffer = malloc(256 * 1024);
        autofd int copy = -1;
        Passed passed = {};
        ssize_t n;

        stream = seekable ? stream_new_file(fd, 0) : stream_new_pipe(fd);
        if (stream)
                stream = stream_new_decoder(TAKE(stream));
        if (stream)
                stream = stream_new_tap(TAKE(stream), &passed, SPOOL_LIMIT, "the archive");
        if (!buffer || !stream)
                return -ENOMEM;

        copy = openat(spool_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (copy < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make a copy of the archive: %s",
                                strerror(errno));

        while ((n = stream_read(stream, buffer, 256 * 1024, fault)) > 0) {
                int r = io_write_all(copy, buffer, (size_t) n);

                if (r < 0)
                        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot make a copy of the archive: %s",
                                        strerror(-r));
        }
        if (n < 0)
                return (int) n;
        *ret = TAKE_FD(copy);
        return 0;
}

/* A plain file is read where it is; what is compressed or a pipe must be copied to be read twice. */
static int open_archive(const char *path, int spool_fd, int *ret, Fault *fault) {
        bool is_stdin = strcmp(path, "-") == 0;
        unsigned char start[16];
        autofd int fd = -1;
        bool seekable;
        ssize_t n;

        fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%.300s': %s", path,
                                strerror(errno));

        seekable = lseek(fd, 0, SEEK_CUR) == 0;
        n = seekable ? pread(fd, start, sizeof(start), 0) : 0;
        if (n < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read '%.300s': %s", path,
                                strerror(errno));
        if (seekable && compression_of(start, (size_t) n) == COMPRESSION_NONE) {
                *ret = TAKE_FD(fd);
                return 0;
        }
        return spool(fd, spool_fd, seekable, ret, fault);
}

int source_new_archive(const char *path, int spool_fd, Source **ret, Fault *fault) {
        ArchiveSource *archive = calloc(1, sizeof(ArchiveSource));
        autosource Source *source = NULL;
        int r;

        if (!archive)
                return -ENOMEM;
        source = &archive->source;
        *source = (Source){ archive_open, archive_source_free };
        archive->fd = -1;

        r = open_archive(path, spool_fd, &archive->fd, fault);
        if (r < 0)
                return r;
        r = read_index(archive, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the archive '%.200s'", path);
        *ret = TAKE(source);
        return 0;
}
