/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/foreign.h"
#include "cli/verbs.h"
#include "tests/suite.h"

START_TEST(verbs_are_in_order_and_can_be_found)
{
        for (size_t i = 0; i < n_verbs; i++) {
                if (i > 0)
                        ck_assert_msg(strcmp(verbs[i - 1].name, verbs[i].name) < 0, "'%s' is out of order",
                                        verbs[i].name);
                ck_assert_ptr_eq(verb_find(verbs[i].name), &verbs[i]);
        }
        ck_assert_ptr_null(verb_find("no such verb"));
}
END_TEST

START_TEST(summaries_are_of_one_style)
{
        for (size_t i = 0; i < n_verbs; i++) {
                const char *summary = verbs[i].summary;

                ck_assert_msg(islower((unsigned char) *summary), "'%s' starts with a capital", summary);
                ck_assert_msg(summary[strlen(summary) - 1] != '.', "'%s' ends in a full stop", summary);
                ck_assert_msg(strlen(summary) < 60, "'%s' is too long for its line", summary);
        }
}
END_TEST

START_TEST(a_mistyped_verb_finds_the_one_that_was_meant)
{
        ck_assert_ptr_eq(verb_nearest("hlep"), verb_find("help"));
        ck_assert_ptr_eq(verb_nearest("HELP"), verb_find("help"));
        ck_assert_ptr_null(verb_nearest("transmogrify"));
}
END_TEST

/* What is to be typed instead must be there. */
static void check_verbs_in(const char *text) {
        static const char us[] = "'slipway ";
        char word[32];

        for (const char *at = strstr(text, us); at; at = strstr(at + 1, us))
                if (sscanf(at + strlen(us), "%31[a-z]", word) == 1)
                        ck_assert_msg(verb_find(word), "there is no '%s', which is suggested by: %s", word,
                                        text);
}

START_TEST(verbs_from_elsewhere_are_in_order_and_not_ours)
{
        for (size_t i = 0; i < n_foreign_verbs; i++) {
                const char *name = foreign_verbs[i].name;

                if (i > 0)
                        ck_assert_msg(strcmp(foreign_verbs[i - 1].name, name) < 0, "'%s' is out of order",
                                        name);
                ck_assert_ptr_eq(foreign_verb_find(name), &foreign_verbs[i]);
                ck_assert_msg(!verb_find(name), "there is a verb '%s'", name);
                check_verbs_in(foreign_verbs[i].instead);
        }
        ck_assert_ptr_null(foreign_verb_find("no such verb"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("verbs");
        TCase *tc = tcase_create("verbs");

        tcase_add_test(tc, verbs_are_in_order_and_can_be_found);
        tcase_add_test(tc, summaries_are_of_one_style);
        tcase_add_test(tc, a_mistyped_verb_finds_the_one_that_was_meant);
        tcase_add_test(tc, verbs_from_elsewhere_are_in_order_and_not_ours);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
