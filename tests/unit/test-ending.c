/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/ending.h"
#include "tests/suite.h"

static const Record plain = { .notify = "no", .stop_signal = SIGTERM };
static const Record with_init = { .notify = "no", .stop_signal = SIGTERM, .init = true };
static const Record notifying = { .notify = "yes", .stop_signal = SIGTERM };
static const Record healthy = { .notify = "healthy", .stop_signal = SIGTERM };
static const Record stopping = { .notify = "yes", .stop_signal = SIGQUIT, .stopping = true };
static const Record told = { .notify = "no", .stop_signal = SIGTERM, .told = true };

/* clang-format off */
static const struct {
        const char *result, *code, *status;
        const Record *record;
        uint64_t oom_kills, memory_limit;
        MessageId id;
        const char *text; /* NULL for none */
} ends[] = {
        { "success",   "exited", "0",    &plain,     0, 0, 0, NULL },
        { "success",   "killed", "TERM", &plain,     1, 0, 0, NULL },
        { "exit-code", "exited", "125",  &plain,     0, 0, 0, NULL },
        { "exit-code", "exited", "127",  &told,      0, 0, 0, NULL },
        { "exit-code", "exited", "203",  NULL,       0, 0, 0, NULL },
        { "resources", "exited", "0",    &plain,     0, 0, 0, NULL },
        { NULL,        NULL,     NULL,   &plain,     0, 0, 0, NULL },
        { "exit-code", "exited", "3",    &plain,     0, 0, MESSAGE_ENDED, "the app has ended with status 3" },
        { "exit-code", "exited", "1",    &plain,     0, 0, MESSAGE_ENDED,
          "the app has ended with status 1" },
        { "exit-code", "exited", "1",    &with_init, 0, 0, MESSAGE_ENDED, "the app has ended with status 1" },
        { "exit-code", "exited", "139",  &with_init, 0, 0, MESSAGE_ENDED,
          "the app has ended with status 139, which stands for SIGSEGV" },
        { "exit-code", "exited", "1",    &plain,     1, 64 << 20, MESSAGE_OUT_OF_MEMORY,
          "out of memory: the kernel has killed 1 of the container's processes at the limit Memory=, which is 64M" },
        { "exit-code", "exited", "137",  &with_init, 2, 0, MESSAGE_OUT_OF_MEMORY,
          "out of memory: the kernel has killed 2 of the container's processes" },
        { "oom-kill",  "killed", "KILL", &plain,     3, 1000, MESSAGE_OUT_OF_MEMORY,
          "out of memory: the kernel has killed 3 of the container's processes at the limit Memory=, which is 1000 bytes" },
        { "exit-code", "exited", "3",    &plain,     1, 64 << 20, MESSAGE_ENDED, "the app has ended with status 3" },
        { "signal",    "killed", "KILL", &plain,     0, 0, MESSAGE_ENDED,
          "systemd-nspawn was killed by SIGKILL, and the container with it" },
        { "watchdog",  "dumped", "ABRT", &notifying, 1, 0, MESSAGE_WATCHDOG_MISSED,
          "no WATCHDOG=1 has come for as long as WatchdogSec= has it, so the container was killed" },
        { "timeout",   "killed", "KILL", &notifying, 0, 0, MESSAGE_NOT_READY,
          "no READY=1 has come from the app before TimeoutStartSec= was over; with Notify=no nobody waits for it" },
        { "timeout",   "exited", "143",  &healthy,   0, 0, MESSAGE_NOT_READY,
          "the health check has not succeeded before TimeoutStartSec= was over" },
        { "timeout",   "exited", "143",  &plain,     0, 0, MESSAGE_NOT_READY,
          "the container could not be started before TimeoutStartSec= was over" },
        { "timeout",   "killed", "KILL", &stopping,  0, 0, MESSAGE_ENDED,
          "the app has not ended within StopTimeout= after SIGQUIT, and was killed" },
        { "timeout",   "exited", "0",    &stopping,  0, 0, MESSAGE_ENDED,
          "the container was stopped when RuntimeMaxSec= was over" },
        { "protocol",  "exited", "0",    &notifying, 0, 0, MESSAGE_ENDED,
          "the app has ended with status 0, before it was ready" },
        { "exit-code", "exited", "243",  NULL,       0, 0, MESSAGE_SECRET_UNUSABLE,
          "a secret cannot be decrypted or read, see 'slipway secret list'; it opens on the machine and under the name "
          "that it was made for only" },
        { "exit-code", "exited", "243",  &plain,     0, 0, MESSAGE_ENDED, "the app has ended with status 243" },
        /* Who has told of it did not know that the kernel has done it, or could not tell. */
        { "signal",    "killed", "KILL", &told,      1, 1 << 20, MESSAGE_OUT_OF_MEMORY,
          "out of memory: the kernel has killed 1 of the container's processes at the limit Memory=, which is 1M" },
        { "signal",    "killed", "KILL", NULL,       1, 0, MESSAGE_OUT_OF_MEMORY,
          "out of memory: the kernel has killed 1 of the container's processes" },
        { "signal",    "killed", "KILL", NULL,       0, 0, 0, NULL },
};
/* clang-format on */

START_TEST(an_end_is_put_into_words)
{
        const Ending ending = {
                .result = ends[_i].result,
                .code = ends[_i].code,
                .status = ends[_i].status,
                .record = ends[_i].record,
                .oom_kills = ends[_i].oom_kills,
                .memory_limit = ends[_i].memory_limit,
        };
        char text[256] = "";
        MessageId id = MESSAGE_NONE;

        ck_assert_int_eq(ending_describe(&ending, text, sizeof(text), &id), ends[_i].text != NULL);
        ck_assert_str_eq(text, ends[_i].text ?: "");
        ck_assert_int_eq(id, ends[_i].id);
}
END_TEST

START_TEST(a_health_check_that_has_never_succeeded_is_told_with_its_last_words)
{
        const Ending ending = { "timeout", "killed", "KILL", &healthy,
                .check = "exit status 1: connection refused" };
        char text[256] = "";
        MessageId id = MESSAGE_NONE;

        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the health check has not succeeded before TimeoutStartSec= was over (exit "
                               "status 1: connection refused)");
        ck_assert_int_eq(id, MESSAGE_NOT_READY);
}
END_TEST

START_TEST(what_systemd_nspawn_has_said_explains_a_status_that_says_nothing)
{
        Ending ending = { "exit-code", "exited", "1", &plain, .signal = "SEGV" };
        char text[256] = "";
        MessageId id;

        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the app was killed by SIGSEGV");

        /* The kernel had killed another one before. */
        ending.oom_kills = 1;
        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the app was killed by SIGSEGV");
        ending.signal = "KILL";
        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_int_eq(id, MESSAGE_OUT_OF_MEMORY);

        ending = (Ending){ "exit-code", "exited", "1", &plain, .words = "Failed to do it" };
        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "systemd-nspawn has ended the container: Failed to do it");
        ending.status = "3";
        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the app has ended with status 3");
}
END_TEST

START_TEST(who_was_unhealthy_has_missed_no_watchdog_of_its_own)
{
        const Ending ending = {
                .result = "watchdog",
                .code = "killed",
                .status = "ABRT",
                .record = &plain,
                .failures = 4,
        };
        MessageId id = MESSAGE_NONE;
        char text[256];

        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the container was unhealthy (4 failures in a row) for as long as "
                               "WatchdogSec= has it, "
                               "and was killed");
        ck_assert_int_eq(id, MESSAGE_WATCHDOG_MISSED);
}
END_TEST

START_TEST(what_the_unit_has_too_little_of_explains_a_status_that_says_nothing)
{
        Ending ending = { "exit-code", "exited", "1", &plain,
                .hint = "LimitNOFILE= of the unit is too low" };
        char text[256] = "";
        MessageId id;

        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the container has ended with status 1; LimitNOFILE= of the unit is too low");
        ending.status = "3";
        ck_assert(ending_describe(&ending, text, sizeof(text), &id));
        ck_assert_str_eq(text, "the app has ended with status 3");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("ending");
        TCase *tests = tcase_create("ending");

        tcase_add_loop_test(tests, an_end_is_put_into_words, 0, (int) ELEMENTS(ends));
        tcase_add_test(tests, a_health_check_that_has_never_succeeded_is_told_with_its_last_words);
        tcase_add_test(tests, what_systemd_nspawn_has_said_explains_a_status_that_says_nothing);
        tcase_add_test(tests, who_was_unhealthy_has_missed_no_watchdog_of_its_own);
        tcase_add_test(tests, what_the_unit_has_too_little_of_explains_a_status_that_says_nothing);
        suite_add_tcase(suite, tests);
        return suite_main(suite);
}
