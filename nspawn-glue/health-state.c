/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health-state.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/record.h"

enum { NAME_SIZE = 128, FILE_LIMIT = 4096 };

/* Out of the way of names, which do not begin with a dot. */
static void state_file(const char *name, char *ret) {
        (void) snprintf(ret, NAME_SIZE, ".%s.health", name);
}

void health_log_file(const char *name, char *ret, size_t size) {
        (void) snprintf(ret, size, ".%s.health-log", name);
}

static void take(HealthState *state, const char *key, const char *value) {
        if (strcmp(key, "STATUS") == 0)
                state->status = health_status_from_string(value);
        else if (strcmp(key, "SINCE") == 0)
                state->since = strtoull(value, NULL, 10);
        else if (strcmp(key, "STREAK") == 0)
                state->streak = (unsigned) strtoul(value, NULL, 10);
        else if (strcmp(key, "CHECKS") == 0)
                state->checks = strtoull(value, NULL, 10);
        else if (strcmp(key, "LAST") == 0)
                state->last = strtoull(value, NULL, 10);
        else if (strcmp(key, "EXIT_STATUS") == 0)
                state->exit_status = (int) strtol(value, NULL, 10);
        else if (strcmp(key, "WHY") == 0)
                (void) snprintf(state->why, sizeof(state->why), "%s", value);
        else if (strcmp(key, "PID") == 0)
                state->pid = (pid_t) strtol(value, NULL, 10);
        else if (strcmp(key, "PID_BEGAN") == 0)
                state->pid_began = strtoull(value, NULL, 10);
}

void health_state_parse(char *text, HealthState *ret) {
        char *line;

        *ret = (HealthState){ .status = _HEALTH_STATUS_MAX };
        while ((line = strsep(&text, "\n"))) {
                char *equals = strchr(line, '=');

                if (!equals)
                        continue;
                *equals = '\0';
                take(ret, line, equals + 1);
        }
}

/* The 22nd field. The second one is a name in parentheses, and may have anything in it. */
int health_process_began(pid_t pid, uint64_t *ret) {
        autofree char *text = NULL;
        char path[32];
        const char *at;
        int r;

        if (pid <= 0)
                return -ESRCH;
        (void) snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
        r = io_read_file(AT_FDCWD, path, FILE_LIMIT, &text, NULL);
        if (r < 0)
                return r;
        at = strrchr(text, ')');
        for (int field = 2; at && field < 22; field++)
                at = strchr(at + 1, ' ');
        if (!at)
                return -EBADMSG;
        *ret = strtoull(at + 1, NULL, 10);
        return 0;
}

int health_state_read_last(const char *name, HealthState *ret) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *text = NULL;
        char file[NAME_SIZE];
        int r;

        if (dir < 0)
                return -errno;
        state_file(name, file);
        r = io_read_file(dir, file, FILE_LIMIT, &text, NULL);
        if (r < 0)
                return r;
        health_state_parse(text, ret);
        return 0;
}

static bool is_watched(const HealthState *state) {
        uint64_t began;

        return health_process_began(state->pid, &began) >= 0 && began == state->pid_began;
}

int health_state_read(const char *name, HealthState *ret) {
        int r = health_state_read_last(name, ret);

        if (r >= 0 && !is_watched(ret))
                ret->status = _HEALTH_STATUS_MAX;
        return r;
}

/*
 * Only one process writes it, so the draft has one name, which no other container's file can have; what was
 * left of another one is overwritten.
 */
int health_put_file(int dir_fd, const char *name, const char *text, size_t size, mode_t mode) {
        char draft[NAME_SIZE + 32];
        autofd int fd = -1;
        int r;

        (void) snprintf(draft, sizeof(draft), "%s~", name);
        if (unlinkat(dir_fd, draft, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(dir_fd, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return -errno;
        r = io_write_all(fd, text, size);
        if (r >= 0 && renameat(dir_fd, draft, dir_fd, name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(dir_fd, draft, 0);
        return r;
}

int health_state_write(const char *name, const HealthState *state) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char file[NAME_SIZE], text[640];
        int n;

        if (dir < 0)
                return -errno;
        state_file(name, file);
        n = snprintf(text, sizeof(text),
                        "STATUS=%s\nSINCE=%" PRIu64 "\nSTREAK=%u\nCHECKS=%" PRIu64 "\nLAST=%" PRIu64
                        "\nEXIT_STATUS=%d\nWHY=%s\nPID=%d\nPID_BEGAN=%" PRIu64 "\n",
                        health_status_to_string(state->status), state->since, state->streak, state->checks,
                        state->last, state->exit_status, state->why, (int) state->pid, state->pid_began);
        return health_put_file(dir, file, text, (size_t) n, 0644);
}

void health_state_remove(const char *name) {
        autofd int dir = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char file[NAME_SIZE], log[NAME_SIZE], draft[NAME_SIZE + 8];

        if (dir < 0)
                return;
        state_file(name, file);
        health_log_file(name, log, sizeof(log));
        (void) unlinkat(dir, file, 0);
        (void) unlinkat(dir, log, 0);

        /* Its writer was killed, maybe. */
        (void) snprintf(draft, sizeof(draft), "%s~", file);
        (void) unlinkat(dir, draft, 0);
        (void) snprintf(draft, sizeof(draft), "%s~", log);
        (void) unlinkat(dir, draft, 0);
}

/* The process is asked for its begin only when it is held, so that no other can take its place. */
void health_state_end_checks(const char *name) {
        autofd int process = -1;
        HealthState state;

        if (health_state_read_last(name, &state) < 0 || state.pid <= 0)
                return;
        process = pidfd_open(state.pid, 0);
        if (process >= 0 && is_watched(&state))
                (void) pidfd_send_signal(process, SIGTERM, NULL, 0);
}
