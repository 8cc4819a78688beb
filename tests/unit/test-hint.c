/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/hint.h"
#include "tests/suite.h"

static const struct {
        int error;
        const char *text;
} faults[] = {
        { EAGAIN, "cannot fork; TasksMax= of the unit or of a slice, or LimitNPROC=, is too low" },
        { EMFILE, "cannot fork; LimitNOFILE= of the unit is too low" },
        { ENOMEM, "cannot fork; there is too little memory; see MemoryMax= of the unit and of its slices" },
        { ENOENT, "cannot fork" },
};

START_TEST(an_errno_that_says_what_is_short_gets_a_hint)
{
        Fault fault = {};

        (void) fault_raise(&fault, FAULT_SYSTEM, faults[_i].error, "cannot fork");
        hint_add(&fault);
        ck_assert_str_eq(fault.text, faults[_i].text);
        ck_assert_int_eq(fault.error, faults[_i].error);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut)
{
        Fault fault = { .error = EMFILE };

        memset(fault.text, 'x', sizeof(fault.text) - 1);
        hint_add(&fault);
        ck_assert_uint_eq(strlen(fault.text), sizeof(fault.text) - 1);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("hint");
        TCase *tc = tcase_create("hint");

        tcase_add_loop_test(tc, an_errno_that_says_what_is_short_gets_a_hint, 0, (int) ELEMENTS(faults));
        tcase_add_test(tc, a_text_that_is_too_long_is_cut);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
