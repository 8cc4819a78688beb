/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a container is
 *
 * What slipway-health says of a container whose health is probed: one small file beside its record, with
 * lines KEY=VALUE, replaced as a whole after each probe. Anybody may read it; what probes have printed is in
 * another one.
 */

#include <sys/types.h>

#include "nspawn-glue/health/schedule.h"

typedef struct HealthState {
        HealthStatus status; /* STATUS=; _HEALTH_STATUS_MAX when nobody watches any more */
        uint64_t since;      /* SINCE=, microseconds since the epoch */
        unsigned streak;     /* STREAK=, failures in a row */
        uint64_t checks;     /* CHECKS=, probes that had a result */
        uint64_t last;       /* LAST=, when the last of them ended; 0 for none */
        int exit_status;     /* EXIT_STATUS=, its own; -1 when it took too long */
        char why[160];      /* WHY=, how it has failed, as "exit status 1: no route to host"; empty if not */
        pid_t pid;          /* PID=, of slipway-health */
        uint64_t pid_began; /* PID_BEGAN=, so that another one cannot be taken for it, see proc_pid_stat(5)
                             */
} HealthState;

/**
 * health_state_read() - how a container is
 *
 * Return: 0, -ENOENT when it is not probed. The status is _HEALTH_STATUS_MAX when its slipway-health is
 * gone.
 */
int health_state_read(const char *name, HealthState *ret);

/* The same without asking whether slipway-health is still there: what was said last. */
int health_state_read_last(const char *name, HealthState *ret);

/* Return: 0 or -errno. */
int health_state_write(const char *name, const HealthState *state);

/* The container is gone. */
void health_state_remove(const char *name);

/* A stop is under way: what fails now is no news. Nothing is probed any more. */
void health_state_end_checks(const char *name);

/* The same for the text of a file. Unknown keys are passed over, and so is what makes no sense. */
void health_state_parse(char *text, HealthState *ret);

/* Of a process. Return: 0 or -errno. */
int health_process_began(pid_t pid, uint64_t *ret);

/* Puts a file in place as a whole, in a directory that need not survive a crash. Return: 0 or -errno. */
int health_put_file(int dir_fd, const char *name, const char *text, size_t size, mode_t mode);

/* The file of a container's results, in the directory of records: ".NAME.health-log". */
void health_log_file(const char *name, char *ret, size_t size);
