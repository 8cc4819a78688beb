/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/health/schedule.h"
#include "tests/suite.h"

#define SECOND UINT64_C(1000000)
#define START (1000 * SECOND)

static const ScheduleRules defaults = {
        .interval = 30 * SECOND,
        .timeout = 30 * SECOND,
        .start_interval = 5 * SECOND,
        .retries = 3,
};

/* Probes as they come, each as a letter: '+' succeeds, '-' fails, both take a second. What is expected has
 * the time of each in seconds after the start, and the state after it: s(tarting), h(ealthy), u(nhealthy).
 */
/* clang-format off */
static const struct {
        const char *what;
        ScheduleRules rules;
        const char *results, *expected;
} stories[] = {
        { "the first probe comes after an interval, the next an interval after its end",
          { .interval = 30 * SECOND, .start_interval = 5 * SECOND, .retries = 3 },
          "+++", "30h 61h 92h" },
        { "three failures in a row are one too many",
          { .interval = 30 * SECOND, .start_interval = 5 * SECOND, .retries = 3 },
          "+---", "30h 61h 92h 123u" },
        { "a success in between forgives",
          { .interval = 30 * SECOND, .start_interval = 5 * SECOND, .retries = 3 },
          "+--+--", "30h 61h 92h 123h 154h 185h" },
        { "one success makes healthy again",
          { .interval = 30 * SECOND, .start_interval = 5 * SECOND, .retries = 3 },
          "---+", "30s 61s 92u 123h" },
        { "without a start period failures count from the first on",
          { .interval = 10 * SECOND, .start_interval = 5 * SECOND, .retries = 2 },
          "--", "10s 21u" },
        { "in the start period probes come in its own interval, and failures do not count",
          { .interval = 30 * SECOND, .start_period = 20 * SECOND, .start_interval = 5 * SECOND, .retries = 1 },
          "-----", "5s 11s 17s 23u 54u" },
        { "the first success ends starting, and its interval",
          { .interval = 30 * SECOND, .start_period = 60 * SECOND, .start_interval = 5 * SECOND, .retries = 2 },
          "-+--", "5s 11h 42h 73u" },
        { "once healthy, failures count, start period or not",
          { .interval = 3 * SECOND, .start_period = 60 * SECOND, .start_interval = 5 * SECOND, .retries = 2 },
          "+--", "5h 9h 13u" },
        { "a probe counts that began after the start period",
          { .interval = 30 * SECOND, .start_period = 11 * SECOND, .start_interval = 5 * SECOND, .retries = 1 },
          "--", "5s 11u" },
        { "one retry is enough, and so is none",
          { .interval = 30 * SECOND, .retries = 0 },
          "+-", "30h 61u" },
        { "a startup check comes first, and the regular one at once after it",
          { .interval = 30 * SECOND, .retries = 1, .has_startup = true, .startup_interval = 2 * SECOND,
            .startup_success = 2 },
          "-+-++-", "2s 5s 8s 11s 12h 43u" },
        { "failures at startup are not those of the container",
          { .interval = 30 * SECOND, .retries = 1, .has_startup = true, .startup_interval = 2 * SECOND },
          "-----+-", "2s 5s 8s 11s 14s 17s 18u" },
        { "too many of them ask for a restart, time and again",
          { .interval = 30 * SECOND, .retries = 1, .has_startup = true, .startup_interval = 2 * SECOND,
            .startup_success = 2, .startup_retries = 2 },
          "-+-----", "2s 5s 8sR 11s 14sR 17s 20sR" },
};
/* clang-format on */

START_TEST(probes_come_when_they_should)
{
        char told[256] = "", *at = told;
        Schedule schedule;

        schedule_begin(&schedule, &stories[_i].rules, START);
        ck_assert_int_eq(schedule.status, HEALTH_STARTING);
        for (const char *result = stories[_i].results; *result; result++) {
                uint64_t began = schedule.next;
                ScheduleChange change = schedule_result(&schedule, began, began + SECOND, *result == '+');

                at += sprintf(at, "%s%d%c%s", at > told ? " " : "", (int) ((began - START) / SECOND),
                                health_status_to_string(schedule.status)[0], change.restart ? "R" : "");
        }
        ck_assert_msg(strcmp(told, stories[_i].expected) == 0, "%s: %s", stories[_i].what, told);
        ck_assert_uint_eq(schedule.checks, strlen(stories[_i].results));
}
END_TEST

START_TEST(changes_are_told_once)
{
        ScheduleRules rules = defaults;
        ScheduleChange change;
        Schedule schedule;

        rules.retries = 1;
        schedule_begin(&schedule, &rules, START);
        change = schedule_result(&schedule, START, START + 1, false);
        ck_assert(change.status && !change.started && !change.restart);
        change = schedule_result(&schedule, START, START + 1, false);
        ck_assert(!change.status && !change.started);
        ck_assert_uint_eq(schedule.streak, 2);

        /* The first success of all, whatever was before. */
        change = schedule_result(&schedule, START, START + 1, true);
        ck_assert(change.status && change.started);
        change = schedule_result(&schedule, START, START + 1, true);
        ck_assert(!change.status && !change.started);
        ck_assert_uint_eq(schedule.streak, 0);
        (void) schedule_result(&schedule, START, START + 1, false);
        change = schedule_result(&schedule, START, START + 1, true);
        ck_assert(change.status && !change.started);
}
END_TEST

START_TEST(the_startup_check_has_a_timeout_of_its_own)
{
        ScheduleRules rules = defaults;
        Schedule schedule;

        rules.has_startup = true;
        rules.startup_timeout = 7;
        schedule_begin(&schedule, &rules, START);
        ck_assert_uint_eq(schedule_timeout(&schedule), 7);
        (void) schedule_result(&schedule, START, START + 1, true);
        ck_assert(!schedule.is_startup);
        ck_assert_uint_eq(schedule_timeout(&schedule), defaults.timeout);
}
END_TEST

START_TEST(who_stood_still_is_not_judged)
{
        Schedule schedule, before;

        schedule_begin(&schedule, &defaults, START);
        (void) schedule_result(&schedule, START + 30 * SECOND, START + 31 * SECOND, true);
        (void) schedule_result(&schedule, START + 61 * SECOND, START + 62 * SECOND, false);
        before = schedule;
        schedule_resume(&schedule, START + 5000 * SECOND);
        ck_assert_uint_eq(schedule.next, START + 5030 * SECOND);
        ck_assert_uint_eq(schedule.streak, before.streak);
        ck_assert_uint_eq(schedule.checks, before.checks);
        ck_assert_int_eq(schedule.status, HEALTH_HEALTHY);
}
END_TEST

START_TEST(times_beyond_all_measure_do_not_wrap)
{
        const ScheduleRules rules = {
                .interval = UINT64_MAX - 5,
                .start_period = UINT64_MAX - 5,
                .start_interval = UINT64_MAX - 5,
                .retries = 1,
        };
        Schedule schedule;

        schedule_begin(&schedule, &rules, START);
        ck_assert_uint_eq(schedule.next, SCHEDULE_NEVER - 1);
        (void) schedule_result(&schedule, START, START, false);
        ck_assert_int_eq(schedule.status, HEALTH_STARTING);
        ck_assert_uint_gt(schedule.next, START);
}
END_TEST

/* What moby's daemon/health.go does, told in its own order: monitor(), getInterval(), handleProbeResult().
 */
typedef struct Model {
        HealthStatus status;
        int failing_streak;
} Model;

static uint64_t model_interval(const Model *model, const ScheduleRules *rules, uint64_t now) {
        if (now - START >= rules->start_period)
                return rules->interval;
        return model->status == HEALTH_STARTING ? rules->start_interval : rules->interval;
}

static void model_result(Model *model, const ScheduleRules *rules, uint64_t began, int exit_status) {
        bool increment = true;

        if (exit_status == 0) {
                model->failing_streak = 0;
                model->status = HEALTH_HEALTHY;
                return;
        }
        if (model->status == HEALTH_STARTING && began - START < rules->start_period)
                increment = false;
        if (!increment)
                return;
        model->failing_streak++;
        if (model->failing_streak >= (int) rules->retries)
                model->status = HEALTH_UNHEALTHY;
}

START_TEST(any_story_goes_as_it_does_with_docker)
{
        srandom((unsigned) _i);
        for (int round = 0; round < 200; round++) {
                ScheduleRules rules = {
                        .interval = (uint64_t) (1 + random() % 60) * SECOND,
                        .start_period = (uint64_t) (random() % 3) * (uint64_t) (random() % 200) * SECOND,
                        .start_interval = (uint64_t) (1 + random() % 10) * SECOND,
                        .retries = (unsigned) (1 + random() % 5),
                };
                uint64_t timer = START;
                Schedule schedule;
                Model model = {};

                schedule_begin(&schedule, &rules, START);
                timer += model_interval(&model, &rules, START);
                for (int probe = 0; probe < 40; probe++) {
                        uint64_t ended = timer + (uint64_t) (random() % (10 * (long) SECOND));
                        int status = random() % 3 == 0 ? 0 : 1;

                        ck_assert_uint_eq(schedule.next, timer);
                        (void) schedule_result(&schedule, timer, ended, status == 0);
                        model_result(&model, &rules, timer, status);
                        ck_assert_int_eq(schedule.status, model.status);
                        ck_assert_int_eq((int) schedule.streak, model.failing_streak);
                        timer = ended + model_interval(&model, &rules, ended);
                }
        }
}
END_TEST

START_TEST(words_of_states_are_read_as_they_are_written)
{
        for (HealthStatus status = 0; status < _HEALTH_STATUS_MAX; status++)
                ck_assert_int_eq(health_status_from_string(health_status_to_string(status)), status);
        ck_assert_int_eq(health_status_from_string(""), _HEALTH_STATUS_MAX);
        ck_assert_int_eq(health_status_from_string("unknown"), _HEALTH_STATUS_MAX);
        ck_assert_str_eq(health_status_to_string(_HEALTH_STATUS_MAX), "unknown");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health-schedule");
        TCase *tc = tcase_create("health-schedule");

        tcase_add_loop_test(tc, probes_come_when_they_should, 0, ELEMENTS(stories));
        tcase_add_test(tc, changes_are_told_once);
        tcase_add_test(tc, the_startup_check_has_a_timeout_of_its_own);
        tcase_add_test(tc, who_stood_still_is_not_judged);
        tcase_add_test(tc, times_beyond_all_measure_do_not_wrap);
        tcase_add_loop_test(tc, any_story_goes_as_it_does_with_docker, 0, 10);
        tcase_add_test(tc, words_of_states_are_read_as_they_are_written);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
