/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/json-words.h"
#include "lib/strv.h"
#include "tests/suite.h"

static const struct {
        const char *text, *joined;
} good[] = {
        { "[]", "" },
        { "[ ]", "" },
        { "[\"a\"]", "a" },
        { "[ \"a\" , \"b c\"\t]  ", "a|b c" },
        { "[\"\"]", "" },
        { "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "\"\\/\b\f\n\r\t" },
        { "[\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"]", "A\u00e9\u20ac\U0001f600" },
        { "[\"\u00e9\"]", "\u00e9" },
};

START_TEST(an_array_becomes_words)
{
        autostrv char **words = NULL;
        autofree char *joined = NULL;

        ck_assert_int_eq(json_words_parse(good[_i].text, &words, NULL), 0);
        ck_assert_ptr_nonnull(words);
        joined = strv_join(words, "|");
        ck_assert_str_eq(joined, good[_i].joined);
}
END_TEST

static const char *const bad[] = { "[", "[\"a\"", "[\"a", "[\"a\",]", "[,\"a\"]", "[\"a\" \"b\"]", "[1]",
        "[null]", "[[\"a\"]]", "[\"a\"] x", "[\"\\x\"]", "[\"\\\"]", "[\"\\u12\"]", "[\"\\u0000\"]",
        "[\"\\ud83d\"]", "[\"\\ude00\"]", "[\"\\ud83d\\u0041\"]", "[\"a\tb\"]", "['a']" };

START_TEST(what_is_no_array_of_strings_is_refused)
{
        autostrv char **words = NULL;
        Fault fault = {};

        ck_assert_int_eq(json_words_parse(bad[_i], &words, &fault), -EINVAL);
        ck_assert_ptr_null(words);
        ck_assert_int_eq(fault.kind, FAULT_VALUE);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("json-words");
        TCase *tc = tcase_create("json-words");

        tcase_add_loop_test(tc, an_array_becomes_words, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, what_is_no_array_of_strings_is_refused, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
