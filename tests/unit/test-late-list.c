/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/unpacker.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static UnpackBudget budget;
static Unpacker *unpacker;

static void setup(void) {
        budget = (UnpackBudget){ 1000, 1000 };
        ck_assert_int_eq(unpacker_new(-1, NULL, NULL, &budget, &unpacker), 0);
}

static void teardown(void) {
        unpacker_free(unpacker);
        ck_assert_uint_eq(budget.late, 0);
}

static void add(const char *path) {
        ck_assert_int_eq(late_add(unpacker, LATE_DIRECTORY, path, NULL, NULL), 0);
}

START_TEST(what_was_added_comes_out_in_the_same_order)
{
        static const char *const paths[] = { "", "a", "a/b", "a/bc", "a", "", "x/y/z", "x/y", "x/y/z" };
        char path[PATH_MAX];
        size_t at = 0;
        Late late;

        for (size_t i = 0; i < ELEMENTS(paths); i++)
                add(paths[i]);
        for (size_t i = 0; i < ELEMENTS(paths); i++) {
                ck_assert(late_next(&unpacker->late[LATE_DIRECTORY], &at, path, &late));
                ck_assert_str_eq(path, paths[i]);
        }
        ck_assert(!late_next(&unpacker->late[LATE_DIRECTORY], &at, path, &late));
        ck_assert(!late_next(&unpacker->late[LATE_OPAQUE], &(size_t){ 0 }, path, &late));
}
END_TEST

START_TEST(attributes_are_kept_as_they_are)
{
        const Late in = { { S_IFDIR | 07777, INT_MAX, 7, { -1, 999999999 } }, .implied = true };
        char path[PATH_MAX];
        size_t at = 0;
        Late out;

        ck_assert_int_eq(late_add(unpacker, LATE_DIRECTORY, "d", &in, NULL), 0);
        ck_assert(late_next(&unpacker->late[LATE_DIRECTORY], &at, path, &out));
        ck_assert(out.implied && out.attributes.mode == in.attributes.mode);
        ck_assert_uint_eq(out.attributes.uid, INT_MAX);
        ck_assert_uint_eq(out.attributes.gid, 7);
        ck_assert_int_eq(out.attributes.mtime.tv_sec, -1);
        ck_assert_int_eq(out.attributes.mtime.tv_nsec, 999999999);
}
END_TEST

START_TEST(more_may_be_added_while_it_is_read)
{
        char path[PATH_MAX];
        size_t at = 0, n = 0;
        Late late;

        add("0");
        while (late_next(&unpacker->late[LATE_DIRECTORY], &at, path, &late)) {
                char next[PATH_MAX];

                ck_assert_uint_eq((size_t) atoi(path), n++);
                (void) snprintf(next, sizeof(next), "%zu%*s", n, (int) (n % 3000), "");
                if (n < 5000)
                        add(next);
        }
        ck_assert_uint_eq(n, 5000);
}
END_TEST

START_TEST(the_longest_paths_fit_and_the_memory_is_bounded)
{
        char path[PATH_MAX], back[PATH_MAX];
        Fault fault = {};
        size_t at = 0;
        Late late;
        int r = 0;

        memset(path, 'x', sizeof(path));
        path[PATH_MAX - 1] = '\0';
        add(path);
        ck_assert(late_next(&unpacker->late[LATE_DIRECTORY], &at, back, &late));
        ck_assert_str_eq(path, back);
        for (int i = 0; i < 20000 && r >= 0; i++) {
                path[0] = (char) ('a' + i % 2);
                r = late_add(unpacker, LATE_DIRECTORY, path, NULL, &fault);
        }
        ck_assert_int_eq(r, -E2BIG);
        ck_assert_int_eq(fault.kind, FAULT_HOSTILE);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("late-list");
        TCase *tc = tcase_create("late-list");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, what_was_added_comes_out_in_the_same_order);
        tcase_add_test(tc, attributes_are_kept_as_they_are);
        tcase_add_test(tc, more_may_be_added_while_it_is_read);
        tcase_add_test(tc, the_longest_paths_fit_and_the_memory_is_bounded);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
