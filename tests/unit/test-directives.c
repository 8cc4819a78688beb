/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/directives.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

START_TEST(lines_come_in_their_order_and_only_those_of_systemd)
{
        AUTO(directives_done) Directives d = {};

        ck_assert_int_eq(directives_read("# a comment\n\n[Unit]\nAfter=a.service\n[Service]\nExecStart=x "
                                         "\"a=b\"\n"
                                         "[Unit]\nAfter=b.service\n[Install]\nWantedBy=c.target\n"
                                         "[X-Slipway]\nKind=container\n",
                                         &d),
                        0);
        ck_assert_uint_eq(d.n, 3);
        ck_assert_str_eq(d.directives[0].section, "Unit");
        ck_assert_str_eq(d.directives[0].value, "a.service");
        ck_assert_str_eq(d.directives[1].key, "ExecStart");
        ck_assert_str_eq(d.directives[1].value, "x \"a=b\"");
        ck_assert_str_eq(d.directives[2].value, "b.service");
}
END_TEST

START_TEST(an_empty_value_forgets_what_was_before_it)
{
        AUTO(directives_done) Directives d = {};

        ck_assert_int_eq(directives_read("[Service]\nMemoryMax=1G\nEnvironment=A=1\nEnvironment=B=1\n"
                                         "[Unit]\nMemoryMax=odd\n"
                                         "[Service]\nMemoryMax=\nEnvironment=\nEnvironment=C=1\n",
                                         &d),
                        0);
        ck_assert_uint_eq(d.n, 2);
        ck_assert_str_eq(d.directives[0].section, "Unit");
        ck_assert_str_eq(d.directives[1].value, "C=1");
}
END_TEST

START_TEST(nothing_is_nothing)
{
        AUTO(directives_done) Directives d = {};

        ck_assert_int_eq(directives_read("", &d), 0);
        ck_assert_uint_eq(d.n, 0);
        ck_assert_int_eq(directives_read("A=before any section\n", &d), 0);
        ck_assert_uint_eq(d.n, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("directives");
        TCase *tc = tcase_create("directives");

        tcase_add_test(tc, lines_come_in_their_order_and_only_those_of_systemd);
        tcase_add_test(tc, an_empty_value_forgets_what_was_before_it);
        tcase_add_test(tc, nothing_is_nothing);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
