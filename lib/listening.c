/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/listening.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"

/* What a variable of the service manager's says, 0 for anything strange. */
static long number_of(const char *name) {
        const char *text = getenv(name);
        char *end;
        long n;

        if (!text || !*text)
                return 0;
        n = strtol(text, &end, 10);
        return *end || n < 0 ? 0 : n;
}

long listening_passed(void) {
        return number_of("LISTEN_PID") == getpid() ? number_of("LISTEN_FDS") : 0;
}

int listening_count(void) {
        long n = listening_passed();

        if (n > LISTENING_MAX)
                n = LISTENING_MAX;
        for (int i = 0; i < (int) n; i++) {
                (void) fcntl(LISTENING_FIRST + i, F_SETFD, FD_CLOEXEC);
                (void) fcntl(LISTENING_FIRST + i, F_SETFL, fcntl(LISTENING_FIRST + i, F_GETFL) | O_NONBLOCK);
        }
        return (int) n;
}

int listening_type(int fd) {
        socklen_t size = sizeof(int);
        int type;

        return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ? -errno : type;
}

/* Out of the way first, so that none is overwritten before it has moved. */
int listening_place(const int *fds, size_t n) {
        autofree int *high = calloc(n, sizeof(int));

        if (!high)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, LISTENING_FIRST + (int) n);
                if (high[i] < 0)
                        return -errno;
        }
        for (size_t i = 0; i < n; i++)
                if (dup2(high[i], LISTENING_FIRST + (int) i) < 0)
                        return -errno;
        return 0;
}
