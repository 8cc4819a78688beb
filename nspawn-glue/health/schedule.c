/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/schedule.h"

#include <stddef.h>
#include <string.h>

static uint64_t add(uint64_t a, uint64_t b) {
        uint64_t sum;

        return __builtin_add_overflow(a, b, &sum) ? SCHEDULE_NEVER - 1 : sum;
}

static bool in_start_period(const Schedule *schedule, uint64_t when) {
        return when < add(schedule->started, schedule->rules->start_period);
}

static uint64_t interval(const Schedule *schedule, uint64_t now) {
        if (schedule->is_startup)
                return schedule->rules->startup_interval;
        if (schedule->status == HEALTH_STARTING && in_start_period(schedule, now))
                return schedule->rules->start_interval;
        return schedule->rules->interval;
}

void schedule_begin(Schedule *schedule, const ScheduleRules *rules, uint64_t now) {
        *schedule = (Schedule){
                .rules = rules,
                .started = now,
                .is_startup = rules->has_startup,
        };
        schedule->next = add(now, interval(schedule, now));
}

uint64_t schedule_timeout(const Schedule *schedule) {
        return schedule->is_startup ? schedule->rules->startup_timeout : schedule->rules->timeout;
}

static ScheduleChange startup_result(Schedule *schedule, uint64_t ended, bool success) {
        const ScheduleRules *rules = schedule->rules;
        ScheduleChange change = {};

        if (!success) {
                schedule->startup_failures++;
                change.restart = rules->startup_retries > 0 &&
                                 schedule->startup_failures >= rules->startup_retries;
                /* Whoever could not restart it may try again after as many failures. */
                if (change.restart)
                        schedule->startup_failures = 0;
        } else if (++schedule->startup_successes >= rules->startup_success)
                schedule->is_startup = false;

        schedule->next = schedule->is_startup ? add(ended, rules->startup_interval) : ended;
        return change;
}

ScheduleChange schedule_result(Schedule *schedule, uint64_t began, uint64_t ended, bool success) {
        HealthStatus before = schedule->status;
        bool first;

        schedule->checks++;
        if (schedule->is_startup)
                return startup_result(schedule, ended, success);

        first = success && !schedule->was_healthy;
        if (success) {
                schedule->was_healthy = true;
                schedule->streak = 0;
                schedule->status = HEALTH_HEALTHY;
        } else if (before != HEALTH_STARTING || !in_start_period(schedule, began)) {
                schedule->streak++;
                if (schedule->streak >= schedule->rules->retries)
                        schedule->status = HEALTH_UNHEALTHY;
        }

        schedule->next = add(ended, interval(schedule, ended));
        return (ScheduleChange){
                .status = schedule->status != before,
                .started = first,
        };
}

void schedule_resume(Schedule *schedule, uint64_t now) {
        schedule->next = add(now, interval(schedule, now));
}

static const char *const words[_HEALTH_STATUS_MAX] = {
        [HEALTH_STARTING] = "starting",
        [HEALTH_HEALTHY] = "healthy",
        [HEALTH_UNHEALTHY] = "unhealthy",
};

const char *health_status_to_string(HealthStatus status) {
        return status < _HEALTH_STATUS_MAX ? words[status] : "unknown";
}

HealthStatus health_status_from_string(const char *word) {
        HealthStatus status = 0;

        while (status < _HEALTH_STATUS_MAX && strcmp(words[status], word) != 0)
                status++;
        return status;
}
