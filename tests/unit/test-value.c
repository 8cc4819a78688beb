/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static const struct {
        const char *text;
        bool is_dynamic, begins;
} expansions[] = {
        { "plain", false, false },
        { "%h/x", true, true },
        { "a%ib", true, false },
        { "100%", false, false },
        { "100%%", false, false },
        { "%%h", false, false },
        { "%%%h", true, false },
        { "${X}", true, true },
        { "a${X}", true, false },
        { "$X", true, true },
        { "$X/y", false, false },
        { "a$X", false, false },
        { "$$X", false, false },
        { "$", false, false },
        { "%", false, false },
        { "$1", false, false },
        { "", false, false },
        { "$${X}", false, false },
        { "^[0-9]+$", false, false },
};

START_TEST(an_expansion_is_seen_where_systemd_sees_one)
{
        ck_assert_int_eq(value_is_dynamic(expansions[_i].text), expansions[_i].is_dynamic);
        ck_assert_int_eq(value_begins_dynamic(expansions[_i].text), expansions[_i].begins);
}
END_TEST

static const struct {
        const char *path, *directory, *result;
} paths[] = {
        { "/a/../b", "/etc", "/a/../b" },
        { "%h/../b", "/etc", "%h/../b" },
        { "./a", "/etc/slipway", "/etc/slipway/a" },
        { "../a", "/etc/slipway", "/etc/a" },
        { "../../../a", "/etc/slipway", "/a" },
        { "..", "/etc", "/" },
        { ".", "/etc/slipway", "/etc/slipway" },
        { "a//b/./c/", "/etc", "/etc/a/b/c" },
        { "./a", "/srv/100%/$x", "/srv/100%%/$$x/a" },
        { "./...", "/etc", "/etc/..." },
};

START_TEST(a_relative_path_starts_at_the_directory)
{
        autofree char *result = NULL;

        ck_assert_int_eq(value_resolve(paths[_i].path, paths[_i].directory, &result), 0);
        ck_assert_str_eq(result, paths[_i].result);
}
END_TEST

START_TEST(what_was_escaped_comes_back)
{
        autofree char *escaped = value_escape("100% $a %h $$"), *plain = NULL;

        ck_assert_ptr_nonnull(escaped);
        ck_assert_str_eq(escaped, "100%% $$a %%h $$$$");
        ck_assert(!value_is_dynamic(escaped));
        plain = value_unescape(escaped);
        ck_assert_ptr_nonnull(plain);
        ck_assert_str_eq(plain, "100% $a %h $$");
}
END_TEST

START_TEST(a_number_is_all_digits_and_in_its_range)
{
        uint64_t number = 7;

        ck_assert_int_eq(value_number("0", 0, 10, &number), 0);
        ck_assert_uint_eq(number, 0);
        ck_assert_int_eq(value_number("18446744073709551615", 0, UINT64_MAX, &number), 0);
        ck_assert_uint_eq(number, UINT64_MAX);
        ck_assert_int_eq(value_number("18446744073709551616", 0, UINT64_MAX, &number), -EINVAL);
        ck_assert_int_eq(value_number("11", 0, 10, &number), -EINVAL);
        ck_assert_int_eq(value_number("0x1", 0, 10, &number), -EINVAL);
        ck_assert_int_eq(value_number(" 1", 0, 10, &number), -EINVAL);
        ck_assert_int_eq(value_number("-1", 0, 10, &number), -EINVAL);
        ck_assert_int_eq(value_number("", 0, 10, &number), -EINVAL);
}
END_TEST

START_TEST(a_colon_in_a_variable_separates_nothing)
{
        char text[] = "${A:-b}:c", open[] = "${A:", none[] = "abc";

        ck_assert_str_eq(value_find_colon(text), ":c");
        ck_assert_ptr_null(value_find_colon(open));
        ck_assert_ptr_null(value_find_colon(none));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("value");
        TCase *tc = tcase_create("value");

        tcase_add_loop_test(tc, an_expansion_is_seen_where_systemd_sees_one, 0, ELEMENTS(expansions));
        tcase_add_loop_test(tc, a_relative_path_starts_at_the_directory, 0, ELEMENTS(paths));
        tcase_add_test(tc, what_was_escaped_comes_back);
        tcase_add_test(tc, a_number_is_all_digits_and_in_its_range);
        tcase_add_test(tc, a_colon_in_a_variable_separates_nothing);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
