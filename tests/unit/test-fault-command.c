/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cli/fault-command.h"
#include "lib/cleanup.h"
#include "lib/report.h"
#include "tests/suite.h"

#define WORDS(...) ((char *const[]){ __VA_ARGS__, NULL })

START_TEST(options_belong_to_the_text_that_follows)
{
        autofree Fault *faults = NULL;
        char line[512];
        size_t n;

        ck_assert_int_eq(fault_command_parse(WORDS((char *) "--file=/etc/slipway/web.container",
                                                             (char *) "--line=7", (char *) "--column=3",
                                                             (char *) "--key=Image",
                                                             (char *) "--kind=unknown-key",
                                                             (char *) "no such key", (char *) "second text"),
                                         &faults, &n, NULL),
                        0);
        ck_assert_uint_eq(n, 2);
        (void) report_format(line, sizeof(line), &faults[0]);
        ck_assert_str_eq(line, "/etc/slipway/web.container:7:3: Image=: no such key");
        ck_assert_int_eq(faults[0].kind, FAULT_UNKNOWN_KEY);
        (void) report_format(line, sizeof(line), &faults[1]);
        ck_assert_str_eq(line, "second text");
        ck_assert_int_eq(faults[1].kind, FAULT_VALUE);
}
END_TEST

START_TEST(a_field_is_no_key)
{
        autofree Fault *faults = NULL;
        char line[512];
        size_t n;

        ck_assert_int_eq(fault_command_parse(WORDS((char *) "--file=/x.yaml", (char *) "--line=1",
                                                             (char *) "--field=spec.a[0]", (char *) "text",
                                                             (char *) "--key=B", (char *) "other"),
                                         &faults, &n, NULL),
                        0);
        (void) report_format(line, sizeof(line), &faults[0]);
        ck_assert_str_eq(line, "/x.yaml:1: spec.a[0]: text");
        (void) report_format(line, sizeof(line), &faults[1]);
        ck_assert_str_eq(line, "B=: other");
}
END_TEST

START_TEST(a_text_may_look_like_an_option)
{
        autofree Fault *faults = NULL;
        size_t n;

        ck_assert_int_eq(fault_command_parse(WORDS((char *) "--", (char *) "--file=x"), &faults, &n, NULL),
                        0);
        ck_assert_uint_eq(n, 1);
        ck_assert_str_eq(faults[0].text, "--file=x");
        ck_assert_str_eq(faults[0].path, "");
}
END_TEST

static const struct {
        const char *word, *text;
} mistakes[] = {
        { "--line=x", "cannot read '--line=x'" },
        { "--line=-1", "cannot read '--line=-1'" },
        { "--line=99999999999999999999", "cannot read '--line=99999999999999999999'" },
        { "--kind=none", "cannot read '--kind=none'" },
        { "--colour=red", "there is no option '--colour=red'" },
        { "--file=x", "a text is missing" },
        { "--", "there is no option '--'" },
};

START_TEST(a_mistake_is_told)
{
        autofree Fault *faults = NULL;
        Fault fault = {};
        size_t n;

        ck_assert_int_eq(fault_command_parse(WORDS((char *) mistakes[_i].word), &faults, &n, &fault),
                        -EINVAL);
        ck_assert_str_eq(fault.text, mistakes[_i].text);
        ck_assert_ptr_null(faults);
}
END_TEST

START_TEST(every_kind_has_a_name_of_its_own)
{
        for (FaultKind kind = FAULT_SYSTEM; kind < _FAULT_KIND_MAX; kind++)
                ck_assert_int_eq(fault_kind_from_string(fault_kind_to_string(kind)), kind);
        ck_assert_int_eq(fault_kind_from_string("sinister"), FAULT_NONE);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("fault-command");
        TCase *tc = tcase_create("fault-command");

        tcase_add_test(tc, options_belong_to_the_text_that_follows);
        tcase_add_test(tc, a_field_is_no_key);
        tcase_add_test(tc, a_text_may_look_like_an_option);
        tcase_add_loop_test(tc, a_mistake_is_told, 0, ELEMENTS(mistakes));
        tcase_add_test(tc, every_kind_has_a_name_of_its_own);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
