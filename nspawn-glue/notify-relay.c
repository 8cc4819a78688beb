/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-notify: passes on what a container tells the service manager
 *
 * See notify-filter.h for what. It lives in the unit's control group beside
 * systemd-nspawn, so its words are the unit's, and ends with it. It needs no
 * privilege but to be in that group, and gives up all: to the service manager
 * it is not root.
 *
 * Process 1 is everybody's, so who has much to say waits for his turn; what the
 * socket has no room for, the sender keeps.
 *
 * Its descriptors: after the standard ones a pidfd of systemd-nspawn, and the
 * socket that the container sees.
 */

#include "nspawn-glue/notify-relay.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/cleanup.h"
#include "lib/notify.h"
#include "nspawn-glue/health/footprint.h"
#include "nspawn-glue/notify-filter.h"

#define NOBODY 65534
#define MESSAGE_MAX 4096    /* what the service manager takes */
#define DESCRIPTORS_MAX 253 /* SCM_MAX_FD */

/* So many at once are passed on, and then one in this time. */
enum { BURST = 100, TURN_MS = 10 };

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

/* Return: 0 when there is nothing more. */
static int pass_one(int fd) {
        static Message message;
        int r = receive(fd, &message);

        if (r > 0)
                pass_on(&message);
        if (r > 0 || r == -EBADMSG)
                close_received(&message);
        return r > 0 || r == -EBADMSG;
}

static uint64_t now_ms(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

/* As long as it has not been silent, its next message waits. */
static void wait_for_turn(void) {
        static uint64_t paid_until;
        uint64_t now = now_ms(), least = now > BURST * TURN_MS ? now - BURST * TURN_MS : 0;

        if (paid_until < least)
                paid_until = least;
        if (paid_until > now)
                (void) poll(NULL, 0, (int) (paid_until - now));
        paid_until += TURN_MS;
}

/* Few at a time, so that the end of the container is not missed. */
static void pass_some(int fd) {
        for (int i = 0; i < BURST / 10; i++) {
                if (!pass_one(fd))
                        return;
                wait_for_turn();
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
                if (wait[0].revents) {
                        for (int i = 0; i < BURST && pass_one(RELAY_SOCKET_FD); i++)
                                ;
                        return EXIT_SUCCESS;
                }
                if (wait[1].revents)
                        pass_some(RELAY_SOCKET_FD);
        }
}
