/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/suite.h"

/* As it is in a build for tests; this one need not be. */
#ifndef SLIPWAY_FAULT_POINTS
#define SLIPWAY_FAULT_POINTS
#endif
#include "lib/fault-point.c"

static void choose(const char *actions) {
        ck_assert_int_eq(setenv(FAULT_POINT_ENV, actions, 1), 0);
}

START_TEST(a_point_that_is_not_chosen_does_nothing)
{
        choose("other=error:EIO\nno action");
        ck_assert_int_eq(FAULT_POINT("a"), 0);
}
END_TEST

START_TEST(a_point_fails_as_the_test_wants)
{
        choose("a=error:ENOSPC\nrow:b c=error:EIO");
        ck_assert_int_eq(FAULT_POINT("a"), -ENOSPC);
        ck_assert_int_eq(FAULT_POINT_OF("row:", "b c"), -EIO);
        ck_assert_int_eq(FAULT_POINT_OF("row:", "b"), 0);
}
END_TEST

START_TEST(a_point_fails_when_it_is_passed_for_the_nth_time)
{
        choose("a=error:EIO@2");
        ck_assert_int_eq(FAULT_POINT("a"), 0);
        ck_assert_int_eq(FAULT_POINT("a"), -EIO);
        ck_assert_int_eq(FAULT_POINT("a"), 0);
}
END_TEST

START_TEST(an_error_that_nobody_knows_is_still_one)
{
        choose("a=error:ENONSENSE");
        ck_assert_int_eq(FAULT_POINT("a"), -EINVAL);
}
END_TEST

START_TEST(errno_is_left_alone)
{
        choose("a=error:ENOSPC");
        errno = EIO;
        (void) FAULT_POINT("a");
        ck_assert_int_eq(errno, EIO);
}
END_TEST

START_TEST(a_process_is_killed)
{
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                choose("a=kill");
                (void) FAULT_POINT("a");
                _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

/* Each case has read its own environment, or nothing of that of the one before. */
static void forget(void) {
        free(points.copy);
        memset(&points, 0, sizeof(points));
}

int main(void) {
        Suite *suite = suite_create("fault-point");
        TCase *tc = tcase_create("fault-point");

        tcase_add_checked_fixture(tc, forget, NULL);
        tcase_add_test(tc, a_point_that_is_not_chosen_does_nothing);
        tcase_add_test(tc, a_point_fails_as_the_test_wants);
        tcase_add_test(tc, a_point_fails_when_it_is_passed_for_the_nth_time);
        tcase_add_test(tc, an_error_that_nobody_knows_is_still_one);
        tcase_add_test(tc, errno_is_left_alone);
        tcase_add_test(tc, a_process_is_killed);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
