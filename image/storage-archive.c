/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* github.com/vbatts/tar-split: a line of JSON for each piece, which is a segment of bytes or a file by name.
 */

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "image/doc.h"
#include "image/storage.h"

#define PIECE (64 * 1024)
#define LINE_LIMIT (8u << 20)

enum { TYPE_FILE = 1, TYPE_SEGMENT = 2 };

typedef struct StorageArchive {
        Stream stream;
        Stream *recipe;
        int root_fd;

        char *text; /* of the recipe, what is left of it */
        size_t start, end, room;
        bool at_end;

        unsigned char *segment; /* being given out */
        size_t given, size;
        int file; /* the same */
        int64_t left;
        char name[256]; /* of the file, for messages */
} StorageArchive;

static int damaged(const char *why, Fault *fault) {
        return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "its tar-split is damaged: %s", why);
}

/* Makes room, and reads on. */
static int read_on(StorageArchive *archive, Fault *fault) {
        size_t pending = archive->end - archive->start;
        ssize_t n;

        memmove(archive->text, archive->text + archive->start, pending);
        archive->start = 0;
        archive->end = pending;
        if (archive->room - pending < PIECE) {
                size_t room = 2 * archive->room;
                char *grown = room > LINE_LIMIT ? NULL : realloc(archive->text, room);

                if (!grown)
                        return room > LINE_LIMIT ? damaged("a line is too long", fault) : -ENOMEM;
                archive->text = grown;
                archive->room = room;
        }
        n = stream_read(archive->recipe, archive->text + pending, PIECE, fault);
        if (n < 0)
                return (int) n;
        archive->end += (size_t) n;
        archive->at_end = n == 0;
        return 0;
}

/* Return: 1 with a line, 0 at the end, -errno. The line is good until the next call. */
static int next_line(StorageArchive *archive, const char **ret, size_t *ret_size, Fault *fault) {
        for (size_t seen = 0;;) {
                size_t pending = archive->end - archive->start;
                char *from = archive->text + archive->start,
                     *newline = memchr(from + seen, '\n', pending - seen);
                int r;

                if (newline || (archive->at_end && pending > 0)) {
                        *ret = from;
                        *ret_size = newline ? (size_t) (newline - from) : pending;
                        archive->start += *ret_size + (newline ? 1 : 0);
                        return 1;
                }
                if (archive->at_end)
                        return 0;
                seen = pending;
                r = read_on(archive, fault);
                if (r < 0)
                        return r;
        }
}

/* Padding is not counted by OpenSSL. Return: NULL when out of memory or wrong. */
static unsigned char *decode64(const char *text, size_t *ret_size) {
        size_t n = strlen(text), padding = 0;
        unsigned char *bytes;
        int size;

        if (n % 4 != 0 || n > INT_MAX / 2)
                return NULL;
        while (padding < 2 && padding < n && text[n - 1 - padding] == '=')
                padding++;
        bytes = malloc(n / 4 * 3 + 1);
        if (!bytes)
                return NULL;
        size = EVP_DecodeBlock(bytes, (const unsigned char *) text, (int) n);
        if (size < (int) padding) {
                free(bytes);
                return NULL;
        }
        *ret_size = (size_t) size - padding;
        bytes[*ret_size] = '\0';
        return bytes;
}

static int take_segment(StorageArchive *archive, const json_t *line, Fault *fault) {
        const char *payload = json_string_value(json_object_get(line, "payload"));
        unsigned char *bytes;

        if (!payload)
                return 0;
        bytes = decode64(payload, &archive->size);
        if (!bytes)
                return damaged("a segment is not base64", fault);
        free(archive->segment);
        archive->segment = bytes;
        archive->given = 0;
        return 0;
}

/* A name that is not UTF-8 is in base64 besides. */
static int file_name(const json_t *line, char **ret, Fault *fault) {
        const char *raw = json_string_value(json_object_get(line, "name_raw")),
                   *name = json_string_value(json_object_get(line, "name"));
        size_t size;

        if (raw) {
                *ret = (char *) decode64(raw, &size);
                return *ret && strlen(*ret) == size ? 0 : damaged("a name is not base64", fault);
        }
        if (!name || !*name)
                return damaged("a file has no name", fault);
        *ret = strdup(name);
        return *ret ? 0 : -ENOMEM;
}

static int cannot_use(const StorageArchive *archive, int error, Fault *fault) {
        return fault_raise(fault, error == ENOENT ? FAULT_MISSING : FAULT_SYSTEM, error,
                        "cannot read '%.200s' in it: %s", archive->name, strerror(error));
}

static int open_file(StorageArchive *archive, const char *name, Fault *fault) {
        struct open_how how = {
                .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };
        struct stat st;

        (void) snprintf(archive->name, sizeof(archive->name), "%s", name);
        do
                archive->file = (int) syscall(SYS_openat2, archive->root_fd, name, &how, sizeof(how));
        while (archive->file < 0 && (errno == EAGAIN || errno == EINTR));
        if (archive->file < 0 || fstat(archive->file, &st) < 0)
                return cannot_use(archive, errno, fault);
        if (!S_ISREG(st.st_mode) || st.st_size != archive->left)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "'%.200s' in it is not the file that it was, or was changed", name);
        return 0;
}

static int take_file(StorageArchive *archive, const json_t *line, Fault *fault) {
        autofree char *name = NULL;
        int r;

        archive->left = 0;
        r = doc_number(line, "size", &archive->left, fault);
        if (r < 0)
                return r;
        if (archive->left < 0)
                return damaged("a size is negative", fault);
        if (archive->left == 0) /* a directory, a link, a whiteout */
                return 0;
        r = file_name(line, &name, fault);
        return r < 0 ? r : open_file(archive, name, fault);
}

static int take_line(StorageArchive *archive, const char *text, size_t size, Fault *fault) {
        autojson json_t *line = NULL;
        int64_t type = 0;
        int r;

        if (strspn(text, " \t\r") >= size)
                return 0;
        line = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(line))
                return damaged("a line is not JSON", fault);
        r = doc_number(line, "type", &type, fault);
        if (r < 0)
                return r;
        if (type == TYPE_SEGMENT)
                return take_segment(archive, line, fault);
        return type == TYPE_FILE ? take_file(archive, line, fault) : damaged("a piece of no kind", fault);
}

static ssize_t give_file(StorageArchive *archive, void *buffer, size_t size, Fault *fault) {
        ssize_t n;

        do
                n = read(archive->file, buffer,
                                (int64_t) size < archive->left ? size : (size_t) archive->left);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return cannot_use(archive, n < 0 ? errno : ENODATA, fault);
        archive->left -= n;
        if (archive->left == 0) {
                (void) close(archive->file);
                archive->file = -1;
        }
        return n;
}

/* Return: how many bytes, 0 when the next line is needed, -errno. */
static ssize_t give(StorageArchive *archive, void *buffer, size_t size, Fault *fault) {
        size_t pending = archive->size - archive->given;

        if (archive->file >= 0)
                return give_file(archive, buffer, size, fault);
        if (pending > size)
                pending = size;
        if (pending > 0)
                memcpy(buffer, archive->segment + archive->given, pending);
        archive->given += pending;
        return (ssize_t) pending;
}

static ssize_t archive_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        StorageArchive *archive = (StorageArchive *) stream;
        size_t filled = 0;

        while (filled < size) {
                ssize_t n = give(archive, (char *) buffer + filled, size - filled, fault);
                const char *line;
                size_t length;
                int r;

                if (n < 0)
                        return n;
                filled += (size_t) n;
                if (n > 0)
                        continue;
                r = next_line(archive, &line, &length, fault);
                if (r > 0)
                        r = take_line(archive, line, length, fault);
                else if (r == 0)
                        break;
                if (r < 0)
                        return r;
        }
        return (ssize_t) filled;
}

static void archive_free(Stream *stream) {
        StorageArchive *archive = (StorageArchive *) stream;

        stream_freep(&archive->recipe);
        fd_closep(&archive->root_fd);
        fd_closep(&archive->file);
        free(archive->text);
        free(archive->segment);
        free(archive);
}

Stream *storage_archive(Stream *recipe, int root_fd) {
        autostream Stream *owned = recipe, *stream = NULL;
        StorageArchive *archive = calloc(1, sizeof(StorageArchive));

        if (!archive) {
                (void) close(root_fd);
                return NULL;
        }
        stream = &archive->stream;
        *archive = (StorageArchive){ { archive_read, NULL, archive_free }, .root_fd = root_fd, .file = -1 };
        archive->recipe = TAKE(owned);
        archive->room = 2 * PIECE;
        archive->text = malloc(archive->room);
        return archive->text ? TAKE(stream) : NULL;
}
