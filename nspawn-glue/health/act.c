/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/act.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/report.h"

#define SYSTEMCTL "/usr/bin/systemctl"

/* Return: its exit status, -errno when it could not be run. @output_fd is its standard output, or -1. */
static int run_systemctl(const char *const *words, int output_fd) {
        char *const environment[] = { NULL };
        posix_spawn_file_actions_t actions;
        int status, r;
        pid_t pid;

        if (posix_spawn_file_actions_init(&actions) != 0)
                return -ENOMEM;
        if (output_fd >= 0)
                (void) posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
        r = posix_spawn(&pid, SYSTEMCTL, &actions, NULL, (char *const *) words, environment);
        (void) posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

/* What fails while it stops is no reason to do anything, least of all to start it again. */
static bool is_stopping(const char *unit) {
        const char *const words[] = { SYSTEMCTL, "show", "--property=ActiveState", "--value", "--", unit,
                NULL };
        autofd int ours = -1, theirs = -1;
        char state[32] = "";
        int ends[2];

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return false;
        ours = ends[0];
        theirs = ends[1];
        if (run_systemctl(words, theirs) != 0 || read(ours, state, sizeof(state) - 1) <= 0)
                return false;
        state[strcspn(state, "\n")] = '\0';
        return strcmp(state, "deactivating") == 0 || strcmp(state, "inactive") == 0 ||
               strcmp(state, "failed") == 0;
}

/* A job that is there already wins: somebody wants something of the unit. */
static int ask(const char *verb, const char *unit) {
        const char *const words[] = { SYSTEMCTL, "--no-block", "--job-mode=fail", verb, "--", unit, NULL };
        int status = run_systemctl(words, -1);

        return status > 0 ? -EIO : status;
}

void act(const Running *running, HealthAction action) {
        const char *unit = running->record.unit;
        int r;

        if (action == HEALTH_ACTION_NONE || is_stopping(unit))
                return;

        report_note(REPORT_NOTICE, "HealthOnFailure=%s: %s", health_action_to_string(action),
                        action == HEALTH_ACTION_KILL ? "killing the container" : "asking systemd for that");
        if (action == HEALTH_ACTION_KILL) {
                /* The unit's status has said why it ends. */
                record_note(running->name, "TOLD=yes");
                r = pidfd_send_signal(running->init_fd, SIGKILL, NULL, 0) < 0 ? -errno : 0;
        } else
                r = ask(health_action_to_string(action), unit);
        if (r < 0 && r != -ESRCH)
                report_note(REPORT_ERROR, "cannot %s '%s': %s", health_action_to_string(action), unit,
                                r == -EIO ? "systemctl has said why" : strerror(-r));
}
