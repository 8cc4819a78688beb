/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"

int io_write_all(int fd, const void *data, size_t size) {
        const char *at = data;

        while (size > 0) {
                ssize_t n = write(fd, at, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                at += n;
                size -= (size_t) n;
        }
        return 0;
}

/* The first guess is the size plus one, so that a file that does not grow is read at once and ends at once.
 */
static size_t first_guess(int fd, size_t limit) {
        struct stat st;
        size_t guess = 4096;

        if (fstat(fd, &st) >= 0 && S_ISREG(st.st_mode) && st.st_size > 0)
                guess = (size_t) st.st_size + 1;
        return guess > limit ? limit + 1 : guess;
}

int io_read_fd(int fd, size_t limit, char **ret, size_t *ret_size) {
        size_t room = first_guess(fd, limit), size = 0;
        autofree char *text = malloc(room + 1);

        if (!text)
                return -ENOMEM;

        for (;;) {
                ssize_t n;

                if (size > limit)
                        return -EFBIG;
                if (size == room) {
                        char *grown = realloc(text, room * 2 + 1);

                        if (!grown)
                                return -ENOMEM;
                        text = grown;
                        room *= 2;
                }

                n = read(fd, text + size, room - size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
        }

        text[size] = '\0';
        if (ret_size)
                *ret_size = size;
        *ret = TAKE(text);
        return 0;
}

void io_last_line(int fd, char *ret, size_t size) {
        off_t end = lseek(fd, 0, SEEK_END), from = end < (off_t) size ? 0 : end - (off_t) size + 1;
        ssize_t n = pread(fd, ret, size - 1, from);
        char *line;

        ret[n > 0 ? n : 0] = '\0';
        while (n > 0 && (ret[n - 1] == '\n' || ret[n - 1] == ' '))
                ret[--n] = '\0';
        line = strrchr(ret, '\n');
        if (line)
                memmove(ret, line + 1, strlen(line));
}

int io_read_file(int dir_fd, const char *path, size_t limit, char **ret, size_t *ret_size) {
        autofd int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return -errno;
        return io_read_fd(fd, limit, ret, ret_size);
}

static int write_draft(int dir_fd, const char *draft, const void *data, size_t size, mode_t mode) {
        autofd int fd = openat(dir_fd, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        int r;

        if (fd < 0)
                return -errno;
        r = io_write_all(fd, data, size);
        if (r < 0)
                return r;
        return fsync(fd) < 0 ? -errno : 0;
}

int io_create_file(int dir_fd, const char *name, const void *data, size_t size, mode_t mode) {
        autofd int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

        return fd < 0 ? -errno : io_write_all(fd, data, size);
}

int io_replace_file(int dir_fd, const char *name, const void *data, size_t size, mode_t mode) {
        char draft[280];
        int r;

        if (snprintf(draft, sizeof(draft), ".%s.%d~", name, (int) getpid()) >= (int) sizeof(draft))
                return -ENAMETOOLONG;

        (void) unlinkat(dir_fd, draft, 0);
        r = write_draft(dir_fd, draft, data, size, mode);
        if (r >= 0 && renameat(dir_fd, draft, dir_fd, name) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlinkat(dir_fd, draft, 0);
                return r;
        }
        return fsync(dir_fd) < 0 ? -errno : 0;
}

int io_mkdir_p(const char *path, mode_t mode) {
        autofree char *copy = strdup(path);
        struct stat st;

        if (!copy)
                return -ENOMEM;

        for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(copy, mode) < 0 && errno != EEXIST)
                        return -errno;
                *slash = '/';
        }

        if (mkdir(copy, mode) >= 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        if (stat(copy, &st) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int io_open_pipe(int *ret_read, int *ret_write) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        *ret_read = fcntl(ends[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        *ret_write = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        (void) close(ends[0]);
        (void) close(ends[1]);
        return *ret_read < 0 || *ret_write < 0 ? -EMFILE : 0;
}
