/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kept.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define NOTE "# The manifest is gone. This is what its unit was, until that is stopped.\n"
#define END "\n[Unit]\nRefuseManualStart=yes\n"
#define WEB                                                                                              \
        "\n[Unit]\nDescription=Web\nSourcePath=/etc/slipway/web.container\n\n[Service]\nExecStart=/bin/" \
        "true\n"

static int write_kept(void) {
        AUTO(unit_done) UnitWriter unit = {};
        autofd int fd = -1;

        (void) mkdir(tree_path("out"), 0755);
        fd = open(tree_path("out"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return kept_write(tree_path("kept"), &unit, fd);
}

START_TEST(what_no_manifest_makes_is_written_as_it_was)
{
        tree_file("kept/web.service", UNIT_HEADER WEB);
        ck_assert_int_eq(write_kept(), 0);
        ck_assert_str_eq(tree_read("out/web.service"), UNIT_HEADER NOTE
                        "\n[Unit]\nDescription=Web\n\n[Service]\nExecStart=/bin/true\n" END);
}
END_TEST

START_TEST(what_was_kept_again_stays_as_it_is)
{
        tree_file("kept/web.service", UNIT_HEADER NOTE WEB END);
        ck_assert_int_eq(write_kept(), 0);
        ck_assert_str_eq(tree_read("out/web.service"), UNIT_HEADER NOTE WEB END);
}
END_TEST

START_TEST(what_a_manifest_makes_is_left_alone)
{
        tree_file("kept/web.service", UNIT_HEADER WEB);
        tree_file("kept/many@1.service", UNIT_HEADER WEB);
        tree_file("kept/other@1.service", UNIT_HEADER WEB);
        tree_file("out/web.service", "new");
        tree_file("out/many@.service", "new");
        ck_assert_int_eq(write_kept(), 0);
        ck_assert_str_eq(tree_read("out/web.service"), "new");
        ck_assert_int_lt(access(tree_path("out/many@1.service"), F_OK), 0);
        ck_assert_int_ge(access(tree_path("out/other@1.service"), F_OK), 0);
}
END_TEST

START_TEST(what_is_not_ours_is_no_unit)
{
        tree_file("kept/web.service", "[Service]\nExecStart=/bin/evil\n");
        tree_file("kept/.123~", UNIT_HEADER WEB);
        ck_assert_int_eq(write_kept(), 0);
        ck_assert_int_lt(access(tree_path("out/web.service"), F_OK), 0);
        ck_assert_int_lt(access(tree_path("out/.123~"), F_OK), 0);
}
END_TEST

START_TEST(one_that_cannot_be_read_takes_no_other_along)
{
        tree_directory("kept/a.service");
        tree_file("kept/web.service", UNIT_HEADER WEB);
        ck_assert_int_eq(write_kept(), 1);
        ck_assert_int_ge(access(tree_path("out/web.service"), F_OK), 0);
}
END_TEST

START_TEST(nothing_need_be_kept)
{ ck_assert_int_eq(write_kept(), 0); }
END_TEST

START_TEST(a_mistake_leaves_how_it_is_stopped)
{
        AUTO(unit_done) UnitWriter unit = {};

        tree_file("kept/web.service", UNIT_HEADER
                        "\n[Service]\nKillMode=mixed\nExecStart=/bin/true\nExecStopPost=-/bin/clean web\n"
                        "TimeoutStopSec=15\nRestart=always\n");
        unit_begin(&unit);
        kept_add_stop(tree_path("kept"), "web.service", &unit);
        ck_assert_str_eq(unit.text, UNIT_HEADER
                        "\n[Service]\nKillMode=mixed\nExecStopPost=-/bin/clean web\nTimeoutStopSec=15\n");
        unit_begin(&unit);
        kept_add_stop(tree_path("kept"), "other.service", &unit);
        ck_assert_str_eq(unit.text, UNIT_HEADER);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("kept");
        TCase *cases = tcase_create("kept");

        tcase_add_checked_fixture(cases, tree_make, tree_remove);
        tcase_add_test(cases, what_no_manifest_makes_is_written_as_it_was);
        tcase_add_test(cases, what_was_kept_again_stays_as_it_is);
        tcase_add_test(cases, what_a_manifest_makes_is_left_alone);
        tcase_add_test(cases, what_is_not_ours_is_no_unit);
        tcase_add_test(cases, one_that_cannot_be_read_takes_no_other_along);
        tcase_add_test(cases, nothing_need_be_kept);
        tcase_add_test(cases, a_mistake_leaves_how_it_is_stopped);
        suite_add_tcase(suite, cases);
        return suite_main(suite);
}
