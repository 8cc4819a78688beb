/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/nspawn-words.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
        const char *text, *signal, *last;
        int told;
} files[] = {
        { "",                                                       "",     "", 0 },
        { "Container slipway-web terminated by signal SEGV.\n",     "SEGV", "", 0 },
        { "Container slipway-web terminated by signal SIGSEGV.\n",  "SEGV", "", 0 },
        { "Container slipway-web terminated by signal RTMIN+3.\n",  "RTMIN+3", "", 0 },
        { "Failed to fork: Cannot allocate memory\n",               "",     "Failed to fork: Cannot allocate memory", 1 },
        { "one\n\ntwo\nContainer slipway-a terminated by signal KILL.\n", "KILL", "two", 2 },
        { "is terminated by signal KILL.\n",                        "",     "is terminated by signal KILL.", 1 },
        { "Container of words",                                     "",     "Container of words", 1 },
};
/* clang-format on */

static int told;

static void count(const char *line) {
        told++;
}

START_TEST(the_signal_is_taken_out_of_the_words)
{
        char text[128];
        Words words;

        told = 0;
        (void) snprintf(text, sizeof(text), "%s", files[_i].text);
        words_parse(text, &words, count);
        ck_assert_str_eq(words.signal, files[_i].signal);
        ck_assert_str_eq(words.last, files[_i].last);
        ck_assert_int_eq(told, files[_i].told);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("nspawn-words");
        TCase *tests = tcase_create("nspawn-words");

        tcase_add_loop_test(tests, the_signal_is_taken_out_of_the_words, 0, (int) ELEMENTS(files));
        suite_add_tcase(suite, tests);
        return suite_main(suite);
}
