/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/health-state.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

START_TEST(a_state_is_read_key_by_key)
{
        char text[] = "STATUS=unhealthy\nSINCE=1700000000000001\nSTREAK=3\nCHECKS=12\nLAST=5\nEXIT_STATUS=-"
                      "1\n"
                      "WHY=no answer in 2 s\nPID=17\nPID_BEGAN=99\nLATER=what\n";
        HealthState state;

        health_state_parse(text, &state);
        ck_assert_int_eq(state.status, HEALTH_UNHEALTHY);
        ck_assert_uint_eq(state.since, UINT64_C(1700000000000001));
        ck_assert_uint_eq(state.streak, 3);
        ck_assert_uint_eq(state.checks, 12);
        ck_assert_uint_eq(state.last, 5);
        ck_assert_int_eq(state.exit_status, -1);
        ck_assert_str_eq(state.why, "no answer in 2 s");
        ck_assert_int_eq(state.pid, 17);
        ck_assert_uint_eq(state.pid_began, 99);
}
END_TEST

START_TEST(what_is_not_said_is_not_known)
{
        char nothing[] = "", nonsense[] = "STATUS=splendid\nno line at all\n=\n";
        HealthState state;

        health_state_parse(nothing, &state);
        ck_assert_int_eq(state.status, _HEALTH_STATUS_MAX);
        health_state_parse(nonsense, &state);
        ck_assert_int_eq(state.status, _HEALTH_STATUS_MAX);
}
END_TEST

START_TEST(a_process_has_begun_once)
{
        uint64_t own, again, child;
        pid_t pid;

        ck_assert_int_eq(health_process_began(getpid(), &own), 0);
        ck_assert_int_eq(health_process_began(getpid(), &again), 0);
        ck_assert_uint_eq(own, again);
        ck_assert_uint_gt(own, 0);

        pid = fork();
        if (pid == 0)
                _exit(0);
        ck_assert_int_eq(health_process_began(pid, &child), 0);
        ck_assert_uint_ge(child, own);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_int_lt(health_process_began(pid, &child), 0);
        ck_assert_int_lt(health_process_began(0, &child), 0);
}
END_TEST

START_TEST(a_file_is_replaced_as_a_whole)
{
        char directory[] = "/tmp/slipway-health-XXXXXX";
        autofree char *text = NULL;
        autofd int dir = -1;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(health_put_file(dir, ".a.health", "one", 3, 0644), 0);
        /* What another one has left does not matter. */
        ck_assert_int_eq(symlinkat("/nowhere", dir, ".a.health~"), 0);
        ck_assert_int_eq(health_put_file(dir, ".a.health", "two", 3, 0600), 0);
        ck_assert_int_eq(io_read_file(dir, ".a.health", 10, &text, NULL), 0);
        ck_assert_str_eq(text, "two");
        ck_assert_int_lt(faccessat(dir, ".a.health~", F_OK, AT_SYMLINK_NOFOLLOW), 0);
        remove_scratch(directory);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health-state");
        TCase *tc = tcase_create("health-state");

        tcase_add_test(tc, a_state_is_read_key_by_key);
        tcase_add_test(tc, what_is_not_said_is_not_known);
        tcase_add_test(tc, a_process_has_begun_once);
        tcase_add_test(tc, a_file_is_replaced_as_a_whole);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
