/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/strv.h"
#include "nspawn-glue/health/command.h"
#include "tests/suite.h"

/* Words are joined by '|'; NULL is no check. */
/* clang-format off */
static const struct {
        const char *text, *joined;
} texts[] = {
        { "curl -f http://localhost/ || exit 1", "/bin/sh|-c|curl -f http://localhost/ || exit 1" },
        { "CMD-SHELL curl -f x || exit 1",       "/bin/sh|-c|curl -f x || exit 1" },
        { "  CMD-SHELL   a  b",                  "/bin/sh|-c|a  b" },
        { "CMD /bin/check  -a b",                "/bin/check|-a|b" },
        { "CMDLINE x",                           "/bin/sh|-c|CMDLINE x" },
        { "[\"CMD\", \"a b\", \"\"]",            "a b|" },
        { "[\"CMD-SHELL\", \"a b\"]",            "/bin/sh|-c|a b" },
        { "[\"CMD-SHELL\", \"a\", \"b\"]",       "/bin/sh|-c|a b" },
        { "[\"/check\", \"now\"]",               "/check|now" },
        { "[\"check now\"]",                     "/bin/sh|-c|check now" },
        { "[ -e /run/ready ]",                   "/bin/sh|-c|[ -e /run/ready ]" },
        { "none",                                NULL },
        { "NONE",                                NULL },
        { "[\"NONE\"]",                          NULL },
        { "none of them",                        "/bin/sh|-c|none of them" },
};
/* clang-format on */

static void check(char **words, const char *joined) {
        autofree char *text = words ? strv_join(words, "|") : NULL;

        if (joined)
                ck_assert_str_eq(text, joined);
        else
                ck_assert_ptr_null(words);
}

START_TEST(a_text_is_read_as_podman_reads_it)
{
        autostrv char **words = NULL;

        ck_assert_int_eq(health_command_of_text(texts[_i].text, NULL, &words, NULL), 0);
        check(words, texts[_i].joined);
}
END_TEST

START_TEST(the_shell_is_that_of_the_image)
{
        char *shell[] = { (char *) "/bin/ash", (char *) "-eu", (char *) "-c", NULL };
        autostrv char **words = NULL;

        ck_assert_int_eq(health_command_of_text("a | b", shell, &words, NULL), 0);
        check(words, "/bin/ash|-eu|-c|a | b");
}
END_TEST

START_TEST(an_image_says_it_in_words)
{
        char *command[] = { (char *) "CMD", (char *) "curl", (char *) "-f", NULL };
        char *line[] = { (char *) "CMD-SHELL", (char *) "curl | cat", NULL };
        char *none[] = { (char *) "NONE", NULL };
        char *old[] = { (char *) "curl", (char *) "-f", NULL };
        static const char *const joined[] = { "curl|-f", "/bin/sh|-c|curl | cat", NULL, "curl|-f" };
        char **all[] = { command, line, none, old };

        for (size_t i = 0; i < ELEMENTS(all); i++) {
                autostrv char **words = NULL;

                ck_assert_int_eq(health_command_of_words(all[i], NULL, &words, NULL), 0);
                check(words, joined[i]);
        }
}
END_TEST

static const char *const wrong[] = { "", " ", "CMD", "CMD  ", "CMD-SHELL", "CMD-SHELL ", "[]", "[\"\"]",
        "[\"CMD\"]", "[\"CMD\", \"\"]", "[\"CMD-SHELL\"]", "[\"a\"" };

START_TEST(what_is_no_command_is_refused)
{
        char **words = NULL;
        Fault fault = {};

        ck_assert_msg(health_command_of_text(wrong[_i], NULL, &words, &fault) == -EINVAL, "%s", wrong[_i]);
        ck_assert(fault_is_raised(&fault));
        ck_assert_ptr_null(words);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health-command");
        TCase *tc = tcase_create("health-command");

        tcase_add_loop_test(tc, a_text_is_read_as_podman_reads_it, 0, ELEMENTS(texts));
        tcase_add_test(tc, the_shell_is_that_of_the_image);
        tcase_add_test(tc, an_image_says_it_in_words);
        tcase_add_loop_test(tc, what_is_no_command_is_refused, 0, ELEMENTS(wrong));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
