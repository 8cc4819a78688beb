/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/stdio/entry.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/io.h"

int entry_head(EntryHead *ret, const Speaker *speaker, int priority) {
        int n;

        /* A line break would start another field. */
        if (strpbrk(speaker->container, "\n") || strpbrk(speaker->unit, "\n") ||
                        strpbrk(speaker->image, "\n") || strpbrk(speaker->tag, "\n"))
                return -EINVAL;

        n = snprintf(ret->text, sizeof(ret->text),
                        "SYSLOG_IDENTIFIER=%s\nCONTAINER_NAME=%s\nOBJECT_SYSTEMD_UNIT=%s\n%s%s%s%s",
                        *speaker->tag ? speaker->tag : speaker->container, speaker->container, speaker->unit,
                        *speaker->image ? "IMAGE_NAME=" : "", speaker->image, *speaker->image ? "\n" : "",
                        speaker->fields);
        if (n < 0 || (size_t) n >= sizeof(ret->text))
                return -E2BIG;
        ret->size = (size_t) n;
        ret->priority = priority;
        return 0;
}

int entry_priority(Line *line, int otherwise) {
        int priority;

        if (line->size < 3 || line->text[0] != '<' || line->text[2] != '>' || line->text[1] < '0' ||
                        line->text[1] > '7')
                return otherwise;

        priority = line->text[1] - '0';
        line->text += 3;
        line->size -= 3;
        return priority;
}

int entry_connect(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        autofd int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        (void) strcpy(address.sun_path, path);

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* The length of the message, in the order of bytes that the journal wants. */
static void put_length(char *to, uint64_t n) {
        for (int i = 0; i < 8; i++)
                to[i] = (char) (n >> (8 * i) & 0xff);
}

/* What does not fit into a datagram goes as a file in memory that nobody changes any more. */
static int send_as_file(int fd, const struct iovec *parts, int n) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof(control) };
        autofd int file = memfd_create("entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        int r = file < 0 ? -errno : 0;

        for (int i = 0; i < n && r >= 0; i++)
                r = io_write_all(file, parts[i].iov_base, parts[i].iov_len);
        if (r < 0)
                return r;
        if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
                return -errno;

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &file, sizeof(int));
        return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int entry_send(int fd, const EntryHead *head, const Line *line) {
        static const struct timespec pause = { .tv_nsec = 100000000 };
        Line rest = *line;
        char more[96], length[8];
        int n = snprintf(more, sizeof(more), "PRIORITY=%d\n%sMESSAGE\n",
                        entry_priority(&rest, head->priority),
                        rest.is_cut ? "CONTAINER_PARTIAL_MESSAGE=true\n" : "");
        const struct iovec parts[] = {
                { (void *) head->text, head->size },
                { more, (size_t) n },
                { length, sizeof(length) },
                { (void *) rest.text, rest.size },
                { (void *) "\n", 1 },
        };
        const struct msghdr message = { .msg_iov = (struct iovec *) parts, .msg_iovlen = ELEMENTS(parts) };

        put_length(length, rest.size);
        for (int tries = 0;; tries++) {
                if (sendmsg(fd, &message, MSG_NOSIGNAL) >= 0)
                        return 0;
                if (errno == EINTR)
                        continue;
                if (errno == EMSGSIZE || errno == ENOBUFS)
                        return send_as_file(fd, parts, ELEMENTS(parts));
                if (errno != ECONNREFUSED || tries >= 50)
                        return -errno;
                (void) nanosleep(&pause, NULL);
        }
}
