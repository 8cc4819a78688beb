/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/enter-groups.h"
#include "nspawn-glue/enter.h"
#include "nspawn-glue/health/announce.h"
#include "nspawn-glue/health/ask.h"

/* All that checks of this container have left behind is in here. */
#define PROBE_GROUP "slipway-health"

/* How much is read at a time when there is room, and dropped when there is none. */
enum { PIECE = 4096, DROP = 1 << 20 };

/* What a shell would have said. */
static int tell_fault(Probe *probe, const Fault *fault, int status) {
        probe->result.exit_status = status;
        probe->result.output = strdup(fault->text);
        probe->result.size = probe->result.output ? strlen(probe->result.output) : 0;
        return 1;
}

/* Asked from here, in the container's network. */
static int begin_asking(
                Probe *probe, const Running *running, char *const *command, int output, Fault *fault) {
        Ask ask;
        int r = ask_parse(command, &ask, fault);

        probe->is_asking = true;
        return r < 0 ? r : ask_spawn(&ask, running->init, output, &probe->pid, &probe->pid_fd, fault);
}

int probe_begin(Probe *probe, const Running *running, char *const *command, size_t room, uint64_t now,
                Fault *fault) {
        EnterCommand enter = { .arguments = command, .group = PROBE_GROUP };
        autofd int ours = -1, theirs = -1;
        int ends[2], status = 0, r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        ours = ends[0];
        theirs = ends[1];
        if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                return -errno;

        *probe = PROBE_NONE;
        probe->init = running->init;
        probe->began = now;
        probe->room = room;
        probe->result.began = announce_now();
        enter.stdio[STDIN_FILENO] = -1;
        enter.stdio[STDOUT_FILENO] = enter.stdio[STDERR_FILENO] = theirs;
        r = ask_is_meant(command)
                            ? begin_asking(probe, running, command, theirs, fault)
                            : enter_spawn(running, &enter, &probe->pid, &probe->pid_fd, &status, fault);
        if (r >= 0) {
                probe->output_fd = TAKE_FD(ours);
                return 0;
        }
        probe->pid = 0;
        probe->pid_fd = -1;
        if (r == -EBUSY || r == -ESRCH)
                return r;
        /* A container in which nothing can be executed is not well, whatever the reason. */
        return tell_fault(probe, fault, status > 0 ? status : EXIT_LAUNCHER);
}

/* Without copying it. */
static ssize_t drop(int fd) {
        autofd int null = open("/dev/null", O_WRONLY | O_CLOEXEC | O_NOCTTY);

        return splice(fd, NULL, null, NULL, DROP, SPLICE_F_NONBLOCK);
}

static ssize_t keep(Probe *probe) {
        HealthResult *result = &probe->result;
        size_t size = probe->room - result->size < PIECE ? probe->room - result->size : PIECE;
        char *grown = realloc(result->output, result->size + size);
        ssize_t n;

        if (!grown)
                return drop(probe->output_fd);
        result->output = grown;
        n = read(probe->output_fd, result->output + result->size, size);
        if (n > 0)
                result->size += (size_t) n;
        return n;
}

/* One piece a call, so that whoever floods us does not keep us from the clock. */
void probe_read(Probe *probe) {
        bool is_full = probe->result.size >= probe->room || probe->is_judged;
        ssize_t n = is_full ? drop(probe->output_fd) : keep(probe);

        if (n > 0 && is_full && !probe->is_judged)
                probe->result.is_cut = true;
        if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
                return;
        fd_closep(&probe->output_fd);
        probe->output_fd = -1;
}

/* What is in the pipe now belongs to it; what others write later, whom it has left behind, does not. */
static void read_rest(Probe *probe) {
        for (size_t before = SIZE_MAX; probe->output_fd >= 0 && before != probe->result.size &&
                                       probe->result.size < probe->room;) {
                before = probe->result.size;
                probe_read(probe);
        }
        if (probe->output_fd >= 0 && !probe->is_judged)
                probe_read(probe);
}

void probe_reap(Probe *probe) {
        siginfo_t info = {};

        read_rest(probe);
        while (waitid(P_PIDFD, (id_t) probe->pid_fd, &info, WEXITED) < 0 && errno == EINTR)
                ;
        if (!probe->is_judged)
                probe->result.exit_status =
                                info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
        probe->pid = 0;
        probe_done(probe);
}

void probe_kill(Probe *probe) {
        pid_t group = getpgid(probe->pid);

        probe->is_judged = true;
        if (probe->is_asking) {
                (void) pidfd_send_signal(probe->pid_fd, SIGKILL, NULL, 0);
                return;
        }
        if (enter_groups_kill(probe->init, PROBE_GROUP) >= 0)
                return;
        /* Without a group, those that have gone their own way are not found. */
        if (group > 1 && group != getpgrp())
                (void) kill(-group, SIGKILL);
        (void) pidfd_send_signal(probe->pid_fd, SIGKILL, NULL, 0);
}

void probe_done(Probe *probe) {
        fd_closep(&probe->pid_fd);
        fd_closep(&probe->output_fd);
        probe->pid_fd = probe->output_fd = -1;
        probe->is_judged = false;
}
