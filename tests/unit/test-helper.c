/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/report.h"
#include "nspawn-glue/helper.h"
#include "tests/suite.h"

static int run(const char *script, HelperEnd *end) {
        char *arguments[] = { "/bin/sh", "-c", (char *) script, NULL };
        Fault fault = {};

        *end = (HelperEnd){};
        return helper_run(arguments, end, &fault);
}

START_TEST(a_program_that_succeeds_has_its_output_told)
{
        HelperEnd end;

        ck_assert_int_eq(run("echo sha256:abc; echo more; echo note >&2", &end), 0);
        ck_assert_str_eq(end.output, "sha256:abc\nmore\n");
        ck_assert_str_eq(end.words, "");
        ck_assert_int_eq(end.signal, 0);
}
END_TEST

START_TEST(a_program_that_fails_has_its_last_words_told)
{
        HelperEnd end;

        ck_assert_int_eq(
                        run("echo first >&2; echo 'slipway: cannot pull x: no such host' >&2; exit 1", &end),
                        -EIO);
        ck_assert_str_eq(end.words, "cannot pull x: no such host");
        ck_assert_int_eq(run("printf 'a: b' >&2; exit 1", &end), -EIO);
        ck_assert_str_eq(end.words, "a: b");
        ck_assert_int_eq(run("exit 3", &end), -EIO);
        ck_assert_str_eq(end.words, "'/bin/sh' has failed with status 3 and without a word");
        ck_assert_int_eq(run("kill -KILL $$", &end), -EIO);
        ck_assert_str_eq(end.words, "'/bin/sh' was killed by signal KILL");
}
END_TEST

START_TEST(a_line_without_end_is_cut)
{
        HelperEnd end;

        ck_assert_int_eq(run("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", &end), -EIO);
        ck_assert_uint_lt(strlen(end.words), sizeof(end.words));
        ck_assert_int_eq(run("head -c 100000 /dev/zero | tr '\\0' x", &end), 0);
        ck_assert_uint_eq(strlen(end.output), sizeof(end.output) - 1);
}
END_TEST

START_TEST(what_is_for_the_app_is_not_passed_on)
{
        HelperEnd end;

        (void) setenv("LISTEN_FDS", "1", true);
        (void) setenv("NOTIFY_SOCKET", "/run/n", true);
        ck_assert_int_eq(run("echo $(ls /proc/self/fd | wc -l) ${LISTEN_FDS-none} $NOTIFY_SOCKET", &end), 0);
        /* The three of each program, and the directory that ls has open. */
        ck_assert_str_eq(end.output, "4 none /run/n\n");
}
END_TEST

START_TEST(a_program_that_is_not_there_is_a_fault)
{
        char *arguments[] = { "/nonexistent/slipway", NULL };
        HelperEnd end = {};
        Fault fault = {};

        ck_assert_int_eq(helper_run(arguments, &end, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "cannot execute '/nonexistent/slipway': No such file or directory");
}
END_TEST

START_TEST(the_last_words_are_the_fault_of_one_with_nothing_else_to_tell)
{
        char *fails[] = { "/bin/sh", "-c", "echo first >&2; echo 'there is none' >&2; exit 1", NULL };
        char *works[] = { "/bin/sh", "-c", "echo well", NULL };
        Fault fault = {};

        ck_assert_int_eq(helper_do(works, &fault), 0);
        ck_assert(!fault_is_raised(&fault));
        ck_assert_int_eq(helper_do(fails, &fault), -EIO);
        ck_assert_str_eq(fault.text, "there is none");
}
END_TEST

/* In a process of its own, which is sent the signal; its status says what came of that. */
static pid_t run_apart(const char *script) {
        pid_t pid = fork();
        HelperEnd end;

        if (pid == 0) {
                int r = run(script, &end);

                _exit(r == -ECANCELED && end.signal == SIGTERM ? 42 : 1);
        }
        return pid;
}

static void wait_for_file(const char *path) {
        const struct timespec moment = { .tv_nsec = 5000000 };

        for (int i = 0; i < 2000 && access(path, F_OK) < 0; i++)
                (void) nanosleep(&moment, NULL);
        ck_assert_int_eq(access(path, F_OK), 0);
}

START_TEST(a_signal_is_handed_on_and_the_end_waited_for)
{
        char directory[] = "/tmp/test-helper-XXXXXX", script[256], started[64], ended[64];
        int status;
        pid_t pid;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        (void) snprintf(started, sizeof(started), "%s/started", directory);
        (void) snprintf(ended, sizeof(ended), "%s/ended", directory);
        (void) snprintf(script, sizeof(script),
                        "trap 'sleep 0.1; : >%s; exit 1' TERM; : >%s; while :; do sleep 0.01; done", ended,
                        started);
        pid = run_apart(script);
        wait_for_file(started);
        (void) kill(pid, SIGTERM);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 42);
        ck_assert_int_eq(access(ended, F_OK), 0);
        (void) unlink(started);
        (void) unlink(ended);
        (void) rmdir(directory);
}
END_TEST

START_TEST(a_program_that_does_not_heed_it_is_killed_by_the_second)
{
        char directory[] = "/tmp/test-helper-XXXXXX", script[256], started[64];
        struct timespec begin, end;
        int status;
        pid_t pid;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        (void) snprintf(started, sizeof(started), "%s/started", directory);
        (void) snprintf(script, sizeof(script), "trap '' TERM; : >%s; while :; do sleep 0.01; done",
                        started);
        pid = run_apart(script);
        wait_for_file(started);
        (void) clock_gettime(CLOCK_MONOTONIC, &begin);
        (void) kill(pid, SIGTERM);
        (void) nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
        (void) kill(pid, SIGTERM);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        (void) clock_gettime(CLOCK_MONOTONIC, &end);
        ck_assert_int_eq(WEXITSTATUS(status), 42);
        ck_assert_int_lt(end.tv_sec - begin.tv_sec, 4);
        (void) unlink(started);
        (void) rmdir(directory);
}
END_TEST

START_TEST(who_waits_takes_it_with_him)
{
        char directory[] = "/tmp/test-helper-XXXXXX", script[256], started[64], ended[64];
        pid_t pid;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        (void) snprintf(started, sizeof(started), "%s/started", directory);
        (void) snprintf(ended, sizeof(ended), "%s/ended", directory);
        (void) snprintf(script, sizeof(script),
                        "trap ': >%s; exit 1' TERM; : >%s; while :; do sleep 0.01; done", ended, started);
        pid = run_apart(script);
        wait_for_file(started);
        (void) kill(pid, SIGKILL);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        wait_for_file(ended);
        (void) unlink(started);
        (void) unlink(ended);
        (void) rmdir(directory);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("helper");
        TCase *tc = tcase_create("helper");

        report_init("test-helper", REPORT_TERMINAL);
        tcase_set_timeout(tc, 30);
        tcase_add_test(tc, a_program_that_succeeds_has_its_output_told);
        tcase_add_test(tc, a_program_that_fails_has_its_last_words_told);
        tcase_add_test(tc, a_line_without_end_is_cut);
        tcase_add_test(tc, what_is_for_the_app_is_not_passed_on);
        tcase_add_test(tc, a_program_that_is_not_there_is_a_fault);
        tcase_add_test(tc, the_last_words_are_the_fault_of_one_with_nothing_else_to_tell);
        tcase_add_test(tc, a_signal_is_handed_on_and_the_end_waited_for);
        tcase_add_test(tc, a_program_that_does_not_heed_it_is_killed_by_the_second);
        tcase_add_test(tc, who_waits_takes_it_with_him);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
