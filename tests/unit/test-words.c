/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/words.h"
#include "lib/strv.h"
#include "tests/suite.h"

/* Expected words are joined by '|'. NULL: the value is refused. */
static const struct {
        const char *value;
        WordFlags flags;
        const char *words;
} cases[] = {
        { "", WORDS_ESCAPES, "" },
        { "  \t ", WORDS_ESCAPES, "" },
        { "a b\tc", WORDS_ESCAPES, "a|b|c" },
        { "a \"\" b", WORDS_ESCAPES, "a||b" },
        { "\"\" x", WORDS_ESCAPES, "|x" },
        { "x \"\"", WORDS_ESCAPES, "x|" },
        { "\"a\"b", WORDS_ESCAPES, "ab" },
        { "a\"b c\"'d e'f", WORDS_ESCAPES, "ab cd ef" },
        { "\"it's\"", WORDS_ESCAPES, "it's" },
        { "it\\'s", WORDS_ESCAPES, "it's" },
        { "'it\\'s'", WORDS_ESCAPES, "it's" },
        { "a\\sb\\x41\\101\\u00e9\\U0001f600", WORDS_ESCAPES, "a bAA\xc3\xa9\xf0\x9f\x98\x80" },
        { "\\a\\b\\f\\n\\r\\t\\v\\\\\\\"", WORDS_ESCAPES, "\a\b\f\n\r\t\v\\\"" },
        { "\\xc3\\xa9", WORDS_ESCAPES, "\xc3\xa9" },
        { "grep \\. x", WORDS_ESCAPES, "grep|\\.|x" },
        { "\\400 \\1 a\\qb \\758", WORDS_ESCAPES, "\\400|\\1|a\\qb|\\758" },
        { "\\x00 \\000 \\u0000 \\U12345678", WORDS_ESCAPES, "\\x00|\\000|\\u0000|\\U12345678" },
        { "trail\\\\", WORDS_ESCAPES, "trail\\" },
        { "trail\\", WORDS_ESCAPES, "trail\\" },
        { "\\xe", WORDS_ESCAPES, "\\xe" },
        { "$HOME %n $$ %% # ;", WORDS_ESCAPES, "$HOME|%n|$$|%%|#|;" },
        { "[\"a\",\"b\"]", WORDS_ESCAPES, "[a,b]" },
        { "'[\"a\",\"b\"]'", WORDS_ESCAPES, "[\"a\",\"b\"]" },
        { "\"unbalanced", WORDS_ESCAPES, NULL },
        { "it's", WORDS_ESCAPES, NULL },
        { "a 'b\\'", WORDS_ESCAPES, NULL },
        { "dev-\\x2d.device \\n", WORDS_LITERAL_BACKSLASH, "dev-\\x2d.device|\\n" },
        { "'a\\' b", WORDS_LITERAL_BACKSLASH, "a\\|b" },
};

START_TEST(words_are_those_that_systemd_reads)
{
        autostrv char **words = NULL;
        autofree char *joined = NULL;
        Fault fault = {};
        int r = words_split(cases[_i].value, cases[_i].flags, &words, &fault);

        if (!cases[_i].words) {
                ck_assert_int_eq(r, -EINVAL);
                ck_assert_ptr_null(words);
                ck_assert_ptr_nonnull(strstr(fault.text, "is opened and never closed"));
                return;
        }

        ck_assert_int_eq(r, 0);
        joined = strv_join(words, "|");
        ck_assert_str_eq(joined, cases[_i].words);
}
END_TEST

START_TEST(an_empty_word_is_a_word)
{
        autostrv char **words = NULL;

        ck_assert_int_eq(words_split("\"\"", WORDS_ESCAPES, &words, NULL), 0);
        ck_assert_uint_eq(strv_length(words), 1);
}
END_TEST

START_TEST(the_first_unknown_escape_and_the_start_of_each_word_are_known)
{
        const char *value = "a  b\\q \\w";
        WordReader reader = { .at = value };
        char word[16];

        ck_assert_int_eq(word_next(&reader, word, NULL), 1);
        ck_assert_ptr_null(reader.odd_escape);
        ck_assert_int_eq(word_next(&reader, word, NULL), 1);
        ck_assert_ptr_eq(reader.start, value + 3);
        ck_assert_int_eq(word_next(&reader, word, NULL), 1);
        ck_assert_ptr_eq(reader.odd_escape, value + 4);
        ck_assert_int_eq(word_next(&reader, word, NULL), 0);
}
END_TEST

static const struct {
        const char *value;
        int r;
        bool is_true;
} booleans[] = {
        { "1", 0, true },
        { "yes", 0, true },
        { "Y", 0, true },
        { "TRUE", 0, true },
        { "t", 0, true },
        { "On", 0, true },
        { "0", 0, false },
        { "no", 0, false },
        { "N", 0, false },
        { "false", 0, false },
        { "f", 0, false },
        { "OFF", 0, false },
        { "", -EINVAL, false },
        { "2", -EINVAL, false },
        { "maybe", -EINVAL, false },
        { "yes ", -EINVAL, false },
};

START_TEST(a_boolean_is_one_that_systemd_takes)
{
        bool value = !booleans[_i].is_true;

        ck_assert_int_eq(boolean_parse(booleans[_i].value, &value), booleans[_i].r);
        ck_assert(booleans[_i].r < 0 || value == booleans[_i].is_true);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("words");
        TCase *tc = tcase_create("words");

        tcase_add_loop_test(tc, words_are_those_that_systemd_reads, 0, (int) ELEMENTS(cases));
        tcase_add_test(tc, an_empty_word_is_a_word);
        tcase_add_test(tc, the_first_unknown_escape_and_the_start_of_each_word_are_known);
        tcase_add_loop_test(tc, a_boolean_is_one_that_systemd_takes, 0, (int) ELEMENTS(booleans));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
