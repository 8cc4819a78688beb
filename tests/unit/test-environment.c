/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/environment.h"
#include "tests/suite.h"

static char *own[] = { (char *) "A=own", (char *) "http_proxy=http://p", (char *) "NOTIFY_SOCKET=/x",
        (char *) "ABC=1", (char *) "ABD=2", (char *) "NO_PROXY=*", NULL };
static char *image[] = { (char *) "PATH=/image", (char *) "A=image", (char *) "HOSTNAME=liar", NULL };

static char *make(const Options *options) {
        autostrv char **list = NULL;

        ck_assert_int_eq(environment_make(options, image, own, "web", &list, NULL), 0);
        return strv_join(list, " ");
}

START_TEST(the_image_comes_before_defaults_and_proxies)
{
        autofree char *all = make(&(Options){});

        ck_assert_str_eq(all, "PATH=/image HOSTNAME=liar container=slipway http_proxy=http://p NO_PROXY=* "
                              "A=image");
}
END_TEST

START_TEST(words_come_before_the_image_and_may_import)
{
        char *words[] = { (char *) "A=word", (char *) "AB*", (char *) "MISSING", (char *) "NOTIFY_SOCKET",
                (char *) "ABD=last", NULL };
        autofree char *all = make(&(Options){ .environment = words, .no_http_proxy = true });

        ck_assert_str_eq(all, "PATH=/image HOSTNAME=liar container=slipway A=word ABC=1 ABD=last");
}
END_TEST

START_TEST(the_whole_environment_is_passed_if_asked_but_for_the_managers_part)
{
        autofree char *all = make(&(Options){ .environment_host = true });

        ck_assert_str_eq(all, "PATH=/image HOSTNAME=liar container=slipway A=image http_proxy=http://p "
                              "ABC=1 ABD=2 "
                              "NO_PROXY=*");
}
END_TEST

START_TEST(a_file_is_read_as_podman_reads_it)
{
        char text[] = "# comment\n\n  X=a b  \r\nY=\"quoted\"\nABC\nNONE\nA*\nEMPTY=\nX2=# no comment";
        autostrv char **list = NULL;
        autofree char *all = NULL;

        ck_assert_int_eq(environment_add_file(&list, text, own, NULL), 0);
        all = strv_join(list, "|");
        ck_assert_str_eq(all, "X=a b  |Y=\"quoted\"|ABC=1|A=own|ABD=2|EMPTY=|X2=# no comment");
}
END_TEST

START_TEST(a_name_is_needed)
{
        autostrv char **list = NULL;
        char text[] = "A=1\n=2\n";
        Fault fault = {};

        ck_assert_int_eq(environment_add_file(&list, text, own, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "there is no name before the '='");
        ck_assert_uint_eq(fault.line, 2);
}
END_TEST

/* Docker and Podman refuse it as well. What follows a lone name would get lost without a word. */
START_TEST(a_name_has_no_blanks)
{
        static const char *const lines[] = { "export A=1", "A =1", "not a variable", "A\t=1", "A* B" };

        for (size_t i = 0; i < ELEMENTS(lines); i++) {
                autostrv char **list = NULL;
                char text[64];
                Fault fault = {};

                (void) snprintf(text, sizeof(text), "B=x y\n%s\n", lines[i]);
                ck_assert_int_eq(environment_add_file(&list, text, own, &fault), -EINVAL);
                ck_assert_str_eq(fault.text,
                                "a name has no blanks in it: write NAME=VALUE, without 'export' and without "
                                "blanks around the '='");
                ck_assert_uint_eq(fault.line, 2);
        }
}
END_TEST

START_TEST(a_file_that_may_be_missing_is_none)
{
        char *files[] = { (char *) "-/no/such/file", NULL };
        autostrv char **list = NULL;

        ck_assert_int_eq(environment_make(&(Options){ .environment_files = files }, NULL, own, "web", &list,
                                         NULL),
                        0);
}
END_TEST

START_TEST(a_missing_file_is_a_fault)
{
        char *files[] = { (char *) "/no/such/file", NULL };
        char **list;
        Fault fault = {};

        ck_assert_int_eq(environment_make(&(Options){ .environment_files = files }, NULL, own, "web", &list,
                                         &fault),
                        -ENOENT);
        ck_assert_str_eq(fault.text,
                        "cannot read the environment file '/no/such/file': No such file or directory; a "
                        "file with '-' before it may be missing");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("environment");
        TCase *tc = tcase_create("environment");

        tcase_add_test(tc, the_image_comes_before_defaults_and_proxies);
        tcase_add_test(tc, words_come_before_the_image_and_may_import);
        tcase_add_test(tc, the_whole_environment_is_passed_if_asked_but_for_the_managers_part);
        tcase_add_test(tc, a_file_is_read_as_podman_reads_it);
        tcase_add_test(tc, a_name_is_needed);
        tcase_add_test(tc, a_name_has_no_blanks);
        tcase_add_test(tc, a_file_that_may_be_missing_is_none);
        tcase_add_test(tc, a_missing_file_is_a_fault);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
