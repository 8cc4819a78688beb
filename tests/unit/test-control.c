/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "nspawn-glue/control.h"
#include "tests/suite.h"

/* Plays init in a child: begins, and ends in one of several ways. */
typedef void Play(int fd);

static int watch(Play *play, Fault *fault) {
        int ours, theirs, r;
        pid_t pid;

        ck_assert_int_eq(control_open(&ours, &theirs), 0);
        pid = fork();
        if (pid == 0) {
                (void) close(ours);
                play(theirs);
                _exit(0);
        }
        (void) close(theirs);
        r = control_wait(ours, -1, fault);
        (void) close(ours);
        /* A child that waits for our end is not waited for. */
        (void) kill(pid, SIGKILL);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        return r;
}

static void execute(int fd) {
        int told;

        if (control_begin(fd, &told) < 0)
                return;
        control_trying(told);
        (void) execl("/bin/sleep", "sleep", "1000", NULL);
}

static void die(int fd) {
        int told;

        (void) control_begin(fd, &told);
}

static void fail_to_execute(int fd) {
        Fault fault = {};
        int told;

        (void) control_begin(fd, &told);
        control_trying(told);
        (void) fault_raise(&fault, FAULT_MISSING, ENOENT, "no such command");
        control_fail(told, &fault);
}

static void give_up(int fd) {
        Fault fault = {};
        int told;

        (void) control_begin(fd, &told);
        (void) fault_raise(&fault, FAULT_MISSING, ENOENT, "no such command");
        control_fail(told, &fault);
}

static void cancel(int fd) {
        control_cancel(fd);
}

static void say_nothing(int fd) {
}

static void lie(int fd) {
        Fault fault = { .kind = _FAULT_KIND_MAX, .error = 5 };
        int told;

        (void) control_begin(fd, &told);
        control_fail(told, &fault);
}

static void shout(int fd) {
        Fault fault = {
                .kind = FAULT_MISSING, .error = ENOENT, .text = "\x1b[2J\rMAINPID=1", .key = "\x07"
        };
        int told;

        (void) control_begin(fd, &told);
        control_fail(told, &fault);
}

START_TEST(an_app_that_runs_is_noticed)
{ ck_assert_int_eq(watch(execute, NULL), 0); }
END_TEST

START_TEST(a_fault_is_passed_on)
{
        Fault fault = {};

        ck_assert_int_eq(watch(give_up, &fault), -ENOENT);
        ck_assert_int_eq(fault.kind, FAULT_MISSING);
        ck_assert_str_eq(fault.text, "no such command");
}
END_TEST

START_TEST(a_fault_is_passed_on_if_only_exec_fails)
{
        Fault fault = {};

        ck_assert_int_eq(watch(fail_to_execute, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "no such command");
}
END_TEST

START_TEST(an_init_that_is_killed_has_not_executed_the_app)
{
        Fault fault = {};

        ck_assert_int_eq(watch(die, &fault), -EOWNERDEAD);
        ck_assert(strstr(fault.text, "killed before its app could start"));
}
END_TEST

START_TEST(a_launcher_that_gives_up_speaks_for_itself)
{
        Fault fault = {};

        ck_assert_int_eq(watch(cancel, &fault), -ECANCELED);
        ck_assert(!fault_is_raised(&fault));
}
END_TEST

START_TEST(an_init_that_never_began_is_noticed)
{
        Fault fault = {};

        ck_assert_int_eq(watch(say_nothing, &fault), -EPIPE);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

START_TEST(what_is_no_fault_is_not_believed)
{
        Fault fault = {};

        ck_assert_int_eq(watch(lie, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "slipway-init has not said what is wrong");
}
END_TEST

START_TEST(what_comes_out_of_a_container_is_tamed)
{
        Fault fault = {};

        ck_assert_int_eq(watch(shout, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "?[2J?MAINPID=1");
        ck_assert_str_eq(fault.key, "?");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("control");
        TCase *tc = tcase_create("control");

        tcase_add_test(tc, an_app_that_runs_is_noticed);
        tcase_add_test(tc, a_fault_is_passed_on);
        tcase_add_test(tc, a_fault_is_passed_on_if_only_exec_fails);
        tcase_add_test(tc, an_init_that_is_killed_has_not_executed_the_app);
        tcase_add_test(tc, a_launcher_that_gives_up_speaks_for_itself);
        tcase_add_test(tc, an_init_that_never_began_is_noticed);
        tcase_add_test(tc, what_is_no_fault_is_not_believed);
        tcase_add_test(tc, what_comes_out_of_a_container_is_tamed);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
