/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-health: probes a container, and tells how it is
 *
 * The watcher becomes this program when the app runs, in the unit's control
 * group. It lives as long as systemd-nspawn does, waits nearly all of that time,
 * and may be killed at any: the container does not need it.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/enter-groups.h"
#include "nspawn-glue/enter.h"
#include "nspawn-glue/health/act.h"
#include "nspawn-glue/health/announce.h"
#include "nspawn-glue/health/footprint.h"
#include "nspawn-glue/health/probe.h"

/* Who wakes up so much later than it was to has stood still. */
#define STALL UINT64_C(2000000)

typedef struct Checker {
        HealthCall call;
        Running running;
        Schedule schedule;
        Probe probe;
        Announcer announcer;
        uint64_t deadline; /* of the probe that runs */
        uint64_t watchdog; /* when the service manager is to hear of us next */
} Checker;

/* It stands still while the machine is suspended, and knows nothing of what people do to the date. */
static uint64_t clock_now(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static void judge(Checker *checker, HealthResult *result, uint64_t now) {
        HealthStatus before = checker->schedule.status;
        ScheduleChange change = schedule_result(
                        &checker->schedule, checker->probe.began, now, result->exit_status == 0);

        result->ended = announce_now();
        announce_result(&checker->announcer, &checker->schedule, change, result);
        if (change.restart)
                act(&checker->running, HEALTH_ACTION_RESTART);
        else if (change.status && before != checker->schedule.status &&
                        checker->schedule.status == HEALTH_UNHEALTHY)
                act(&checker->running, checker->call.on_failure);
}

/* Takes the result out of the probe, which may still have to end. */
static HealthResult take_result(Probe *probe) {
        HealthResult result = probe->result;

        probe->result = (HealthResult){};
        return result;
}

static int begin_probe(Checker *checker, uint64_t now) {
        char *const *command = checker->schedule.is_startup ? checker->call.startup : checker->call.command;
        unsigned size = checker->call.log_size;
        HealthResult result;
        Fault fault = {};
        int r;

        if (size == 0 || size > HEALTH_LOG_SIZE_MAX)
                size = HEALTH_LOG_SIZE_MAX;
        (void) FAULT_POINT("health:probe");
        r = probe_begin(&checker->probe, &checker->running, command, size, now, &fault);
        if (r == 0)
                checker->deadline = now + schedule_timeout(&checker->schedule);
        if (r == 1) {
                result = take_result(&checker->probe);
                judge(checker, &result, clock_now());
        }
        /* It is paused. */
        if (r == -EBUSY)
                schedule_resume(&checker->schedule, now);
        if (r < 0 && r != -EBUSY && r != -ESRCH) {
                report_fault(REPORT_WARNING, &fault);
                schedule_resume(&checker->schedule, now);
        }
        return r == -ESRCH ? r : 0;
}

static bool is_paused(const Checker *checker) {
        AUTO(enter_groups_close) EnterGroups groups = ENTER_GROUPS_NONE;

        return enter_groups_open(checker->running.init, NULL, &groups) >= 0 && groups.is_frozen;
}

static void end_probe(Checker *checker, uint64_t now, bool is_stalled) {
        HealthResult result = take_result(&checker->probe);

        probe_kill(&checker->probe);
        if (is_stalled || is_paused(checker)) {
                free(result.output);
                schedule_resume(&checker->schedule, now);
                return;
        }
        result.exit_status = -1;
        judge(checker, &result, now);
}

static void feed_watchdog(Checker *checker, uint64_t now) {
        if (checker->call.watchdog == 0 || now < checker->watchdog)
                return;
        checker->watchdog = now + checker->call.watchdog / 2;
        if (checker->schedule.status != HEALTH_UNHEALTHY)
                (void) notify_send("WATCHDOG=1");
}

/* When there is something to do. */
static uint64_t next_time(const Checker *checker) {
        const Probe *probe = &checker->probe;
        uint64_t next = probe->pid == 0    ? checker->schedule.next
                        : probe->is_judged ? SCHEDULE_NEVER
                                           : checker->deadline;

        if (checker->call.watchdog > 0 && checker->watchdog < next)
                next = checker->watchdog;
        return next;
}

/* Return: 1 when the container has ended, 0, -errno. */
static int wait_for_news(Checker *checker, uint64_t next) {
        Probe *probe = &checker->probe;
        struct pollfd polled[] = {
                { .fd = checker->running.nspawn_fd, .events = POLLIN },
                { .fd = probe->pid_fd, .events = POLLIN },
                { .fd = probe->output_fd, .events = POLLIN },
        };
        uint64_t now = clock_now(), rest = next > now ? next - now : 0;
        struct timespec timeout = {
                .tv_sec = (time_t) (rest / 1000000),
                .tv_nsec = (long) (rest % 1000000 * 1000),
        };

        const struct timespec *until = rest / 1000000 > UINT32_MAX ? NULL : &timeout;
        int r;

        /* A probe is over soon, mostly. */
        r = probe->pid > 0 ? ppoll(polled, ELEMENTS(polled), until, NULL)
                           : footprint_wait(polled, ELEMENTS(polled), until);
        if (r < 0)
                return errno == EINTR ? 0 : -errno;
        if (polled[0].revents)
                return 1;
        if (polled[2].revents)
                probe_read(probe);
        if (polled[1].revents) {
                bool is_judged = probe->is_judged;
                HealthResult result;

                probe_reap(probe);
                result = take_result(probe);
                if (is_judged)
                        free(result.output);
                else
                        judge(checker, &result, clock_now());
        }
        return 0;
}

static int check(Checker *checker) {
        int r = 0;

        while (r == 0) {
                uint64_t next = next_time(checker), now = clock_now(), due = next > now ? next : now;
                bool is_stalled;

                r = wait_for_news(checker, next);
                if (r != 0)
                        break;
                now = clock_now();
                is_stalled = now > due && now - due > STALL;
                feed_watchdog(checker, now);
                if (checker->probe.pid > 0) {
                        if (!checker->probe.is_judged && now >= checker->deadline)
                                end_probe(checker, now, is_stalled);
                } else if (is_stalled && now >= checker->schedule.next)
                        schedule_resume(&checker->schedule, now);
                else if (now >= checker->schedule.next)
                        r = begin_probe(checker, now);
        }
        return r == 1 || r == -ESRCH ? 0 : r;
}

/* The time at the start that failures do not count is not to count for the start's time either. */
static void extend_start(const HealthCall *call) {
        const ScheduleRules *rules = &call->rules;
        char text[64];

        if (!call->ready || rules->start_period == 0 || rules->start_period > UINT64_MAX / 4)
                return;
        (void) snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%" PRIu64,
                        rules->start_period + rules->interval + rules->timeout);
        (void) notify_send(text);
}

static int run(Checker *checker, Fault *fault) {
        uint64_t now = clock_now();
        int r;

        if ((r = FAULT_POINT("health:begin")) < 0)
                return r;
        r = running_open(checker->call.name, &checker->running, fault);
        if (r < 0)
                return r == -ESRCH ? 0 : r;
        (void) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, (id_t) checker->running.nspawn));

        schedule_begin(&checker->schedule, &checker->call.rules, now);
        r = announce_begin(&checker->announcer, &checker->call, &checker->schedule);
        if (r < 0)
                return r;
        extend_start(&checker->call);
        checker->watchdog = now;
        feed_watchdog(checker, now);
        return check(checker);
}

static const char usage[] = "Usage: slipway-health NAME [OPTION…] -- COMMAND [ARGUMENT…]\n"
                            "\n"
                            "Probes container NAME with a command, again and again, and tells how it is.\n"
                            "Started by slipway-nspawn, see slipway-health(8).\n";

int main(int argc, char **argv) {
        Checker checker = { .running = RUNNING_CLOSED, .probe = PROBE_NONE };
        Fault fault = {};
        int r;

        /* What the watcher had. Standard error is the app's stream, and not for structured words. */
        (void) close_range(STDERR_FILENO + 1, ~0U, 0);
        report_init("slipway-health", getenv("JOURNAL_STREAM") ? REPORT_JOURNAL : report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-health %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        r = health_call_parse(&checker.call, argv, &fault);
        fault_point_choose(checker.call.name);
        if (r >= 0)
                r = enter_protect_executable(argv);
        if (r >= 0)
                r = run(&checker, &fault);
        if (r < 0) {
                (void) fault_wrap(&fault, r, "cannot watch over the container's health");
                report_fault(REPORT_ERROR, &fault);
        }
        announce_end(&checker.announcer);
        running_close(&checker.running);
        health_call_done(&checker.call);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
