/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/fault.h"
#include "lib/report.h"
#include "tests/suite.h"

START_TEST(a_fault_is_told_with_its_place)
{
        const Place place = { .path = "web.container", .line = 7, .key = "ReadOnly" };
        Fault fault = {};
        char line[256];

        fault_locate(&fault, &place);
        ck_assert_int_eq(fault_raise(&fault, FAULT_VALUE, EINVAL, "'%s' is neither yes nor no", "maybe"),
                        -EINVAL);
        (void) report_format(line, sizeof(line), &fault);
        ck_assert_str_eq(line, "web.container:7: ReadOnly=: 'maybe' is neither yes nor no");
}
END_TEST

START_TEST(a_wrapped_fault_says_what_the_caller_did)
{
        Fault fault = {};

        (void) fault_raise(&fault, FAULT_SYSTEM, ENOENT, "no such layer");
        ck_assert_int_eq(fault_wrap(&fault, -ENOENT, "cannot start '%s'", "web"), -ENOENT);
        ck_assert_str_eq(fault.text, "cannot start 'web': no such layer");
}
END_TEST

START_TEST(a_fault_without_words_gets_those_of_errno)
{
        Fault fault = {};

        ck_assert_int_eq(fault_wrap(&fault, -ENOSPC, "cannot write"), -ENOSPC);
        ck_assert_str_eq(fault.text, "cannot write: No space left on device");
        ck_assert_int_eq(fault.error, ENOSPC);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut)
{
        char longer[2000];
        Fault fault = {};

        memset(longer, 'x', sizeof(longer) - 1);
        longer[sizeof(longer) - 1] = '\0';
        (void) fault_raise(&fault, FAULT_VALUE, EINVAL, "%s", longer);
        (void) fault_wrap(&fault, -EINVAL, "%s", longer);
        ck_assert_uint_lt(strlen(fault.text), sizeof(fault.text));
}
END_TEST

START_TEST(what_others_wrote_does_not_drive_a_terminal)
{
        Fault fault = {};

        fault_locate(&fault, &(Place){ .path = "/a\nb", .key = "K\x1b" });
        (void) fault_raise(&fault, FAULT_VALUE, EINVAL, "'%s' is odd",
                        "\x1b[2Ja\nb\xc2\x9b"
                        "c\x7f\xc3\xa9");
        ck_assert_str_eq(fault.text, "'?[2Ja?b??c?\xc3\xa9' is odd");
        ck_assert_str_eq(fault.key, "K?");
        ck_assert_str_eq(fault.path, "/a\nb");
}
END_TEST

START_TEST(nobody_has_to_read_a_fault)
{
        ck_assert_int_eq(fault_raise(NULL, FAULT_VALUE, EINVAL, "unread"), -EINVAL);
        ck_assert_int_eq(fault_wrap(NULL, -EINVAL, "unread"), -EINVAL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("fault");
        TCase *tc = tcase_create("fault");

        tcase_add_test(tc, a_fault_is_told_with_its_place);
        tcase_add_test(tc, a_wrapped_fault_says_what_the_caller_did);
        tcase_add_test(tc, a_fault_without_words_gets_those_of_errno);
        tcase_add_test(tc, a_text_that_is_too_long_is_cut);
        tcase_add_test(tc, what_others_wrote_does_not_drive_a_terminal);
        tcase_add_test(tc, nobody_has_to_read_a_fault);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
