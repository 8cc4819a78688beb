/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/unit/writer.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define BODY(unit) ((unit).text + strlen(UNIT_HEADER))

static const struct {
        const char *text;
        bool is_user_text;
        const char *command, *list; /* NULL: refused */
} words[] = {
        { "plain", false, "plain", "plain" },
        { "", false, "\"\"", "\"\"" },
        { ";", false, "\";\"", "\";\"" },
        { "a b", false, "\"a b\"", "\"a b\"" },
        { "it's", false, "\"it's\"", "\"it's\"" },
        { "say \"hi\"", false, "\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\"" },
        { "back\\slash", false, "\"back\\\\slash\"", "\"back\\\\slash\"" },
        { "100%", false, "100%%", "100%%" },
        { "100%", true, "100%", "100%" },
        { "$HOME", false, "$$HOME", "$HOME" },
        { "$HOME", true, "$HOME", "$HOME" },
        { "a\nb", true, "\"a\\x0ab\"", NULL },
        { "tab\there", false, "\"tab\\x09here\"", NULL },
        { "\x7f", false, "\"\\x7f\"", NULL },
        { "\xc3\xa9", false, "\xc3\xa9", "\xc3\xa9" },
        { "\xff", false, "\"\\xff\"", NULL },
        { "a\xc3", false, "\"a\\xc3\"", NULL },
};

START_TEST(a_word_of_a_command_means_what_it_says)
{
        const UnitWord word = { .text = words[_i].text, .is_user_text = words[_i].is_user_text };
        AUTO(unit_done) UnitWriter unit = {};
        char expected[64];

        unit_begin(&unit);
        unit_set_command(&unit, "ExecStart", "-", &word, 1);
        (void) snprintf(expected, sizeof(expected), "ExecStart=-%s\n", words[_i].command);
        ck_assert_int_eq(unit.error, 0);
        ck_assert_str_eq(BODY(unit), expected);
}
END_TEST

START_TEST(a_word_of_a_list_means_what_it_says_or_is_refused)
{
        const UnitWord word = { .text = words[_i].text, .is_user_text = words[_i].is_user_text };
        AUTO(unit_done) UnitWriter unit = {};
        char expected[64];

        unit_begin(&unit);
        unit_set_words(&unit, "RequiresMountsFor", &word, 1);
        if (!words[_i].list) {
                ck_assert_int_eq(unit.error, -EINVAL);
                ck_assert_str_eq(unit.key, "RequiresMountsFor");
                return;
        }
        (void) snprintf(expected, sizeof(expected), "RequiresMountsFor=%s\n", words[_i].list);
        ck_assert_str_eq(BODY(unit), expected);
}
END_TEST

START_TEST(a_value_cannot_start_another_line)
{
        static const char *const values[] = { "a\nExecStart=/bin/sh", "a\rb", "a\\", "a\\\\\\" };
        AUTO(unit_done) UnitWriter unit = {};
        Fault fault = {};

        unit_begin(&unit);
        unit_set(&unit, "Fine", "a\\\\");
        ck_assert_int_eq(unit.error, 0);
        unit_set(&unit, "Description", values[_i]);
        unit_set(&unit, "After", "is not reached");
        ck_assert_int_eq(unit_commit(&unit, AT_FDCWD, "x.service", &fault), -EINVAL);
        ck_assert_str_eq(fault.text,
                        "cannot write Description= into a unit: the value would not stay on its line");
}
END_TEST

START_TEST(literal_values_and_paths_have_no_specifiers)
{
        AUTO(unit_done) UnitWriter unit = {};

        unit_begin(&unit);
        unit_set_literal(&unit, "Description", "100% web");
        unit_set_path(&unit, "SourcePath", "/a b/%n");
        unit_set_path(&unit, "SourcePath", "/not\nthis");
        unit_setf(&unit, "TasksMax", "%d", 7);
        ck_assert_str_eq(BODY(unit), "Description=100%% web\nSourcePath=/a b/%%n\nTasksMax=7\n");
}
END_TEST

static int commit(const char *description, Fault *fault) {
        AUTO(unit_done) UnitWriter unit = {};
        int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        unit_begin(&unit);
        unit_section(&unit, "Unit");
        unit_set(&unit, "Description", description);
        r = unit_commit(&unit, fd, "web.service", fault);
        (void) close(fd);
        return r;
}

static unsigned count_entries(void) {
        DIR *directory = opendir(tree);
        unsigned n = 0;

        while (readdir(directory))
                n++;
        (void) closedir(directory);
        return n - 2;
}

START_TEST(a_unit_is_put_in_place_and_leaves_nothing_else)
{
        ck_assert_int_eq(commit("one", NULL), 0);
        ck_assert_str_eq(tree_read("web.service"), UNIT_HEADER "\n[Unit]\nDescription=one\n");
        ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(our_own_unit_is_replaced)
{
        ck_assert_int_eq(commit("a longer one", NULL), 0);
        ck_assert_int_eq(commit("two", NULL), 0);
        ck_assert_str_eq(tree_read("web.service"), UNIT_HEADER "\n[Unit]\nDescription=two\n");
        ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(a_unit_of_somebody_else_stays)
{
        Fault fault = {};

        tree_file("web.service", "[Unit]\nDescription=not ours\n");
        ck_assert_int_eq(commit("ours", &fault), -EEXIST);
        ck_assert_str_eq(fault.text, "there is a unit 'web.service' already that another generator made");
        ck_assert_str_eq(tree_read("web.service"), "[Unit]\nDescription=not ours\n");
        ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(a_link_in_the_way_is_not_followed)
{
        tree_file("victim", UNIT_HEADER);
        tree_link("web.service", "victim");
        ck_assert_int_eq(commit("ours", NULL), -EEXIST);
        ck_assert_str_eq(tree_read("victim"), UNIT_HEADER);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("writer");
        TCase *text = tcase_create("text"), *files = tcase_create("files");

        tcase_add_loop_test(text, a_word_of_a_command_means_what_it_says, 0, (int) ELEMENTS(words));
        tcase_add_loop_test(
                        text, a_word_of_a_list_means_what_it_says_or_is_refused, 0, (int) ELEMENTS(words));
        tcase_add_loop_test(text, a_value_cannot_start_another_line, 0, 4);
        tcase_add_test(text, literal_values_and_paths_have_no_specifiers);
        suite_add_tcase(suite, text);

        tcase_add_checked_fixture(files, tree_make, tree_remove);
        tcase_add_test(files, a_unit_is_put_in_place_and_leaves_nothing_else);
        tcase_add_test(files, our_own_unit_is_replaced);
        tcase_add_test(files, a_unit_of_somebody_else_stays);
        tcase_add_test(files, a_link_in_the_way_is_not_followed);
        suite_add_tcase(suite, files);
        return suite_main(suite);
}
