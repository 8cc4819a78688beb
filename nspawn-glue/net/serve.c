/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/listening.h"
#include "lib/report.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/net/answer.h"
#include "nspawn-glue/net/attach.h"
#include "nspawn-glue/net/handshake.h"
#include "nspawn-glue/net/proxy-start.h"

/* It comes from a container, even if before anything of its image has run. */
static int check_namespace(int fd) {
        struct stat own, its;

        if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET || fstat(fd, &its) < 0 ||
                        stat("/proc/self/ns/net", &own) < 0)
                return -EBADF;
        return own.st_dev == its.st_dev && own.st_ino == its.st_ino ? -EPERM : 0;
}

static int attach(Member *member, int fd, bool *ret_asked, bool *ret_proxied, Fault *fault) {
        autofd int namespace_fd = -1;
        int r;

        r = attach_prepare(member, ret_proxied, fault);
        if (r < 0)
                return r;
        r = control_receive_descriptor(fd, &namespace_fd);
        *ret_asked = r >= 0;
        if (r >= 0)
                r = check_namespace(namespace_fd);
        return r < 0 ? r : attach_make(member, namespace_fd, ret_proxied, fault);
}

/* The sockets come before the one by which we are asked. */
static void pass_on(const Member *member, int fd) {
        Fault fault = {};

        if (fd <= LISTENING_FIRST)
                return;
        (void) proxy_become(member, LISTENING_FIRST, (size_t) (fd - LISTENING_FIRST), &fault);
        report_fault(REPORT_ERROR, &fault);
}

int handshake_serve(int fd, const char *owner) {
        AUTO(member_done) Member member = {};
        Answer answer = { .kind = ANSWER_DONE };
        bool asked = true, proxied = false;
        int r;

        r = member_read(owner, &member);
        if (r >= 0)
                r = attach(&member, fd, &asked, &proxied, &answer.fault);
        if (!asked)
                return 0;
        if (r < 0) {
                (void) fault_wrap(&answer.fault, r, "cannot make the network of '%s'", owner);
                answer.kind = ANSWER_FAULT;
        }
        if (send(fd, &answer, r < 0 ? sizeof(answer) : 1, MSG_NOSIGNAL) < 0)
                return -errno;
        if (r >= 0 && proxied)
                pass_on(&member, fd);
        return 0;
}
