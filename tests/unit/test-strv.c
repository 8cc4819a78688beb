/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/strv.h"
#include "tests/suite.h"

START_TEST(a_list_keeps_what_was_appended_in_order)
{
        autostrv char **list = NULL;
        char number[16];

        for (int i = 0; i < 100; i++)
                ck_assert_int_eq(strv_appendf(&list, "%d", i), 0);

        ck_assert_uint_eq(strv_length(list), 100);
        for (int i = 0; i < 100; i++) {
                (void) snprintf(number, sizeof(number), "%d", i);
                ck_assert_str_eq(list[i], number);
        }
        ck_assert_ptr_null(list[100]);
}
END_TEST

START_TEST(a_list_of_any_length_can_be_appended_to)
{
        autostrv char **list = NULL;

        for (int i = 0; i < 3000; i++) {
                ck_assert_int_eq(strv_appendf(&list, "%d", i), 0);
                ck_assert_uint_eq(strv_length(list), (size_t) i + 1);
                ck_assert_int_eq(atoi(list[i]), i);
        }
}
END_TEST

START_TEST(an_empty_list_is_null_and_can_be_used)
{
        autofree char *joined = strv_join(NULL, ",");

        ck_assert_uint_eq(strv_length(NULL), 0);
        ck_assert_str_eq(joined, "");
        ck_assert_ptr_null(strv_find(NULL, "x"));
}
END_TEST

START_TEST(joining_puts_the_separator_in_between)
{
        autostrv char **list = NULL;
        autofree char *joined = NULL;

        ck_assert_int_eq(strv_append(&list, "a"), 0);
        ck_assert_int_eq(strv_append(&list, ""), 0);
        ck_assert_int_eq(strv_append(&list, "c"), 0);
        joined = strv_join(list, ", ");
        ck_assert_str_eq(joined, "a, , c");
        ck_assert_str_eq(*strv_find(list, "c"), "c");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("strv");
        TCase *tc = tcase_create("strv");

        tcase_add_test(tc, a_list_keeps_what_was_appended_in_order);
        tcase_add_test(tc, a_list_of_any_length_can_be_appended_to);
        tcase_add_test(tc, an_empty_list_is_null_and_can_be_used);
        tcase_add_test(tc, joining_puts_the_separator_in_between);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
