/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/quadlet/keys.h"
#include "generator/quadlet/podman-flags.h"
#include "tests/suite.h"

static void check_row(const KeyRow *row) {
        bool is_number = row->shape == KEY_NUMBER, is_refused = row->shape == KEY_REFUSED;
        bool needs_parser = row->shape == KEY_TEXT || row->shape == KEY_LINES || row->shape == KEY_WORDS ||
                            row->shape == KEY_ESCAPED;

        ck_assert_msg(!row->parse == !needs_parser, "%s: its shape wants another parser", row->name);
        ck_assert_msg(!row->parse_number == !is_number, "%s: its shape wants another parser", row->name);
        ck_assert_msg(!row->refusal == !is_refused, "%s: refused for no reason", row->name);
        ck_assert_msg(row->summary && *row->summary, "%s: no summary", row->name);
}

START_TEST(every_row_is_in_order_and_whole)
{
        const KeyRow *row = &container_section.rows[_i];

        if (_i > 0)
                ck_assert_msg(strcmp(row[-1].name, row->name) < 0, "%s is out of order", row->name);
        ck_assert_ptr_eq(key_find(&container_section, row->name), row);
        check_row(row);
}
END_TEST

START_TEST(all_keys_of_quadlet_are_there)
{
        ck_assert_uint_eq(container_section.n_rows, 94);
        ck_assert_uint_eq(image_section.n_rows, 18);
        for (size_t i = 0; i < slipway_section.n_rows; i++)
                check_row(&slipway_section.rows[i]);
        for (size_t i = 0; i < image_section.n_rows; i++) {
                if (i > 0)
                        ck_assert_str_lt(image_section.rows[i - 1].name, image_section.rows[i].name);
                check_row(&image_section.rows[i]);
        }
}
END_TEST

START_TEST(a_key_is_found_by_its_name_alone)
{
        ck_assert_ptr_null(key_find(&container_section, "image"));
        ck_assert_ptr_null(key_find(&container_section, ""));
        ck_assert_str_eq(key_nearest(&container_section, "ReadonlyTmpfs"), "ReadOnlyTmpfs");
        ck_assert_str_eq(key_nearest(&container_section, "Enviroment"), "Environment");
        ck_assert_ptr_null(key_nearest(&container_section, "Zyxwvuts"));
}
END_TEST

START_TEST(every_flag_of_podman_leads_to_a_row)
{
        for (const KeyRow *row = podman_section.rows; row < podman_section.rows + podman_section.n_rows;
                        row++) {
                if (row > podman_section.rows)
                        ck_assert_str_lt(row[-1].name, row->name);
                check_row(row);
        }

        for (size_t i = 0; i < n_podman_flags; i++) {
                const PodmanFlag *flag = &podman_flags[i];
                bool has_row = flag->key && (key_find(&container_section, flag->key) ||
                                                            key_find(&slipway_section, flag->key) ||
                                                            key_find(&podman_section, flag->key));
                bool wants_row = !flag->refusal && flag->form != FLAG_SECURITY && flag->form != FLAG_NOTHING;

                ck_assert_msg(has_row == wants_row, "%s", flag->name);
                ck_assert_ptr_eq(podman_flag_find(flag->name), flag);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("keys");
        TCase *tc = tcase_create("keys");

        tcase_add_loop_test(tc, every_row_is_in_order_and_whole, 0, (int) container_section.n_rows);
        tcase_add_test(tc, all_keys_of_quadlet_are_there);
        tcase_add_test(tc, a_key_is_found_by_its_name_alone);
        tcase_add_test(tc, every_flag_of_podman_leads_to_a_row);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
