/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/cleanup.h"
#include "nspawn-glue/plan.h"
#include "tests/suite.h"

START_TEST(what_was_written_is_read_in_order)
{
        AUTO(plan_done) PlanWriter plan = {};
        autofree PlanEntry *entries = NULL;
        autofree char *text = NULL;
        autofd int fd = -1;
        size_t n;

        plan_put(&plan, "arg", "");
        plan_put(&plan, "env", "A=B=C\nD");
        plan_putf(&plan, "attach", "%d:%s", 7, "/data");
        for (int i = 0; i < 3000; i++)
                plan_putf(&plan, "arg", "%d", i);

        ck_assert_int_eq(plan_seal(&plan, &fd), 0);
        ck_assert_int_eq(plan_read(fd, &text, &entries, &n), 0);
        ck_assert_uint_eq(n, 3003);
        ck_assert_str_eq(entries[0].verb, "arg");
        ck_assert_str_eq(entries[0].value, "");
        ck_assert_str_eq(entries[1].value, "A=B=C\nD");
        ck_assert_str_eq(entries[2].verb, "attach");
        ck_assert_str_eq(entries[2].value, "7:/data");
        ck_assert_str_eq(entries[3002].value, "2999");
}
END_TEST

START_TEST(a_plan_that_somebody_could_change_is_refused)
{
        autofd int fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        PlanEntry *entries;
        char *text;
        size_t n;

        ck_assert_int_eq(write(fd, "arg=x", 6), 6);
        ck_assert_int_eq(plan_read(fd, &text, &entries, &n), -EPERM);
}
END_TEST

static const struct {
        const char *text;
        size_t size;
} broken[] = {
        { "", 0 }, { "arg=x", 5 }, /* without its end */
        { "arg\0", 4 },            /* without a value */
        { "=x\0", 3 },             /* without a verb */
        { "a=b\0\0", 5 },          /* an empty entry */
};

START_TEST(what_is_no_plan_is_refused)
{
        PlanEntry *entries;
        char text[16];
        size_t n;

        memcpy(text, broken[_i].text, broken[_i].size);
        ck_assert_int_eq(plan_parse(text, broken[_i].size, &entries, &n), -EBADMSG);
}
END_TEST

START_TEST(a_plan_has_an_end)
{
        AUTO(plan_done) PlanWriter plan = {};
        autofree char *much = malloc(PLAN_MAX);
        autofd int fd = -1;

        memset(much, 'x', PLAN_MAX - 1);
        much[PLAN_MAX - 1] = '\0';
        plan_put(&plan, "arg", much);
        ck_assert_int_eq(plan_seal(&plan, &fd), -E2BIG);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("launch-plan");
        TCase *tc = tcase_create("launch-plan");

        tcase_add_test(tc, what_was_written_is_read_in_order);
        tcase_add_test(tc, a_plan_that_somebody_could_change_is_refused);
        tcase_add_loop_test(tc, what_is_no_plan_is_refused, 0, ELEMENTS(broken));
        tcase_add_test(tc, a_plan_has_an_end);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
