/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/cleanup.h"

int notify_send(const char *state) {
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
        if (fd < 0)
                return -errno;
        if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *) &address,
                            (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n)) < 0)
                return -errno;
        return 1;
}

int notify_sendf(const char *format, ...) {
        char state[2048];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(state, sizeof(state), format, ap);
        va_end(ap);

        return notify_send(state);
}
