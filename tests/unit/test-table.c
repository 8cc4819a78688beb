/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/table.h"
#include "tests/suite.h"

static char *printed(const Table *table, bool color) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(stream);
        ck_assert_int_eq(table_print(table, stream, color), 0);
        (void) fclose(stream);
        return text;
}

static Table *of_two_columns(void) {
        static const char *const headers[] = { "NAME", ">MEMORY", "UNIT" };

        return table_new(headers, ELEMENTS(headers));
}

START_TEST(columns_are_as_wide_as_their_widest_cell)
{
        autotable Table *table = of_two_columns();
        autofree char *text = NULL;

        table_cell(table, "database", TABLE_PLAIN);
        table_cell(table, "1M", TABLE_PLAIN);
        table_cell(table, "database.service", TABLE_PLAIN);
        table_cell(table, "schön", TABLE_PLAIN);
        table_cell(table, "123456.7M", TABLE_PLAIN);
        table_cell(table, NULL, TABLE_PLAIN);

        text = printed(table, false);
        ck_assert_str_eq(text, "NAME         MEMORY  UNIT\n"
                               "database         1M  database.service\n"
                               "schön     123456.7M  -\n");
}
END_TEST

START_TEST(an_empty_table_still_has_its_headers)
{
        autotable Table *table = of_two_columns();
        autofree char *text = printed(table, false);

        ck_assert_str_eq(text, "NAME  MEMORY  UNIT\n");
}
END_TEST

START_TEST(colours_do_not_move_columns)
{
        autotable Table *table = of_two_columns();
        autofree char *text = NULL;

        table_cell(table, "web", TABLE_BAD);
        table_cell(table, "1M", TABLE_PLAIN);
        table_cell(table, "u", TABLE_GOOD);

        text = printed(table, true);
        ck_assert_str_eq(text, "\x1b[1mNAME\x1b[0m  \x1b[1mMEMORY\x1b[0m  \x1b[1mUNIT\x1b[0m\n"
                               "\x1b[31mweb\x1b[0m       1M  \x1b[32mu\x1b[0m\n");
}
END_TEST

START_TEST(a_cell_cannot_drive_the_terminal)
{
        autotable Table *table = of_two_columns();
        autofree char *text = NULL;

        table_cell(table,
                        "\x1b[2Jx\r\n\xc2\x9b"
                        "1m",
                        TABLE_PLAIN);
        table_cell(table, "", TABLE_PLAIN);
        table_cell(table, "u", TABLE_PLAIN);

        text = printed(table, false);
        for (const char *c = text; *c; c++)
                ck_assert_msg((unsigned char) *c >= 0x20 || *c == '\n', "byte %#x in the output",
                                (unsigned char) *c);
        ck_assert_ptr_null(strstr(text, "\xc2\x9b"));
}
END_TEST

START_TEST(what_is_no_terminal_gets_no_colours)
{
        autofclose FILE *stream = tmpfile();

        ck_assert_ptr_nonnull(stream);
        ck_assert(!color_is_wanted(stream));
}
END_TEST

START_TEST(json_has_a_text_for_every_file_name)
{
        json_t *good = json_text("caf\xc3\xa9"), *odd = json_text("a\xff"
                                                                  "b");

        ck_assert_str_eq(json_string_value(good), "caf\xc3\xa9");
        ck_assert_str_eq(json_string_value(odd), "a?b");
        json_decref(good);
        json_decref(odd);
}
END_TEST

START_TEST(json_cannot_drive_the_terminal)
{
        json_t *json = json_pack("{ss}", "caf\xc3\xa9\x7f", "\x1b\x07\xc2\x9b\xc2\xa9");
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        ck_assert_int_eq(json_print(json, stream), 0);
        (void) fclose(stream);
        ck_assert_str_eq(text, "{\n  \"caf\xc3\xa9\\u007f\": \"\\u001B\\u0007\\u009b\xc2\xa9\"\n}\n");
        json_decref(json);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("table");
        TCase *tc = tcase_create("table");

        tcase_add_test(tc, columns_are_as_wide_as_their_widest_cell);
        tcase_add_test(tc, an_empty_table_still_has_its_headers);
        tcase_add_test(tc, colours_do_not_move_columns);
        tcase_add_test(tc, a_cell_cannot_drive_the_terminal);
        tcase_add_test(tc, json_cannot_drive_the_terminal);
        tcase_add_test(tc, json_has_a_text_for_every_file_name);
        tcase_add_test(tc, what_is_no_terminal_gets_no_colours);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
