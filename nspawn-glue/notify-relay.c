/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-notify: passes on what a container tells the service manager
 *
 * Only for containers without a user namespace, see notify-filter.h. It lives
 * in the unit's control group beside systemd-nspawn, so its words are the
 * unit's, and ends with it. It needs no privilege but to be in that group, and
 * gives up all: to the service manager it is not root.
 *
 * Its descriptors: after the standard ones a pidfd of systemd-nspawn, and the
 * socket that the container sees.
 */

#include "nspawn-glue/notify-relay.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/notify.h"
#include "nspawn-glue/health/footprint.h"
#include "nspawn-glue/notify-filter.h"

#define NOBODY 65534
#define MESSAGE_MAX 4096    /* what the service manager takes */
#define DESCRIPTORS_MAX 253 /* SCM_MAX_FD */

typedef struct Message {
        char text[MESSAGE_MAX];
        struct iovec iov;
        struct msghdr header;
        union {
                struct cmsghdr first;
                char space[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
        } control;
} Message;

/* Return: 1, 0 when there is none, -EBADMSG for one that cannot be read whole, -errno. */
static int receive(int fd, Message *message) {
        ssize_t n;

        message->iov = (struct iovec){ .iov_base = message->text, .iov_len = sizeof(message->text) };
        message->header = (struct msghdr){
                .msg_iov = &message->iov,
                .msg_iovlen = 1,
                .msg_control = &message->control,
                .msg_controllen = sizeof(message->control),
        };
        do
                n = recvmsg(fd, &message->header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == EAGAIN ? 0 : -errno;
        message->iov.iov_len = (size_t) n;
        return message->header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EBADMSG : 1;
}

/* Those that came with the message are open here now. */
static void close_received(Message *message) {
        struct cmsghdr *c;

        for (c = CMSG_FIRSTHDR(&message->header); c; c = CMSG_NXTHDR(&message->header, c)) {
                size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                for (size_t i = 0; i < n; i++) {
                        int fd;

                        memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
                        (void) close(fd);
                }
        }
}

/* Our own name goes under it, and what descriptors there are go with it. */
static void pass_on(Message *message) {
        autofd int fd = -1;

        message->iov.iov_len = notify_filter(message->text, message->iov.iov_len);
        if (message->iov.iov_len == 0 || notify_connect(&fd) <= 0)
                return;
        message->header.msg_name = NULL;
        message->header.msg_namelen = 0;
        message->header.msg_flags = 0;
        if (message->header.msg_controllen == 0)
                message->header.msg_control = NULL;
        (void) sendmsg(fd, &message->header, MSG_NOSIGNAL);
}

static void pass_all(int fd) {
        static Message message;
        int r;

        while ((r = receive(fd, &message)) != 0) {
                if (r > 0)
                        pass_on(&message);
                if (r > 0 || r == -EBADMSG)
                        close_received(&message);
                else
                        return;
        }
}

int main(int argc, char **argv) {
        struct pollfd wait[] = {
                { .fd = RELAY_NSPAWN_FD, .events = POLLIN },
                { .fd = RELAY_SOCKET_FD, .events = POLLIN },
        };

        if (argc != 1) {
                (void) fputs("slipway-notify is started by slipway-nspawn\n", stderr);
                return EXIT_FAILURE;
        }
        /* It goes when systemd-nspawn does; what else the unit is sent is not meant for it. */
        for (int i = 1; i < NSIG; i++)
                if (i != SIGSEGV && i != SIGBUS && i != SIGABRT)
                        (void) signal(i, SIG_IGN);
        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                        setresuid(NOBODY, NOBODY, NOBODY) < 0 ||
                        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return EXIT_FAILURE;

        for (;;) {
                if (footprint_wait(wait, ELEMENTS(wait), NULL) < 0 && errno != EINTR)
                        return EXIT_FAILURE;
                if (wait[1].revents)
                        pass_all(RELAY_SOCKET_FD);
                if (wait[0].revents)
                        return EXIT_SUCCESS;
        }
}
