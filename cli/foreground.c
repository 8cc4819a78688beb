/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/foreground.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

#include "cli/attach.h"
#include "cli/end-status.h"
#include "cli/payload.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/tty/protocol.h"

/* What a terminal or a supervisor sends. Those that the caller ignores, as nohup(1) does, stay so. */
static int open_signals(void) {
        static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
        sigset_t set;
        int fd;

        (void) sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTS(signals); i++) {
                struct sigaction action;

                if (sigaction(signals[i], NULL, &action) >= 0 && action.sa_handler != SIG_IGN)
                        (void) sigaddset(&set, signals[i]);
        }
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        /* A reader that has gone away is an error of write(2). */
        (void) signal(SIGPIPE, SIG_IGN);
        fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return fd < 0 ? -errno : fd;
}

int foreground_open(Foreground *foreground, sd_bus *bus, const char *name, const char *unit, Fault *fault) {
        int r;

        *foreground = (Foreground){
                .bus = bus,
                .name = name,
                .unit = unit,
                .signal_fd = -1,
                .tty_fd = -1,
                .tty_watch = -1,
        };
        r = jobs_open(&foreground->jobs, bus, fault);
        if (r >= 0)
                r = unit_watch_open(&foreground->watch, bus, unit, fault);
        if (r < 0)
                return r;
        foreground->signal_fd = open_signals();
        if (foreground->signal_fd >= 0)
                return 0;
        return fault_wrap(fault, foreground->signal_fd, "cannot take signals");
}

void foreground_close(Foreground *foreground) {
        jobs_close(&foreground->jobs);
        unit_watch_close(&foreground->watch);
        fd_closep(&foreground->signal_fd);
        fd_closep(&foreground->tty_fd);
        fd_closep(&foreground->tty_watch);
        *foreground = FOREGROUND_CLOSED;
}

int foreground_adopt(Foreground *foreground, const char *job) {
        return jobs_adopt(&foreground->jobs, foreground->unit, job);
}

static bool has_started(const Foreground *foreground) {
        return *foreground->jobs.jobs[0].result != '\0';
}

static void stop_unit(Foreground *foreground, int signal) {
        Fault fault = {};

        if (jobs_queue(&foreground->jobs, "StopUnit", foreground->unit, &fault) < 0)
                report_fault(REPORT_ERROR, &fault);
        else
                foreground->stopped_by = signal;
}

/*
 * A signal that the app cannot hear would leave its user in front of a deaf terminal: those that ask to end
 * stop the unit then. So do those that come before there is an app.
 */
void foreground_pass_signal(Foreground *foreground, int signal) {
        GeneratedUnit unit = { .unit = (char *) foreground->unit, .container = (char *) foreground->name };
        bool asks_to_end = signal != SIGUSR1 && signal != SIGUSR2;
        Fault fault = {};

        if (!has_started(foreground) || (asks_to_end && !payload_takes(foreground->name, signal)))
                stop_unit(foreground, signal);
        else if (payload_signal(&unit, signal, &fault) < 0 && fault.error != ESRCH)
                report_fault(REPORT_ERROR, &fault);
}

static void take_signals(Foreground *foreground) {
        struct signalfd_siginfo info;

        while (read(foreground->signal_fd, &info, sizeof(info)) == sizeof(info))
                foreground_pass_signal(foreground, (int) info.ssi_signo);
}

int foreground_expect_terminal(Foreground *foreground, Fault *fault) {
        int r = io_mkdir_p(TTY_DIR, 0700);

        foreground->wants_terminal = true;
        if (r >= 0) {
                foreground->tty_watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
                r = foreground->tty_watch;
        }
        if (r >= 0)
                r = inotify_add_watch(foreground->tty_watch, TTY_DIR, IN_CREATE | IN_ATTRIB);
        return r < 0 ? fault_wrap(fault, errno ? -errno : r, "cannot look into '" TTY_DIR "'") : 0;
}

/* A machine that has much to do may take its time between the two. */
enum { CONNECT_TRIES = 250, CONNECT_PAUSE_MS = 2 };

/* Between its making and its listening there is a moment. Return: how long to wait for it, in milliseconds;
 * -1. */
static int connect_terminal(Foreground *foreground) {
        char events[4096];

        if (!foreground->wants_terminal || foreground->tty_fd >= 0)
                return -1;
        while (read(foreground->tty_watch, events, sizeof(events)) > 0)
                foreground->tty_tries = CONNECT_TRIES;
        foreground->tty_fd = attach_connect(foreground->name);
        /* Early, so that an app which asks for it at once has it. */
        if (foreground->tty_fd >= 0)
                attach_send_window(foreground->tty_fd);
        if (foreground->tty_fd >= 0 || foreground->tty_tries == 0)
                return -1;
        foreground->tty_tries--;
        return CONNECT_PAUSE_MS;
}

/* One round: whatever has happened is dealt with, or waited for. */
static int step(Foreground *foreground) {
        struct pollfd fds[3 + STREAMS_POLL];
        size_t n = 3;
        int timeout = connect_terminal(foreground), r = sd_bus_process(foreground->bus, NULL);

        if (r != 0)
                return r;
        fds[0] = (struct pollfd){ .fd = sd_bus_get_fd(foreground->bus), .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = foreground->signal_fd, .events = POLLIN };
        fds[2] = (struct pollfd){ .fd = foreground->tty_fd < 0 ? foreground->tty_watch : -1,
                .events = POLLIN };
        if (foreground->streams)
                n += streams_poll(foreground->streams, fds + n);

        if (poll(fds, (nfds_t) n, timeout) < 0)
                return errno == EINTR ? 0 : -errno;
        if (foreground->streams)
                streams_pump(foreground->streams);
        take_signals(foreground);
        return 0;
}

/* Whoever stops it before it is ready has its last words, and needs none from us. */
static int wait_stop(Foreground *foreground) {
        int r = 0;

        while (r >= 0 && !jobs_are_over(&foreground->jobs))
                r = step(foreground);
        if (foreground->streams)
                streams_drain(foreground->streams);
        return r < 0 ? r : -ECANCELED;
}

int foreground_wait_start(Foreground *foreground, Fault *fault) {
        const Job *job;
        char what[96];
        int r = 0;

        while (r >= 0 && !has_started(foreground))
                r = step(foreground);
        if (r < 0)
                return fault_wrap(fault, r, "cannot wait for systemd");
        /* Only now: a signal has jobs added, and they move. */
        job = &foreground->jobs.jobs[0];
        if (job_is_done(job))
                return 0;
        if (foreground->stopped_by > 0)
                return wait_stop(foreground);
        (void) snprintf(what, sizeof(what), "start '%s'", foreground->name);
        return job_explain(what, foreground->unit, job->result, &foreground->watch.report, fault);
}

/* A service manager that executes itself anew hangs up. */
static bool is_hung_up(int r) {
        return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE;
}

int foreground_wait_end(Foreground *foreground, Fault *fault) {
        int r = 0;

        while (r >= 0 && !unit_watch_is_over(&foreground->watch))
                r = step(foreground);
        if (foreground->streams)
                streams_drain(foreground->streams);
        if (is_hung_up(r))
                return fault_raise(fault, FAULT_SYSTEM, -r,
                                "systemd does not speak to us any more; the container '%s' goes on",
                                foreground->name);
        return r < 0 ? fault_wrap(fault, r, "cannot wait for systemd") : 0;
}

int foreground_status(const Foreground *foreground) {
        const UnitReport *report = &foreground->watch.report;

        /* What it then ended with is only how it was stopped. */
        if (foreground->stopped_by > 0)
                return 128 + foreground->stopped_by;
        return report->code == 0 ? EXIT_LAUNCHER : end_status(foreground->name, report);
}
