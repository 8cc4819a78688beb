/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "lib/nearest.h"
#include "tests/suite.h"

static const struct {
        const char *a, *b;
        size_t distance;
} pairs[] = {
        { "Image", "Image", 0 },
        { "Imgae", "Image", 1 },
        { "image", "Image", 1 },
        { "Imag", "Image", 1 },
        { "Imagee", "Image", 1 },
        { "Imoge", "Image", 1 },
        { "kitten", "sitting", 3 },
        { "", "list", 4 },
        { "list", "", 4 },
        { "LSIT", "list", 4 },
};

START_TEST(the_distance_counts_what_a_finger_did_wrong)
{ ck_assert_uint_eq(nearest_distance(pairs[_i].a, pairs[_i].b), pairs[_i].distance); }
END_TEST

START_TEST(the_distance_is_the_same_in_both_directions)
{ ck_assert_uint_eq(nearest_distance(pairs[_i].b, pairs[_i].a), pairs[_i].distance); }
END_TEST

START_TEST(words_that_are_too_long_are_far_away)
{
        char longer[200];

        memset(longer, 'x', sizeof(longer) - 1);
        longer[sizeof(longer) - 1] = '\0';
        ck_assert_uint_eq(nearest_distance(longer, "x"), 199);
        ck_assert_uint_eq(nearest_distance("x", longer), 199);
        longer[64] = '\0';
        ck_assert_uint_eq(nearest_distance(longer, "x"), 63);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("nearest");
        TCase *tc = tcase_create("nearest");

        tcase_add_loop_test(tc, the_distance_counts_what_a_finger_did_wrong, 0, 10);
        tcase_add_loop_test(tc, the_distance_is_the_same_in_both_directions, 0, 10);
        tcase_add_test(tc, words_that_are_too_long_are_far_away);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
