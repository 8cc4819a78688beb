/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/control.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/io.h"

/* What init says, each with one letter in front. */
enum {
        SAYS_TRYING = 't', /* nothing more */
        SAYS_FAULT = 'f',  /* a Fault */
};

/* How long init waits with its exit for the watcher. */
#define ACKNOWLEDGE_MS 5000

int control_open(int *ret_watcher, int *ret_init) {
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        *ret_watcher = pair[0];
        *ret_init = pair[1];
        return 0;
}

typedef union ControlSpace {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
} ControlSpace;

int control_send_descriptor(int socket_fd, int fd) {
        char byte = 'b';
        struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
        ControlSpace control = {};
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
        memcpy(CMSG_DATA(c), &fd, sizeof(int));
        return sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int control_begin(int fd, int *ret) {
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        r = control_send_descriptor(fd, ends[0]);
        (void) close(ends[0]);
        if (r < 0) {
                (void) close(ends[1]);
                return r;
        }
        *ret = ends[1];
        return 0;
}

void control_trying(int fd) {
        (void) io_write_all(fd, &(char){ SAYS_TRYING }, 1);
}

void control_cancel(int fd) {
        (void) send(fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void control_fail(int fd, const Fault *fault) {
        struct pollfd wait = { .fd = fd };
        char message[1 + sizeof(*fault)] = { SAYS_FAULT };
        int r;

        /* Shorter than PIPE_BUF, so it comes in one piece. */
        _Static_assert(sizeof(message) < 4096, "a fault fits into a pipe at once");
        memcpy(message + 1, fault, sizeof(*fault));
        if (io_write_all(fd, message, sizeof(message)) < 0)
                return;

        /* The reader's end goes when the watcher does: then the words were there before the exit status is.
         */
        do
                r = poll(&wait, 1, ACKNOWLEDGE_MS);
        while (r < 0 && errno == EINTR);
}

int control_receive_descriptor(int socket_fd, int *ret) {
        char byte;
        struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
        ControlSpace control = {};
        struct msghdr message = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        struct cmsghdr *c;
        ssize_t n;

        do
                n = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;

        c = CMSG_FIRSTHDR(&message);
        if (n > 0 && !c)
                return -ECANCELED;
        if (n == 0 || !c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
                return -EPIPE;
        memcpy(ret, CMSG_DATA(c), sizeof(int));
        return 0;
}

static ssize_t read_some(int fd, void *to, size_t size) {
        ssize_t n;

        do
                n = read(fd, to, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

bool control_fault_is_sane(Fault *told) {
        told->path[sizeof(told->path) - 1] = told->key[sizeof(told->key) - 1] = '\0';
        told->text[sizeof(told->text) - 1] = '\0';
        fault_tame(told->path);
        fault_tame(told->key);
        fault_tame(told->text);
        return told->error > 0 && told->error <= 4095 && told->kind > FAULT_NONE &&
               told->kind < _FAULT_KIND_MAX && told->message < _MESSAGE_ID_MAX;
}

/* What comes out of a container is checked: its init is ours, but the pipe was in there. */
static int read_fault(int fd, Fault *ret) {
        Fault told;
        ssize_t n = read_some(fd, &told, sizeof(told));

        if (n < 0)
                return (int) n;
        if (n != sizeof(told) || !control_fault_is_sane(&told))
                return -EBADMSG;
        if (ret)
                *ret = told;
        return -told.error;
}

/* Return: 0 when the app was executed. */
static int listen_to_init(int fd, Fault *ret) {
        bool is_trying = false;

        for (;;) {
                char says;
                ssize_t n = read_some(fd, &says, 1);

                if (n < 0)
                        return (int) n;
                if (n == 0)
                        return is_trying ? 0
                                         : fault_raise(ret, FAULT_SYSTEM, EOWNERDEAD,
                                                           "the container was killed before its app could "
                                                           "start; if nobody did it, it had too little "
                                                           "memory");
                if (says == SAYS_FAULT)
                        return read_fault(fd, ret);
                if (says != SAYS_TRYING)
                        return -EBADMSG;
                is_trying = true;
        }
}

int control_wait(int fd, int held, Fault *fault) {
        autofd int told = -1;
        int r;

        r = control_receive_descriptor(fd, &told);
        if (r == -ECANCELED)
                return r;
        if (r < 0)
                return fault_mark(fault, MESSAGE_NSPAWN_FAILED,
                                fault_raise(fault, FAULT_SYSTEM, EPIPE,
                                                "systemd-nspawn ended before it could start anything"));
        if (held >= 0)
                (void) pidfd_send_signal(held, SIGSTOP, NULL, 0);
        r = listen_to_init(told, fault);
        if (r >= 0)
                return 0;

        /* Init waits for the end of this pipe, which is to be that of the watcher. */
        (void) TAKE_FD(told);
        if (fault && !fault_is_raised(fault))
                return fault_raise(fault, FAULT_SYSTEM, -r, "slipway-init has not said what is wrong");
        return r;
}
