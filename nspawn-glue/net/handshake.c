/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/handshake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/net/answer.h"

int handshake_open(int *ret_server, int *ret_init) {
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        *ret_server = pair[0];
        *ret_init = pair[1];
        return 0;
}

int handshake_ask(int fd, Fault *fault) {
        autofd int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        Answer answer = {};
        ssize_t n;

        if (own < 0)
                return -errno;
        /* Who has failed already has said so, and may have gone. */
        (void) control_send_descriptor(fd, own);
        do
                n = recv(fd, &answer, sizeof(answer), 0);
        while (n < 0 && errno == EINTR);
        if (n == 1 && answer.kind == ANSWER_DONE)
                return 0;
        if (n == (ssize_t) sizeof(answer) && answer.kind == ANSWER_FAULT &&
                        control_fault_is_sane(&answer.fault)) {
                if (fault)
                        *fault = answer.fault;
                return -answer.fault.error;
        }
        return fault_raise(fault, FAULT_SYSTEM, EPIPE,
                        "slipway-net has ended before the network was made; the journal has what it said");
}
