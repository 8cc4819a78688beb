/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/excerpt.h"
#include "lib/cleanup.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

static const struct {
        const char *text;
        unsigned line, column;
        const char *excerpt;
} cases[] = {
        { "a=b\nc=d\n", 2, 3, "    2 | c=d\n      |   ^\n" },
        { "a=b", 1, 1, "    1 | a=b\n      | ^\n" },
        { "a=b\r\nc=d\r\n", 2, 1, "    2 | c=d\n      | ^\n" },
        { "a=b\rc=d\r", 2, 1, "    2 | c=d\n      | ^\n" },
        { "\xef\xbb\xbf[A] x\n", 1, 4, "    1 | [A] x\n      |    ^\n" },
        { "a=b\n", 1, 0, "    1 | a=b\n" },
        { "a=b\n", 1, 4, "    1 | a=b\n      |    ^\n" },
        { "a=b\n", 1, 5, "    1 | a=b\n" },
        { "a=b\n", 3, 1, "" },
        { "\ta\tb\n", 1, 4, "    1 | \ta\tb\n      | \t \t^\n" },
        { "\xc3\xa9x\n", 1, 3, "    1 | \xc3\xa9x\n      |  ^\n" },
        { "\x1b[31m\x7f\xc2\x9b\n", 1, 1, "    1 | ?[31m??\n      | ^\n" },
};

START_TEST(a_line_is_shown_with_an_arrow)
{
        autofree char *excerpt = NULL;
        size_t size;
        FILE *stream = open_memstream(&excerpt, &size);

        tree_file("f", cases[_i].text);
        excerpt_print(stream, tree_path("f"), cases[_i].line, cases[_i].column);
        (void) fclose(stream);
        ck_assert_str_eq(excerpt, cases[_i].excerpt);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_shows_nothing)
{
        autofree char *excerpt = NULL;
        size_t size;
        FILE *stream = open_memstream(&excerpt, &size);

        excerpt_print(stream, tree_path("missing"), 1, 1);
        (void) fclose(stream);
        ck_assert_str_eq(excerpt, "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("excerpt");
        TCase *tc = tcase_create("excerpt");

        tcase_add_checked_fixture(tc, tree_make, tree_remove);
        tcase_add_loop_test(tc, a_line_is_shown_with_an_arrow, 0, (int) ELEMENTS(cases));
        tcase_add_test(tc, a_file_that_cannot_be_read_shows_nothing);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
