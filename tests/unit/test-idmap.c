/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "generator/values/idmap.h"
#include "tests/unit/test-values.h"

static const struct {
        const char *maps[4];
        uint32_t host, count;
} joined[] = {
        { { "0:100000:65536" }, 100000, 65536 },
        { { "0:5" }, 5, 1 },
        { { "10:110:10", "0:100:10" }, 100, 20 },
        { { "2:102:1", "1:101:1", "0:100:1" }, 100, 3 },
        { { "0:0:4294967294" }, 0, UINT32_MAX - 1 },
};

START_TEST(maps_that_continue_each_other_are_one)
{
        IdRange range = {};

        ck_assert_int_eq(idmap_join((char *const *) joined[_i].maps, &range, NULL), 0);
        ck_assert_uint_eq(range.container, 0);
        ck_assert_uint_eq(range.host, joined[_i].host);
        ck_assert_uint_eq(range.count, joined[_i].count);
}
END_TEST

static const struct {
        const char *maps[3];
        const char *text;
} apart[] = {
        { { "1:100:10" },
                        "not supported, systemd-nspawn can only map a range that begins with id 0, not 1" },
        { { "0:100:10", "11:111:5" }, "not supported, systemd-nspawn can only map one range, and id 11 does "
                                      "not continue it" },
        { { "0:100:10", "10:200:5" }, "not supported, systemd-nspawn can only map one range, and id 10 does "
                                      "not continue it" },
        { { "0:100:10", "5:105:10" }, "not supported, systemd-nspawn can only map one range, and id 5 does "
                                      "not continue it" },
};

START_TEST(maps_with_holes_are_refused)
{
        IdRange range = {};
        Fault fault = {};

        ck_assert_int_eq(idmap_join((char *const *) apart[_i].maps, &range, &fault), -EOPNOTSUPP);
        ck_assert_str_eq(fault.text, apart[_i].text);
}
END_TEST

static const char *const wrong[] = { "", "0", "0:", ":0", "0:0:0", "a:b:c", "0:0:1:1", "4294967295:0:1",
        "0:0:4294967295", "1:4294967294:2" };

START_TEST(what_is_no_map_is_refused)
{
        Value value = { .text = wrong[_i] };
        char *result = NULL;

        ck_assert_int_eq(idmap_parse(&value, &result, NULL), -EINVAL);
        ck_assert_ptr_null(result);
}
END_TEST

START_TEST(a_range_is_found_by_its_name)
{
        static const char text[] = "# comment\nab:1:2\na:100000:65536\nb:200000:65536\nb:300000:1\n"
                                   "c:x:1\nd:1\n:5:5";
        IdRange range = {};

        ck_assert_int_eq(idmap_find_sub(text, "a", &range), 0);
        ck_assert_uint_eq(range.host, 100000);
        ck_assert_uint_eq(range.count, 65536);
        ck_assert_int_eq(idmap_find_sub(text, "b", &range), -EOPNOTSUPP);
        ck_assert_int_eq(idmap_find_sub(text, "c", &range), -ENOENT);
        ck_assert_int_eq(idmap_find_sub(text, "d", &range), -ENOENT);
        ck_assert_int_eq(idmap_find_sub("", "a", &range), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("idmap");
        TCase *tc = tcase_create("idmap");

        tcase_add_loop_test(tc, maps_that_continue_each_other_are_one, 0, ELEMENTS(joined));
        tcase_add_loop_test(tc, maps_with_holes_are_refused, 0, ELEMENTS(apart));
        tcase_add_loop_test(tc, what_is_no_map_is_refused, 0, ELEMENTS(wrong));
        tcase_add_test(tc, a_range_is_found_by_its_name);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
