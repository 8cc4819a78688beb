/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/incoming.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "lib/cleanup.h"

typedef struct PartName {
        char text[DIGEST_HEX + 6];
} PartName;

static PartName part_name(const Digest *digest) {
        PartName name;

        (void) snprintf(name.text, sizeof(name.text), "%s.part", digest->hex);
        return name;
}

static int failed(int error, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot make a file in slipway-fetch's directory: %s",
                        strerror(error));
}

/* Return: 1 with the whole blob of an earlier time, 0 when there is none. */
static int open_finished(Incoming *incoming, uint64_t size) {
        const char *name = incoming->digest.hex;
        autofd int fd = openat(incoming->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        struct stat st;

        if (fd < 0)
                return 0;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t) st.st_size != size) {
                (void) unlinkat(incoming->dir_fd, name, 0);
                return 0;
        }
        incoming->fd = TAKE_FD(fd);
        incoming->size = size;
        incoming->is_finished = true;
        return 1;
}

static bool is_still_there(int dir_fd, const char *name, const struct stat *st) {
        struct stat now;

        return fstatat(dir_fd, name, &now, AT_SYMLINK_NOFOLLOW) >= 0 && now.st_ino == st->st_ino &&
               now.st_dev == st->st_dev;
}

/* Return: 1 with a file that is ours, 0 when it is somebody else's, -EAGAIN when it went away meanwhile. */
static int open_part(Incoming *incoming, uint64_t size) {
        PartName name = part_name(&incoming->digest);
        autofd int fd = openat(incoming->dir_fd, name.text,
                        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? 0 : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!is_still_there(incoming->dir_fd, name.text, &st))
                return -EAGAIN;
        if (!S_ISREG(st.st_mode) || (uint64_t) st.st_size > size) {
                (void) unlinkat(incoming->dir_fd, name.text, 0);
                return -EAGAIN;
        }
        incoming->fd = TAKE_FD(fd);
        incoming->size = (uint64_t) st.st_size;
        incoming->has_name = true;
        return 1;
}

static int open_unnamed(Incoming *incoming, Fault *fault) {
        incoming->fd = openat(incoming->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        return incoming->fd < 0 ? failed(errno, fault) : 0;
}

static int open_to_write(Incoming *incoming, uint64_t size, Fault *fault) {
        for (int i = 0; i < 5; i++) {
                int r = open_part(incoming, size);

                if (r > 0)
                        return 0;
                if (r == 0)
                        break;
                if (r != -EAGAIN)
                        return failed(-r, fault);
        }
        return open_unnamed(incoming, fault);
}

int incoming_open(int dir_fd, const Digest *digest, uint64_t size, Incoming *ret, Fault *fault) {
        Incoming incoming = { .dir_fd = dir_fd, .fd = -1, .digest = *digest };
        int r = 0;

        if (open_finished(&incoming, size) == 0)
                r = open_to_write(&incoming, size, fault);
        if (r >= 0)
                *ret = incoming;
        return r;
}

int incoming_share(const Incoming *incoming) {
        char path[32];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", incoming->fd);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int incoming_check_room(int dir_fd, uint64_t more, Fault *fault) {
        struct statvfs st;
        uint64_t there;

        if (fstatvfs(dir_fd, &st) < 0)
                return 0;
        there = (uint64_t) st.f_bavail * st.f_frsize;
        if (more <= there)
                return 0;
        return fault_raise(fault, FAULT_SYSTEM, ENOSPC,
                        "there is no room in slipway-fetch's directory (/var/lib/slipway-fetch): %ju MiB "
                        "are "
                        "needed, %ju MiB are free",
                        (uintmax_t) (more >> 20) + 1, (uintmax_t) there >> 20);
}

static void remove_name(Incoming *incoming) {
        PartName name = part_name(&incoming->digest);

        if (incoming->is_finished)
                (void) unlinkat(incoming->dir_fd, incoming->digest.hex, 0);
        if (incoming->has_name)
                (void) unlinkat(incoming->dir_fd, name.text, 0);
        incoming->has_name = incoming->is_finished = false;
}

int incoming_restart(Incoming *incoming, Fault *fault) {
        remove_name(incoming);
        (void) close(TAKE_FD(incoming->fd));
        incoming->size = 0;

        /* Nothing is there now, and if there is again, it is somebody else's. */
        return open_to_write(incoming, 0, fault);
}

void incoming_finish(Incoming *incoming) {
        PartName name = part_name(&incoming->digest);

        if (incoming->has_name &&
                        renameat(incoming->dir_fd, name.text, incoming->dir_fd, incoming->digest.hex) >= 0) {
                incoming->has_name = false;
                incoming->is_finished = true;
        }
}

void incoming_discard(Incoming *incoming) {
        remove_name(incoming);
        incoming_close(incoming);
}

void incoming_close(Incoming *incoming) {
        if (incoming->fd >= 0)
                (void) close(incoming->fd);
        incoming->fd = -1;
}

static void remove_unlocked(int dir_fd, const char *name) {
        autofd int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) >= 0)
                (void) unlinkat(dir_fd, name, 0);
}

void incoming_forget(int dir_fd, const Digest *digest) {
        PartName name = part_name(digest);

        (void) unlinkat(dir_fd, digest->hex, 0);
        if (faccessat(dir_fd, name.text, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                remove_unlocked(dir_fd, name.text);
}

void incoming_sweep(int dir_fd, uint64_t seconds) {
        int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        time_t now = time(NULL);

        if (!dir && copy >= 0)
                (void) close(copy);
        for (const struct dirent *entry; dir && (entry = readdir(dir));) {
                struct stat st;

                if (strlen(entry->d_name) < DIGEST_HEX ||
                                fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (S_ISREG(st.st_mode) && now > st.st_mtime && (uint64_t) (now - st.st_mtime) > seconds)
                        remove_unlocked(dir_fd, entry->d_name);
        }
}
