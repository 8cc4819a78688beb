/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/cleanup.h"

int notify_connect(int *ret) {
        const char *path = getenv("NOTIFY_SOCKET");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        autofd int fd = -1;
        size_t n;

        if (!path)
                return 0;

        n = strlen(path);
        if ((path[0] != '/' && path[0] != '@') || n >= sizeof(address.sun_path))
                return -EINVAL;
        memcpy(address.sun_path, path, n);
        if (path[0] == '@')
                address.sun_path[0] = '\0';

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *) &address,
                                      (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n)) < 0)
                return -errno;
        *ret = TAKE_FD(fd);
        return 1;
}

int notify_send(const char *state) {
        autofd int fd = -1;
        int r = notify_connect(&fd);

        if (r <= 0)
                return r;
        return send(fd, state, strlen(state), MSG_NOSIGNAL) < 0 ? -errno : 1;
}

static int send_barrier(int fd, int end) {
        static char text[] = "BARRIER=1";
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
        struct msghdr message = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &end, sizeof(int));
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The manager closes its copy of the pipe when it comes to the message. */
int notify_barrier(int timeout_ms) {
        struct pollfd wait = { .events = 0 };
        autofd int fd = -1, ours = -1;
        int ends[2], r;

        r = notify_connect(&fd);
        if (r <= 0)
                return r;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        ours = wait.fd = ends[0];
        r = send_barrier(fd, ends[1]);
        (void) close(ends[1]);
        if (r < 0)
                return r;

        do
                r = poll(&wait, 1, timeout_ms);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;
        return r == 0 ? -ETIMEDOUT : 1;
}

int notify_status(const char *format, ...) {
        char text[1024], state[sizeof("STATUS=") + 2 * sizeof(text)], *to = stpcpy(state, "STATUS=");
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);

        /* The manager ends lines at carriage returns, too; and people have terminals. */
        for (const char *from = text; *from; from++) {
                if (*from == '\\')
                        *to++ = '\\';
                *to++ = (unsigned char) *from < 0x20 || *from == 0x7f ? ' ' : *from;
        }
        *to = '\0';
        return notify_send(state);
}
