/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "lib/finding.h"
#include "tests/suite.h"

static const FindingKind lost = { .name = "lost" }, found = { .name = "found" };

START_TEST(what_a_second_look_does_not_see_is_forgotten)
{
        AUTO(findings_done) Findings first = {}, second = {};

        ck_assert_int_eq(findings_add(&first, &lost, "/a", "gone by now"), 0);
        ck_assert_int_eq(findings_add(&first, &lost, "/b", NULL), 0);
        ck_assert_int_eq(findings_add(&first, &found, "/c", NULL), 0);
        ck_assert_int_eq(findings_add(&second, &lost, "/b", "another detail"), 0);
        ck_assert_int_eq(findings_add(&second, &lost, "/c", NULL), 0);
        ck_assert_int_eq(findings_add(&second, &lost, "/new", NULL), 0);

        findings_confirm(&first, &second);
        ck_assert_uint_eq(first.n, 1);
        ck_assert_str_eq(first.items[0].subject, "/b");
        ck_assert_ptr_null(first.items[0].detail);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("finding");
        TCase *tc = tcase_create("finding");

        tcase_add_test(tc, what_a_second_look_does_not_see_is_forgotten);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
