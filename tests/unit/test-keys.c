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

/* And how many keys Quadlet has there. */
static const struct {
        const KeySection *section;
        size_t n; /* 0 for what is not Quadlet's */
} sections[] = {
        { &container_section, 94 },
        { &slipway_section, 0 },
        { &image_section, 18 },
        { &network_section, 18 },
        { &pod_section, 29 },
        { &build_section, 28 },
        { &network_slipway_section, 0 },
        { &podman_section, 0 },
        { &pod_podman_section, 0 },
        { &build_podman_section, 0 },
};

START_TEST(every_row_is_in_order_and_whole)
{
        const KeySection *section = sections[_i].section;

        for (const KeyRow *row = section->rows; row < section->rows + section->n_rows; row++) {
                if (row > section->rows)
                        ck_assert_msg(strcmp(row[-1].name, row->name) < 0, "%s is out of order", row->name);
                ck_assert_ptr_eq(key_find(section, row->name), row);
                check_row(row);
        }
}
END_TEST

START_TEST(all_keys_of_quadlet_are_there)
{
        for (size_t i = 0; i < ELEMENTS(sections); i++)
                ck_assert(sections[i].n == 0 || sections[i].section->n_rows == sections[i].n);
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

static const PodmanFlagSet *const flag_sets[] = { &podman_run_flags, &podman_network_flags,
        &podman_pod_flags, &podman_build_flags, &podman_volume_flags };

START_TEST(every_flag_of_podman_leads_to_a_row)
{
        for (size_t k = 0; k < ELEMENTS(flag_sets); k++)
                for (size_t i = 0; i < flag_sets[k]->n_flags; i++) {
                        const PodmanFlag *flag = &flag_sets[k]->flags[i];
                        bool has_row = flag->key && podman_flag_row(flag_sets[k], flag->key);
                        bool wants_row = !flag->refusal && flag->form != FLAG_SECURITY &&
                                         flag->form != FLAG_VOLUME_OPTION && flag->form != FLAG_NOTHING;

                        ck_assert_msg(has_row == wants_row, "%s", flag->name);
                        ck_assert_ptr_eq(podman_flag_find(flag_sets[k], flag->name), flag);
                }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("keys");
        TCase *tc = tcase_create("keys");

        tcase_add_loop_test(tc, every_row_is_in_order_and_whole, 0, ELEMENTS(sections));
        tcase_add_test(tc, all_keys_of_quadlet_are_there);
        tcase_add_test(tc, a_key_is_found_by_its_name_alone);
        tcase_add_test(tc, every_flag_of_podman_leads_to_a_row);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
