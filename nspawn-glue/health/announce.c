/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/announce.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/record.h"

enum { LINE_SIZE = 256, FIELD_SIZE = 4096 };

uint64_t announce_now(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

/* "exit status 1: the last line", "no answer in 30 s: the last line" */
static void describe(const Announcer *announcer, const HealthResult *result, char *ret, size_t size) {
        char line[LINE_SIZE];
        int n;

        health_last_line(result, line, sizeof(line));
        if (result->exit_status < 0)
                n = snprintf(ret, size, "no answer in %.3g s",
                                (double) (result->ended - result->began) / 1000000);
        else
                n = snprintf(ret, size, "exit status %d", result->exit_status);
        if (*line && n > 0 && (size_t) n < size)
                (void) snprintf(ret + n, size - (size_t) n, ": %s", line);
}

static void write_state(const Announcer *announcer, const Schedule *schedule) {
        const HealthLog *log = &announcer->log;
        const HealthResult *last = log->n > 0 ? &log->results[log->n - 1] : NULL;
        HealthState state = {
                .status = schedule->status,
                .since = announcer->since,
                .streak = schedule->streak,
                .checks = schedule->checks,
                .last = last ? last->ended : 0,
                .exit_status = last ? last->exit_status : 0,
                .pid = getpid(),
                .pid_began = announcer->own_began,
        };
        int r = FAULT_POINT("health:write down how the container is");

        if (last && last->exit_status != 0)
                describe(announcer, last, state.why, sizeof(state.why));
        if (r >= 0)
                r = health_state_write(announcer->call->name, &state);
        if (r < 0)
                report_note(REPORT_WARNING, "cannot write down how the container is: %s", strerror(-r));
}

static void write_log(const Announcer *announcer, const Schedule *schedule) {
        const HealthCall *call = announcer->call;
        bool is_local = strcmp(call->log, "local") == 0;
        autofd int dir = open(is_local ? RECORD_DIR : call->log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *text = NULL;
        char file[128];
        size_t size;
        int r;

        if (is_local)
                health_log_file(call->name, file, sizeof(file));
        else
                (void) snprintf(file, sizeof(file), "%s-healthcheck.log", call->name);
        r = dir < 0 ? -errno
                    : health_log_to_json(&announcer->log, schedule->status, schedule->streak, &text, &size);
        if (r >= 0)
                r = health_put_file(dir, file, text, size, 0600);
        if (r < 0)
                report_note(REPORT_WARNING, "cannot write the results of health checks to '%s': %s",
                                is_local ? RECORD_DIR : call->log, strerror(-r));
}

static void format_since(uint64_t since, char *ret, size_t size) {
        time_t seconds = (time_t) (since / 1000000);
        struct tm tm;

        if (!localtime_r(&seconds, &tm) || strftime(ret, size, "%a %Y-%m-%d %H:%M:%S %Z", &tm) == 0)
                *ret = '\0';
}

/* What "systemctl status" shows. */
static void describe_state(const Announcer *announcer, const Schedule *schedule, const HealthResult *last,
                char *ret, size_t size) {
        char since[64], why[LINE_SIZE + 64] = "";

        format_since(announcer->since, since, sizeof(since));
        if (last && last->exit_status != 0)
                describe(announcer, last, why, sizeof(why));

        if (schedule->status == HEALTH_UNHEALTHY)
                (void) snprintf(ret, size, "unhealthy since %s (%u failure%s in a row, %s)", since,
                                schedule->streak, schedule->streak == 1 ? "" : "s", why);
        else if (schedule->status == HEALTH_STARTING && *why)
                (void) snprintf(ret, size, "starting; the last health check failed (%s)", why);
        else if (schedule->status == HEALTH_STARTING)
                (void) snprintf(ret, size, "starting; waiting for a health check to succeed");
        else if (*why)
                (void) snprintf(ret, size, "healthy since %s, but %u failure%s in a row (%s)", since,
                                schedule->streak, schedule->streak == 1 ? "" : "s", why);
        else
                (void) snprintf(ret, size, "healthy since %s", since);
}

static void tell_manager(
                Announcer *announcer, const Schedule *schedule, const HealthResult *last, bool is_ready) {
        char text[sizeof(announcer->told)];

        (void) FAULT_POINT("health:tell the manager");
        describe_state(announcer, schedule, last, text, sizeof(text));
        if (strcmp(text, announcer->told) != 0) {
                memcpy(announcer->told, text, sizeof(text));
                (void) notify_status("%s", text);
        }
        if (is_ready)
                (void) notify_send("READY=1");
}

/* The name of the container is in all entries of its unit. */
static void tell_journal(const Announcer *announcer, const Schedule *schedule, const HealthResult *result,
                ReportLevel level, MessageId id, const char *text) {
        char status[40], streak[40], exit_status[40], output[sizeof("HEALTH_OUTPUT=") + FIELD_SIZE];
        const char *const fields[] = { status, streak, exit_status, output, NULL };

        (void) snprintf(status, sizeof(status), "HEALTH_STATUS=%s",
                        health_status_to_string(schedule->status));
        (void) snprintf(streak, sizeof(streak), "HEALTH_STREAK=%u", schedule->streak);
        (void) snprintf(exit_status, sizeof(exit_status), "HEALTH_EXIT_STATUS=%d", result->exit_status);
        health_output(result, stpcpy(output, "HEALTH_OUTPUT="), FIELD_SIZE);
        report_event(level, id, fields, "%s", text);
}

static void tell_change(const Announcer *announcer, const Schedule *schedule, const HealthResult *result) {
        char text[LINE_SIZE + 128], why[LINE_SIZE + 64];

        if (schedule->status == HEALTH_HEALTHY) {
                tell_journal(announcer, schedule, result, REPORT_INFO, MESSAGE_HEALTHY,
                                "healthy: the health check has succeeded");
                return;
        }
        describe(announcer, result, why, sizeof(why));
        (void) snprintf(text, sizeof(text), "unhealthy: %u failure%s in a row, %s", schedule->streak,
                        schedule->streak == 1 ? "" : "s", why);
        tell_journal(announcer, schedule, result, REPORT_WARNING, MESSAGE_UNHEALTHY, text);
}

/* With "events_logger", each result is in the journal. */
static void tell_result(const Announcer *announcer, const Schedule *schedule, const HealthResult *result) {
        char text[LINE_SIZE + 128], why[LINE_SIZE + 64];

        describe(announcer, result, why, sizeof(why));
        (void) snprintf(text, sizeof(text), "health check: %s", why);
        tell_journal(announcer, schedule, result, REPORT_INFO, MESSAGE_NONE, text);
}

int announce_begin(Announcer *announcer, const HealthCall *call, const Schedule *schedule) {
        bool is_limited = call->log_count > 0 && call->log_count < HEALTH_LOG_COUNT_MAX;
        int r;

        *announcer = (Announcer){ .call = call, .since = announce_now() };
        r = health_log_init(&announcer->log, is_limited ? call->log_count : HEALTH_LOG_COUNT_MAX);
        if (r < 0)
                return r;
        (void) health_process_began(getpid(), &announcer->own_began);
        write_state(announcer, schedule);
        tell_manager(announcer, schedule, NULL, false);
        return 0;
}

void announce_result(Announcer *announcer, const Schedule *schedule, ScheduleChange change,
                const HealthResult *result) {
        if (change.status)
                announcer->since = result->ended;
        health_log_add(&announcer->log, result);
        write_state(announcer, schedule);

        if (strcmp(announcer->call->log, "events_logger") != 0)
                write_log(announcer, schedule);
        else if (!change.status)
                tell_result(announcer, schedule, result);
        if (change.status)
                tell_change(announcer, schedule, result);
        tell_manager(announcer, schedule, result, change.started && announcer->call->ready);
}

void announce_end(Announcer *announcer) {
        health_log_done(&announcer->log);
}
