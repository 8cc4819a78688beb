/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When a container is probed, and what follows from the results
 *
 * Docker's rules for the regular check, Podman's for a startup check before it. Nothing but arithmetic:
 * the caller has the clock, which never goes back, and does the probing. All times are microseconds of it.
 *
 * The first probe comes one interval after the start, and each further one an interval after the end of the
 * one before. Until the first success a container is starting. Failures of probes that began in the start
 * period do not count while it is; as many failures in a row as there are retries make it unhealthy, a
 * single success healthy. While it is starting in its start period, the start interval takes the place of
 * the interval.
 *
 * With a startup check, the regular one begins when that has succeeded often enough; then at once.
 */

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_NEVER UINT64_MAX

typedef enum HealthStatus {
        HEALTH_STARTING,
        HEALTH_HEALTHY,
        HEALTH_UNHEALTHY,
        _HEALTH_STATUS_MAX,
} HealthStatus;

typedef struct ScheduleRules {
        uint64_t interval, timeout;
        uint64_t start_period, start_interval;
        unsigned retries; /* 0 is as good as 1 */

        bool has_startup;
        uint64_t startup_interval, startup_timeout;
        unsigned startup_retries; /* how many failures restart the container; 0 is never */
        unsigned startup_success; /* how many successes end it; 0 is as good as 1 */
} ScheduleRules;

typedef struct Schedule {
        const ScheduleRules *rules;
        HealthStatus status;
        bool was_healthy; /* at some time */
        unsigned streak;  /* failures in a row that count */
        uint64_t checks;  /* probes that had a result */
        uint64_t started; /* when the container did */
        uint64_t next;    /* when the next probe is to begin */
        bool is_startup;  /* it is the startup check's */
        unsigned startup_successes, startup_failures;
} Schedule;

/* What a result has led to. */
typedef struct ScheduleChange {
        bool status;  /* healthy, or unhealthy, and was not before */
        bool started; /* healthy for the first time */
        bool restart; /* the startup check has failed too often */
} ScheduleChange;

void schedule_begin(Schedule *schedule, const ScheduleRules *rules, uint64_t now);

/* How long a probe that begins now may take. */
uint64_t schedule_timeout(const Schedule *schedule);

/**
 * schedule_result() - a probe has ended
 * @began, @ended:      when
 * @success:            its exit status was 0, and it came in time
 */
ScheduleChange schedule_result(Schedule *schedule, uint64_t began, uint64_t ended, bool success);

/* The container, or we, stood still until now: a probe that was under way says nothing, and has no result.
 */
void schedule_resume(Schedule *schedule, uint64_t now);

const char *health_status_to_string(HealthStatus status);

/* Return: _HEALTH_STATUS_MAX for a word that is none. */
HealthStatus health_status_from_string(const char *word);
