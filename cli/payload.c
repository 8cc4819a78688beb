/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/payload.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#include "cli/container.h"
#include "lib/io.h"
#include "lib/signals.h"
#include "nspawn-glue/running.h"

int payload_signal(const GeneratedUnit *unit, int signal, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        char name[256], word[16];
        int r;

        r = running_open(container_name(unit, name, sizeof(name)), &running, fault);
        if (r < 0)
                return r;
        if (pidfd_send_signal(running.init_fd, signal, NULL, 0) >= 0)
                return 0;
        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot send SIG%s to '%s': %s",
                        signal_to_name(signal, word, sizeof(word)), running.name, strerror(errno));
}

/* A set of signals in /proc/PID/status. */
static uint64_t read_set(const char *status, const char *name) {
        const char *line = strstr(status, name);

        return line ? strtoull(line + strlen(name), NULL, 16) : UINT64_MAX;
}

bool payload_takes(const char *container, int signal) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        autofree char *text = NULL;
        char path[64];

        if (signal == SIGKILL || signal == SIGSTOP || running_open(container, &running, NULL) < 0)
                return true;
        (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) running.init);
        if (io_read_file(AT_FDCWD, path, 65536, &text, NULL) < 0)
                return true;

        /* What is blocked waits for sigwait(3), or for better times. */
        return ((read_set(text, "\nSigCgt:") | read_set(text, "\nSigBlk:")) & UINT64_C(1) << (signal - 1)) !=
               0;
}
