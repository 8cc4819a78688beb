/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/size.h"
#include "tests/suite.h"

static const struct {
        const char *text;
        uint64_t bytes;
} good[] = {
        { "0", 0 },
        { "1048576", 1048576 },
        { "10b", 10 },
        { "64k", 64 << 10 },
        { "64m", 64 << 20 },
        { "64M", 64 << 20 },
        { "64mb", 64 << 20 },
        { "64MiB", 64 << 20 },
        { "1.5g", UINT64_C(3) << 29 },
        { "0.5m", 1 << 19 },
        { "2t", UINT64_C(2) << 40 },
        { "0.3333333333p", UINT64_C(374924668978593) },
        { "18446744073709551615", UINT64_MAX },
};

START_TEST(a_size_is_read_with_its_unit)
{
        uint64_t bytes = 0;

        ck_assert_int_eq(size_from_text(good[_i].text, &bytes), 0);
        ck_assert_uint_eq(bytes, good[_i].bytes);
}
END_TEST

static const struct {
        const char *text;
        int r;
} bad[] = {
        { "", -EINVAL },
        { "m", -EINVAL },
        { "-1", -EINVAL },
        { "1x", -EINVAL },
        { "1 m", -EINVAL },
        { "1.m", -EINVAL },
        { "1bb", -EINVAL },
        { "1mm", -EINVAL },
        { "0x1", -EINVAL },
        { ".5m", -EINVAL },
        { "16384p", -ERANGE },
        { "18446744073709551616", -ERANGE },
};

START_TEST(what_is_no_size_is_refused_and_changes_nothing)
{
        uint64_t bytes = 42;

        ck_assert_int_eq(size_from_text(bad[_i].text, &bytes), bad[_i].r);
        ck_assert_uint_eq(bytes, 42);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("size");
        TCase *tc = tcase_create("size");

        tcase_add_loop_test(tc, a_size_is_read_with_its_unit, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, what_is_no_size_is_refused_and_changes_nothing, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
