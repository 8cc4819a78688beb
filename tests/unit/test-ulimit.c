/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/ulimit.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { ulimit_parse, "nofile=1", "nofile=1", NULL },
        { ulimit_parse, "NOFILE=1:2", "nofile=1:2", NULL },
        { ulimit_parse, "core=-1", "core=-1", NULL },
        { ulimit_parse, "core=0:-1", "core=0:-1", NULL },
        { ulimit_parse, "core=5:5", "core=5", NULL },
        { ulimit_parse, "host", "host", NULL },
        { ulimit_parse, "core=${N}", "core=${N}", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { ulimit_parse, "core", "'core' is not a limit: NAME=SOFT[:HARD], or 'host'", NULL },
        { ulimit_parse, "x=1", "'x' is not a resource of setrlimit(2), as nofile or core", NULL },
        { ulimit_parse, "core=", "'' is not a limit: a number, or -1 for none", NULL },
        { ulimit_parse, "core=1:", "'' is not a limit: a number, or -1 for none", NULL },
        { ulimit_parse, "core=-1:5", "the soft limit '-1' is above the hard limit '5'", NULL },
        { ulimit_parse, "core=-2", "'-2' is not a limit: a number, or -1 for none", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("ulimit");
        TCase *tc = tcase_create("ulimit");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
