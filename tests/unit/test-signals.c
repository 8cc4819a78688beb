/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <signal.h>

#include "lib/signals.h"
#include "tests/suite.h"

START_TEST(names_are_read_in_any_spelling)
{
        ck_assert_int_eq(signal_from_name("TERM"), SIGTERM);
        ck_assert_int_eq(signal_from_name("SIGTERM"), SIGTERM);
        ck_assert_int_eq(signal_from_name("sigquit"), SIGQUIT);
        ck_assert_int_eq(signal_from_name("15"), SIGTERM);
        ck_assert_int_eq(signal_from_name("CLD"), SIGCHLD);
}
END_TEST

START_TEST(real_time_signals_count_from_both_ends)
{
        ck_assert_int_eq(signal_from_name("RTMIN"), SIGRTMIN);
        ck_assert_int_eq(signal_from_name("SIGRTMIN+3"), SIGRTMIN + 3);
        ck_assert_int_eq(signal_from_name("rtmax-1"), SIGRTMAX - 1);
        ck_assert_int_eq(signal_from_name("RTMIN+99"), -EINVAL);
        ck_assert_int_eq(signal_from_name("RTMIN-1"), -EINVAL);
        ck_assert_int_eq(signal_from_name("RTMAX+1"), -EINVAL);
        ck_assert_int_eq(signal_from_name("RTMIN+"), -EINVAL);
}
END_TEST

START_TEST(what_is_no_signal_is_refused)
{
        static const char *const wrong[] = { "", "0", "65", "1000", "-1", "SIG", "TERM ", "SIGSIGTERM",
                "9x" };

        ck_assert_int_eq(signal_from_name(wrong[_i]), -EINVAL);
}
END_TEST

START_TEST(each_number_has_a_name_that_finds_it)
{
        char name[16];

        for (int i = 1; i <= SIGRTMAX; i++) {
                if (i == 32 || i == 33) /* glibc's own */
                        continue;
                (void) signal_to_name(i, name, sizeof(name));
                ck_assert_int_eq(signal_from_name(name), i);
        }
        ck_assert_str_eq(signal_to_name(SIGTERM, name, sizeof(name)), "TERM");
        ck_assert_str_eq(signal_to_name(SIGRTMIN + 3, name, sizeof(name)), "RTMIN+3");
        ck_assert_str_eq(signal_to_name(0, name, sizeof(name)), "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("signals");
        TCase *tc = tcase_create("signals");

        tcase_add_test(tc, names_are_read_in_any_spelling);
        tcase_add_test(tc, real_time_signals_count_from_both_ends);
        tcase_add_loop_test(tc, what_is_no_signal_is_refused, 0, 9);
        tcase_add_test(tc, each_number_has_a_name_that_finds_it);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
