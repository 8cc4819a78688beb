/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/duration.h"
#include "lib/duration.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { duration_parse, "0", "0", NULL },
        { duration_parse, "30s", "30s", NULL },
        { duration_parse, "1m30s", "1m30s", NULL },
        { duration_parse, "1.5h", "1.5h", NULL },
        { duration_parse, "100ms", "100ms", NULL },
        { duration_parse, "1h2m3s4ms5us6ns", "1h2m3s4ms5us6ns", NULL },
        { duration_parse, "1µs", "1µs", NULL },
        { duration_parse, ".5s", ".5s", NULL },
        { duration_parse, "5.s", "5.s", NULL },
        { duration_parse_or_disable, "disable", "disable", NULL },
        { duration_parse_stop, "0", "1s", NULL },
        { duration_parse_stop, "10", "10s", NULL },
        { duration_parse_stop, "-1", "infinity", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { duration_parse, "", "'' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "30", "'30' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "-1s", "'-1s' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "1d", "'1d' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "1s ", "'1s ' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "s", "'s' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, ".s", "'.s' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "1m30", "'1m30' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "9999999999999h",
                        "'9999999999999h' is not a duration: numbers with h, m, s or ms, as 1m30s", NULL },
        { duration_parse, "disable", "'disable' is not a duration: numbers with h, m, s or ms, as 1m30s",
                        NULL },
        { duration_parse_stop, "10s", "'10s' is not a number of seconds, or -1 to wait for ever", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

START_TEST(a_duration_is_the_sum_of_its_parts)
{
        uint64_t usec = 0;

        ck_assert_int_eq(duration_from_text("1h2m3.5s", &usec), 0);
        ck_assert_uint_eq(usec, UINT64_C(3723500000));
        ck_assert_int_eq(duration_from_text("1.5ms", &usec), 0);
        ck_assert_uint_eq(usec, 1500);
        ck_assert_int_eq(duration_from_text("999ns", &usec), 0);
        ck_assert_uint_eq(usec, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("duration");
        TCase *tc = tcase_create("duration");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        tcase_add_test(tc, a_duration_is_the_sum_of_its_parts);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
