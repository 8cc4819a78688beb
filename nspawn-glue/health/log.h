/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The last results of a health check
 *
 * As Docker and Podman keep them, in the same JSON. Output is what a program in the container has printed:
 * any bytes at all. What leaves this module is UTF-8, on one line where a line is promised.
 */

#include <stddef.h>

#include "nspawn-glue/health/schedule.h"

typedef struct HealthResult {
        uint64_t began, ended; /* microseconds since the epoch */
        int exit_status;       /* -1 when it took too long */
        char *output;          /* its first bytes */
        size_t size;
        bool is_cut; /* there was more */
} HealthResult;

typedef struct HealthLog {
        HealthResult *results; /* oldest first */
        unsigned n, max;
} HealthLog;

/* Return: 0 or -ENOMEM. */
int health_log_init(HealthLog *log, unsigned max);
void health_log_done(HealthLog *log);

/* Takes the output; the oldest result goes when there are too many. */
void health_log_add(HealthLog *log, const HealthResult *result);

/* {"Status":…,"FailingStreak":…,"Log":[{"Start":…,"End":…,"ExitCode":…,"Output":…}]}. Return: 0 or -ENOMEM.
 */
int health_log_to_json(
                const HealthLog *log, HealthStatus status, unsigned streak, char **ret, size_t *ret_size);

/* The last line that has anything in it, with '?' for what does not belong into one; maybe cut, maybe "". */
void health_last_line(const HealthResult *result, char *ret, size_t size);

/* All of it, as UTF-8, for a field of the journal. */
void health_output(const HealthResult *result, char *ret, size_t size);
