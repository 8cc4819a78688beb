/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/strv.h"
#include "nspawn-glue/app-plan.h"
#include "tests/suite.h"

static Init take(PlanEntry *entries, size_t n, int expected, Fault *fault) {
        Init init = { .root_fd = -1, .seccomp_fd = -1 };

        ck_assert_int_eq(app_plan_take(&init, entries, n, fault), expected);
        return init;
}

/* Whoever enters must not mount anything a second time, and init must not miss anything of the tree. */
START_TEST(what_is_not_about_the_app_is_passed_over)
{
        PlanEntry entries[] = {
                { (char *) "root", (char *) "17" },
                { (char *) "env", (char *) "A=1" },
                { (char *) "attach", (char *) "18:/data" },
                { (char *) "user", (char *) "nobody" },
                { (char *) "terminal", (char *) "19" },
                { (char *) "group", (char *) "wheel" },
                { (char *) "workdir", (char *) "/srv" },
                { (char *) "seccomp", (char *) "20" },
                { (char *) "capabilities", (char *) "81:1" },
                { (char *) "rlimit", (char *) "7:10:20" },
                { (char *) "no-new-privileges", (char *) "yes" },
        };
        Init init = take(entries, ELEMENTS(entries), 0, NULL);

        ck_assert_int_eq(init.root_fd, -1);
        ck_assert_uint_eq(strv_length(init.environment), 1);
        ck_assert_str_eq(init.environment[0], "A=1");
        ck_assert_str_eq(init.user, "nobody");
        ck_assert_str_eq(init.groups[0], "wheel");
        ck_assert_str_eq(init.workdir, "/srv");
        ck_assert_int_eq(init.seccomp_fd, 20);
        ck_assert_uint_eq(init.bounding, 0x81);
        ck_assert_uint_eq(init.ambient, 1);
        ck_assert(init.has_rlimit[7]);
        ck_assert_uint_eq(init.rlimits[7].rlim_max, 20);
        ck_assert(init.no_new_privileges);
        strv_free(init.environment);
        strv_free(init.groups);
}
END_TEST

START_TEST(what_cannot_be_understood_is_named)
{
        PlanEntry entries[] = { { (char *) "rlimit", (char *) "x" } };
        Fault fault = {};

        (void) take(entries, 1, -EBADMSG, &fault);
        ck_assert_str_eq(fault.text, "cannot do 'rlimit=x': Bad message");
}
END_TEST

START_TEST(no_word_of_a_secret_is_told)
{
        PlanEntry entry = { (char *) "secret-env", (char *) "TOKEN=hidden" };
        const VerbRow *row = plan_verb_find(app_verbs, n_app_verbs, entry.verb);
        Init init = { .seccomp_fd = -1 };

        ck_assert_ptr_nonnull(row);
        ck_assert_int_eq(plan_verb_act(row, &init, &entry, NULL), 0);
        ck_assert_str_eq(init.environment[0], "TOKEN=hidden");
        strv_free(init.environment);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("app-plan");
        TCase *tcase = tcase_create("verbs");

        tcase_add_test(tcase, what_is_not_about_the_app_is_passed_over);
        tcase_add_test(tcase, what_cannot_be_understood_is_named);
        tcase_add_test(tcase, no_word_of_a_secret_is_told);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
