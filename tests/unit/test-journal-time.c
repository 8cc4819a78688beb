/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/journal-time.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static const struct {
        const char *text, *result;
} same[] = {
        { "1700000000", "@1700000000.000000" },
        { "2023-11-14T22:13:20Z", "@1700000000.000000" },
        { "2023-11-14T23:13:20.5+01:00", "@1700000000.000000" },
        { "2023-11-14T17:13:20-05:00", "@1700000000.000000" },
        { "yesterday", "yesterday" },
        { "-1h", "-1h" },
        { "2026-01-31 12:00", "2026-01-31 12:00" },
        { "1h ago", "1h ago" },
        { "2026", "2026" },
        { "10x", "10x" },
        { "", "" },
};

START_TEST(times_are_put_into_words_of_journalctl)
{
        autofree char *time = journal_time(same[_i].text);

        ck_assert_str_eq(time, same[_i].result);
}
END_TEST

static const struct {
        const char *text;
        uint64_t ago; /* seconds */
} spans[] = { { "10m", 600 }, { "1h30m", 5400 }, { "90s", 90 }, { "2d", 172800 }, { "-5m", 300 },
        { "now", 0 }, { "1.5h", 5400 } };

START_TEST(spans_are_before_now)
{
        uint64_t then, now = (uint64_t) time(NULL);

        ck_assert_int_eq(journal_time_parse(spans[_i].text, &then), 0);
        ck_assert_uint_ge(then / 1000000 + spans[_i].ago, now - 1);
        ck_assert_uint_le(then / 1000000 + spans[_i].ago, now + 2);
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
        static const char *const texts[] = { "", "x", "10", "10x", "-", "1e99h", "2026-01-31Tnoon",
                "1h 30m" };
        uint64_t then;

        ck_assert_int_eq(journal_time_parse(texts[_i], &then), -EINVAL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("journal-time");
        TCase *tc = tcase_create("journal-time");

        tcase_add_loop_test(tc, times_are_put_into_words_of_journalctl, 0, ELEMENTS(same));
        tcase_add_loop_test(tc, spans_are_before_now, 0, ELEMENTS(spans));
        tcase_add_loop_test(tc, what_is_no_time_is_refused, 0, 8);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
