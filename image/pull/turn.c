/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pull/turn.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

int turn_take(const Store *store, const Digest *document, Turn *ret) {
        Turn turn = { .store = store };
        autofd int fd = -1;
        struct stat st;

        (void) snprintf(turn.path, sizeof(turn.path), "tmp/.pull-%s", document->hex);
        fd = openat(store->fd, turn.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? 0 : -errno;

        /* Who held it has removed it since we opened it. */
        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_nlink == 0)
                return 0;
        turn.fd = TAKE_FD(fd);
        *ret = turn;
        return 1;
}

void turn_end(Turn *turn) {
        if (turn->fd < 0)
                return;
        (void) unlinkat(turn->store->fd, turn->path, 0);
        (void) close(turn->fd);
        *turn = TURN_NONE;
}
