/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <inttypes.h>

#include "generator/kube/quantity.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static const struct {
        const char *text;
        int64_t thousandths;
} good[] = {
        { "0", 0 },
        { "1", 1000 },
        { "+1", 1000 },
        { "-0", 0 },
        { "500m", 500 },
        { "0.5", 500 },
        { ".5", 500 },
        { "1.", 1000 },
        { "1.0001", 1001 },
        { "1u", 1 },
        { "1n", 1 },
        { "0.0000000000001", 0 },
        { "1e3", 1000000 },
        { "1E3", 1000000 },
        { "15e-1", 1500 },
        { "1k", 1000000 },
        { "128Mi", INT64_C(128) * 1024 * 1024 * 1000 },
        { "1.5Gi", INT64_C(1536) * 1024 * 1024 * 1000 },
        { "1G", INT64_C(1000000000000) },
        { "8Pi", INT64_C(8) * 1024 * 1024 * 1024 * 1024 * 1024 * 1000 },
        { "9223372036854775.807", INT64_MAX },
};

START_TEST(a_quantity_is_thousandths_rounded_up)
{
        int64_t value = -1;

        ck_assert_msg(quantity_parse(good[_i].text, &value) == 0, "%s", good[_i].text);
        ck_assert_msg(value == good[_i].thousandths, "%s is %" PRId64, good[_i].text, value);
}
END_TEST

static const struct {
        const char *text;
        int error;
} bad[] = {
        { "", EINVAL },
        { ".", EINVAL },
        { "m", EINVAL },
        { "1x", EINVAL },
        { "1 Mi", EINVAL },
        { "1mi", EINVAL },
        { "1e", EINVAL },
        { "1e+", EINVAL },
        { "1.2.3", EINVAL },
        { "0x10", EINVAL },
        { "-1", ERANGE },
        { "10E", ERANGE },
        { "1e99", ERANGE },
        { "9Ei", ERANGE },
        { "99999999999999999999", ERANGE },
        { "1e999999999999", ERANGE },
};

START_TEST(what_is_none_is_refused)
{
        int64_t value = -1;

        ck_assert_msg(quantity_parse(bad[_i].text, &value) == -bad[_i].error, "%s", bad[_i].text);
        ck_assert_int_eq(value, -1);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("quantity");
        TCase *tcase = tcase_create("quantity");

        tcase_add_loop_test(tcase, a_quantity_is_thousandths_rounded_up, 0, ELEMENTS(good));
        tcase_add_loop_test(tcase, what_is_none_is_refused, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
