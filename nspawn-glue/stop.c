/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/signals.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/running.h"
#include "nspawn-glue/signal-fate.h"

/* How many processes a stop signal is passed to. */
#define TAKERS_MAX 16

/* When those who took the signal have ended, how long the first process has to come to its own end. */
#define AFTERMATH_MS 1000

/* What process 1 is told is dropped unless it asked for it; whoever else is told nothing new ends by it. An
 * app in the processes of a pod is not process 1 even where it is the first of its container. */
static bool arrives(const Running *running, int number, SignalFate fate) {
        if (fate == SIGNAL_TAKEN)
                return true;
        return fate == SIGNAL_DEFAULT && (running->app != running->init || !running->is_first);
}

/* Return: whether a signal to the container reaches its app; also when there is no app any more. */
static bool reaches_app(const Running *running, int number) {
        SignalFate fate;

        return signal_fate(running->app, number, &fate) < 0 || arrives(running, number, fate);
}

static void name_app(const Running *running, char *ret, size_t size) {
        autofree char *text = NULL;
        char path[32];

        (void) snprintf(path, sizeof(path), "/proc/%d/comm", (int) running->app);
        if (io_read_file(AT_FDCWD, path, 64, &text, NULL) < 0)
                text = NULL;
        (void) snprintf(ret, size, "%.*s", text ? (int) strcspn(text, "\n") : 3, text ?: "app");
        fault_tame(ret);
}

/* What is to be stopped, and how. */
typedef struct Stop {
        Running running;
        int number; /* of the signal */
        char app[16];
} Stop;

static void say(const Stop *stop, const char *what) {
        const char *remedy = stop->running.app == stop->running.init
                                             ? "StopSignal= names one that it handles, RunInit=yes has any "
                                               "signal arrive"
                                             : "StopSignal= names one that it handles";
        char name[16], field[32];
        const char *const fields[] = { field, NULL };

        (void) signal_to_name(stop->number, name, sizeof(name));
        (void) snprintf(field, sizeof(field), "SLIPWAY_SIGNAL=SIG%s", name);
        report_event(REPORT_NOTICE, MESSAGE_STOP_SIGNAL_LOST, fields,
                        "SIG%s cannot arrive at '%s', which does not handle it: %s; %s", name, stop->app,
                        what, remedy);
}

static int end_at_once(const Running *running) {
        return pidfd_send_signal(running->nspawn_fd, STOP_END_SIGNAL, NULL, 0) < 0 && errno != ESRCH ? -errno
                                                                                                     : 0;
}

typedef struct Takers {
        int fds[TAKERS_MAX];
        size_t n;
} Takers;

/* A number may be that of another process by now; of what is held by a pidfd, /proc tells whose it is. */
static bool is_inside(const Running *running, pid_t pid) {
        struct stat own, other;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int) running->init);
        if (stat(path, &own) < 0)
                return false;
        (void) snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int) pid);
        return stat(path, &other) >= 0 && own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

static void pass(const Stop *stop, Takers *ret) {
        pid_t pids[TAKERS_MAX];
        size_t n = signal_find_takers(stop->running.app, stop->number, pids, TAKERS_MAX);

        ret->n = 0;
        for (size_t i = 0; i < n; i++) {
                int fd = pidfd_open(pids[i], 0);

                if (fd >= 0 && is_inside(&stop->running, pids[i]) && running_has(&stop->running, pids[i]) &&
                                pidfd_send_signal(fd, stop->number, NULL, 0) >= 0)
                        ret->fds[ret->n++] = fd;
                else if (fd >= 0)
                        (void) close(fd);
        }
}

/* Return: whether the container has ended while we waited. */
static bool wait_for(const Running *running, int fd, int timeout_ms) {
        struct pollfd wait[] = {
                { .fd = running->init_fd, .events = POLLIN },
                { .fd = fd, .events = POLLIN },
        };
        int r;

        do
                r = poll(wait, ELEMENTS(wait), timeout_ms);
        while (r < 0 && errno == EINTR);
        return wait[0].revents != 0;
}

/*
 * A shell goes on with its next command when one has ended, or in a loop with the same once more. It gets
 * some time for what it may have to clean up. What it has become then may well take the signal.
 */
static void see_it_end(const Stop *stop, const Takers *takers) {
        const Running *running = &stop->running;

        for (size_t i = 0; i < takers->n; i++)
                if (wait_for(running, takers->fds[i], -1))
                        return;
        if (wait_for(running, -1, AFTERMATH_MS))
                return;
        if (reaches_app(running, stop->number)) {
                (void) pidfd_send_signal(running->init_fd, stop->number, NULL, 0);
                return;
        }
        say(stop, "it goes on without the processes that did, and is ended");
        (void) end_at_once(running);
}

/* The stop goes on while this waits in the unit's control group; whatever ends that ends us as well. */
static int leave_attendant(const Stop *stop, const Takers *takers) {
        pid_t pid = fork();

        if (pid != 0)
                return pid < 0 ? -errno : 0;
        for (int i = 1; i < NSIG; i++)
                (void) signal(i, SIG_IGN);
        see_it_end(stop, takers);
        _exit(EXIT_SUCCESS);
}

/* As process 1 it would not hear of it. systemd-nspawn makes a failure of any signal that ends its child. */
static bool ends_by_it(const Stop *stop) {
        const Running *running = &stop->running;
        SignalFate fate;

        return running->app == running->init && !running->is_first &&
               signal_fate(running->app, stop->number, &fate) >= 0 && fate == SIGNAL_DEFAULT;
}

static int stop_running(const Stop *stop) {
        const Running *running = &stop->running;
        Takers takers = {};
        int r;

        /* What nobody can handle is what was asked for. */
        if (stop->number == SIGKILL || ends_by_it(stop))
                return end_at_once(running);
        if (reaches_app(running, stop->number))
                return 0;
        pass(stop, &takers);
        if (takers.n == 0) {
                say(stop, "the container is ended at once");
                return end_at_once(running);
        }
        say(stop, "passed on to what it has started");
        r = leave_attendant(stop, &takers);
        for (size_t i = 0; i < takers.n; i++)
                (void) close(takers.fds[i]);
        return r;
}

int stop_container(const char *name, Fault *fault) {
        Stop stop = {};
        Fault unseen = {};
        int r = running_open(name, &stop.running, &unseen);

        /* It has ended, or has not begun: there is nothing to be told. */
        if (r == -ESRCH || r == -EAGAIN)
                return 0;
        if (r < 0) {
                *fault = unseen;
                return r;
        }
        record_note(name, "STOPPING=yes");
        health_state_end_checks(name);
        stop.number = stop.running.record.stop_signal > 0 ? stop.running.record.stop_signal : SIGTERM;
        name_app(&stop.running, stop.app, sizeof(stop.app));
        r = stop_running(&stop);
        running_close(&stop.running);
        return r;
}

int stop_signal_container(const char *name, int number, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        int r = running_open(name, &running, fault);

        if (r < 0)
                return r;
        if (number != SIGKILL && number != SIGSTOP && !reaches_app(&running, number)) {
                char app[16], text[16];

                name_app(&running, app, sizeof(app));
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' does not handle SIG%s", app,
                                signal_to_name(number, text, sizeof(text)));
        }
        return pidfd_send_signal(running.init_fd, number, NULL, 0) < 0 ? -errno : 0;
}
