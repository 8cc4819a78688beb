/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>

#include "generator/quadlet/syntax.h"
#include "lib/report.h"
#include "tests/suite.h"

/*
 * What is read, one assignment a line as "Section Key=value @line:column", then
 * the faults; a warning begins with "warning: ".
 */
static const struct {
        const char *text, *result;
} cases[] = {
        /* Assignments */
        { "[A]\nk=v\n", "A k=v @2:3\n" },
        { "[A]\nk=v", "A k=v @2:3\n" },
        { "[A]\r\nk=v\r\n", "A k=v @2:3\n" },
        { "[A]\rk=v\r", "A k=v @2:3\n" },
        { "\xef\xbb\xbf[A]\nk=v\n", "A k=v @2:3\n" },
        { " [A] \n\t k  =\t v w  \n", "A k=v w @2:9\n" },
        { "[A]\nk=\nk==x\n", "A k= @2:3\nA k==x @3:3\n" },
        { "[A]\nk=# no comment ; here\n", "A k=# no comment ; here @2:3\n" },
        { "[A]\nk=1\n[B]\nk=2\n[A]\nl=3\n", "A k=1 @2:3\nB k=2 @4:3\nA l=3 @6:3\n" },
        { "[A]\nk= \"a b\"\n", "A k=\"a b\" @2:4\n" },
        { "", "" },
        { "# only\n; comments\n\n", "" },
        { "# c\n[A]\n  # c\n;k=v\nk=v\n", "A k=v @5:3\n" },

        /* Continuation */
        { "[A]\nk=a\\\nb\n", "A k=a b @2:3\n" },
        { "[A]\nk=a \\\n  b\n", "A k=a    b @2:3\n" },
        { "[A]\nk=\\\n  b\n", "A k=b @3:3\n" },
        { "[A]\nk=a \\\n# comment\n ; comment \\\nb\nl=c\n", "A k=a  b @2:3\nA l=c @6:3\n" },
        { "[A]\nk=a\\\r\nb\r\n", "A k=a b @2:3\n" },
        { "[A]\nk=a\\\\\nl=b\n", "A k=a\\\\ @2:3\nA l=b @3:3\n" },
        { "[A]\nk=a\\\\\\\nb\n", "A k=a\\\\ b @2:3\n" },
        { "[A]\nk=a\\", "A k=a @2:3\n" },
        { "[A]\nk=a\\\n\nl=b\n", "A k=a @2:3\nA l=b @4:3\n" },
        { "[A]\nk=a\\\n\nb\n", "A k=a @2:3\nf:4:1: this line is neither KEY=VALUE, nor a [Section], nor a "
                               "comment\n" },
        { "[A]\nk=a\\  \nb\n", "A k=a b @2:3\nwarning: f:2:4: blanks follow the backslash at the end of the "
                               "line; systemd would not "
                               "continue it\n" },

        /* Faults: each is told, the rest is read */
        { "k=v\n[A]\nk=w\n",
                        "A k=w @3:3\nf:1:1: a key comes before the first [Section], and belongs to none\n" },
        { "[A]\nfoo\nk=v\n", "A k=v @3:3\nf:2:1: this line is neither KEY=VALUE, nor a [Section], nor a "
                             "comment\n" },
        { "[A]\n =v\n", "f:2:2: there is no key before the '='\n" },
        { "[A] # c\nk=v\n[B]\nk=w\n", "B k=w @4:3\nf:1:4: nothing may follow a section's name, put comments "
                                      "on lines of their own\n" },
        { "[A\nk=v\n", "f:1:1: the name of a section ends in ']', which is missing here\n" },
        { "[]\nk=v\n", "f:1:1: this is no name for a section: it is empty or has odd characters\n" },
        { "[A[B]\n", "f:1:1: this is no name for a section: it is empty or has odd characters\n" },
        { "[A]\nk=a\xff\nl=b\n", "A l=b @3:3\nf:2:4: byte 0xff is not UTF-8 text, write it as \\xff if it "
                                 "is meant\n" },
        { "[A]\nk=a \\\n  b\xc3\n",
                        "f:3:4: byte 0xc3 is not UTF-8 text, write it as \\xc3 if it is meant\n" },
        { "[A]\nk=\xed\xa0\x80\n",
                        "f:2:3: byte 0xed is not UTF-8 text, write it as \\xed if it is meant\n" },
        { "[A]\nk=\xc3\xa9\xf0\x9f\x98\x80\n", "A k=\xc3\xa9\xf0\x9f\x98\x80 @2:3\n" },
};

static void print(const Syntax *syntax, const FaultList *faults, FILE *stream) {
        char line[1024];

        for (size_t i = 0; i < syntax->n_assignments; i++) {
                const Assignment *a = &syntax->assignments[i];

                (void) fprintf(stream, "%s %s=%s @%u:%u\n", a->section, a->key, a->value, a->line,
                                a->column);
        }
        for (size_t i = 0; i < faults->n_entries; i++) {
                (void) report_format(line, sizeof(line), &faults->entries[i].fault);
                (void) fprintf(stream, "%s%s\n", faults->entries[i].is_warning ? "warning: " : "", line);
        }
}

START_TEST(a_file_is_read_as_systemd_reads_it)
{
        autofree char *text = strdup(cases[_i].text), *result = NULL;
        AUTO(faults_done) FaultList faults = {};
        AUTO(syntax_done) Syntax syntax = {};
        size_t size;
        FILE *stream = open_memstream(&result, &size);

        ck_assert_int_eq(syntax_read(&syntax, "f", text, strlen(text), &faults), 0);
        print(&syntax, &faults, stream);
        (void) fclose(stream);
        ck_assert_str_eq(result, cases[_i].result);
}
END_TEST

START_TEST(a_nul_byte_makes_it_no_text)
{
        char text[] = "[A]\nk=a\nl=\0b\n";
        AUTO(faults_done) FaultList faults = {};
        AUTO(syntax_done) Syntax syntax = {};
        char line[256];

        ck_assert_int_eq(syntax_read(&syntax, "f", text, sizeof(text) - 1, &faults), 0);
        ck_assert_uint_eq(syntax.n_assignments, 0);
        ck_assert_uint_eq(faults.n_errors, 1);
        (void) report_format(line, sizeof(line), &faults.entries[0].fault);
        ck_assert_str_eq(line, "f:3: there is a NUL byte, this is not a text file");
}
END_TEST

START_TEST(a_spot_in_a_value_is_found_on_the_line_it_came_from)
{
        char text[] = "[A]\nk=one \\\n  two \\\n# c\nthree\n";
        AUTO(faults_done) FaultList faults = {};
        AUTO(syntax_done) Syntax syntax = {};
        static const struct {
                const char *word;
                unsigned line, column;
        } spots[] = { { "one", 2, 3 }, { "two", 3, 3 }, { "three", 5, 1 } };

        ck_assert_int_eq(syntax_read(&syntax, "f", text, strlen(text), &faults), 0);
        for (size_t i = 0; i < ELEMENTS(spots); i++) {
                const Assignment *a = &syntax.assignments[0];
                Place place = syntax_place(syntax.joints, syntax.n_joints, a->value, a->line, a->column,
                                strstr(a->value, spots[i].word));

                ck_assert_uint_eq(place.line, spots[i].line);
                ck_assert_uint_eq(place.column, spots[i].column);
        }
}
END_TEST

START_TEST(files_follow_each_other)
{
        char one[] = "[A]\nk=1\n", other[] = "[A]\nk=2\n";
        AUTO(faults_done) FaultList faults = {};
        AUTO(syntax_done) Syntax syntax = {};

        ck_assert_int_eq(syntax_read(&syntax, "one", one, strlen(one), &faults), 0);
        ck_assert_int_eq(syntax_read(&syntax, "other", other, strlen(other), &faults), 0);
        ck_assert_uint_eq(syntax.n_assignments, 2);
        ck_assert_str_eq(syntax.assignments[1].path, "other");
        syntax_reset(&syntax);
        ck_assert_uint_eq(syntax.n_assignments, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("syntax");
        TCase *tc = tcase_create("syntax");

        tcase_add_loop_test(tc, a_file_is_read_as_systemd_reads_it, 0, (int) ELEMENTS(cases));
        tcase_add_test(tc, a_nul_byte_makes_it_no_text);
        tcase_add_test(tc, a_spot_in_a_value_is_found_on_the_line_it_came_from);
        tcase_add_test(tc, files_follow_each_other);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
