/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/time-span.h"
#include "tests/suite.h"

/* What systemd-analyze(1) timespan makes of them. */
static const struct {
        const char *text;
        uint64_t usec;
} right[] = {
        { "0", 0 },
        { "10", 10000000 },
        { "10s", 10000000 },
        { "90 sec", 90000000 },
        { "1min 30s", 90000000 },
        { "1min30s", 90000000 },
        { "1.5h", 5400000000 },
        { "0.25s", 250000 },
        { "500ms", 500000 },
        { "7us", 7 },
        { "2 days", 172800000000 },
        { "1w", 604800000000 },
        { "0.999999y", 31557568442400 },
        { "0.0000019s", 1 },
        { " 5m ", 300000000 },
        { "infinity", UINT64_MAX },
};

START_TEST(spans_are_sums_of_numbers_with_units)
{
        uint64_t usec = 1;

        ck_assert_int_eq(time_span_parse(right[_i].text, &usec), 0);
        ck_assert_uint_eq(usec, right[_i].usec);
}
END_TEST

static const char *const wrong[] = { "", "s", "10x", "-1", "1s x", "infinity s", "99999999999999999999",
        "20000000000000000s", "584542y 1000000000y", "18446744073709.9s" };

START_TEST(nothing_else_is_a_span)
{
        uint64_t usec = 7;

        ck_assert_int_eq(time_span_parse(wrong[_i], &usec), -EINVAL);
        ck_assert_uint_eq(usec, 7);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("time-span");
        TCase *tc = tcase_create("time-span");

        tcase_add_loop_test(tc, spans_are_sums_of_numbers_with_units, 0, ELEMENTS(right));
        tcase_add_loop_test(tc, nothing_else_is_a_span, 0, ELEMENTS(wrong));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
