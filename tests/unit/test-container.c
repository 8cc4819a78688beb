/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "cli/container.h"
#include "tests/suite.h"

static void add(GeneratedUnits *units, const char *unit, const char *container) {
        GeneratedUnit made = {
                .unit = strdup(unit),
                .kind = strdup(container ? "container" : "fault"),
                .container = container ? strdup(container) : NULL,
                .is_template = strstr(unit, "@.") != NULL,
        };

        ck_assert_int_eq(generated_add(units, &made), 0);
}

static void add_all(GeneratedUnits *units) {
        add(units, "bad.service", NULL);
        add(units, "greet@.service", "%p_%i");
        add(units, "shop.service", "web-100%");
        add(units, "web.service", "web");
}

static const struct {
        const char *word, *unit;
} found[] = {
        { "web", "web.service" },
        { "web.service", "web.service" },
        { "shop", "shop.service" },
        { "web-100%", "shop.service" },
        { "bad", "bad.service" },
        { "greet@moon", "greet@moon.service" },
        { "greet@moon.service", "greet@moon.service" },
};

START_TEST(a_container_is_meant_by_its_name_or_its_unit)
{
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(generated_unit_done) GeneratedUnit unit = {};
        Fault fault = {};

        add_all(&units);
        ck_assert_int_eq(container_find(&units, found[_i].word, &unit, &fault), 0);
        ck_assert_str_eq(unit.unit, found[_i].unit);
}
END_TEST

START_TEST(an_instance_has_its_own_name)
{
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(generated_unit_done) GeneratedUnit unit = {};

        add_all(&units);
        ck_assert_int_eq(container_find(&units, "greet@moon", &unit, NULL), 0);
        ck_assert_str_eq(unit.container, "greet_moon");
        ck_assert(!unit.is_template);
}
END_TEST

static const struct {
        const char *word, *text;
} unknown[] = {
        { "wbe", "there is no container 'wbe', did you mean 'web'?" },
        { "nothing-like-it", "there is no container 'nothing-like-it'; 'slipway list' shows those that "
                             "there are" },
        { "greet@", "there is no container 'greet@'; 'slipway list' shows those that there are" },
        { "../etc", "there is no container '../etc'; 'slipway list' shows those that there are" },
};

START_TEST(what_is_near_is_suggested)
{
        AUTO(generated_done) GeneratedUnits units = {};
        GeneratedUnit unit;
        Fault fault = {};

        add_all(&units);
        ck_assert_int_eq(container_find(&units, unknown[_i].word, &unit, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, unknown[_i].text);
}
END_TEST

START_TEST(patterns_find_all_that_match_and_each_once)
{
        AUTO(generated_done) GeneratedUnits units = {}, selected = {};
        char *words[] = { (char *) "web*", (char *) "shop", (char *) "?ad.service", NULL };

        add_all(&units);
        ck_assert_int_eq(containers_select(&units, words, &selected, NULL), 0);
        ck_assert_uint_eq(selected.n, 3);
        ck_assert_str_eq(selected.units[0].unit, "shop.service");
        ck_assert_str_eq(selected.units[1].unit, "web.service");
        ck_assert_str_eq(selected.units[2].unit, "bad.service");
}
END_TEST

START_TEST(a_pattern_that_matches_nothing_is_told)
{
        AUTO(generated_done) GeneratedUnits units = {};
        GeneratedUnits selected;
        char *words[] = { (char *) "web", (char *) "x*", NULL };
        Fault fault = {};

        add_all(&units);
        ck_assert_int_eq(containers_select(&units, words, &selected, &fault), -ENOENT);
        ck_assert_str_eq(fault.text,
                        "there is no container like 'x*'; 'slipway list' shows those that there are");
}
END_TEST

START_TEST(all_are_those_that_are_no_templates)
{
        AUTO(generated_done) GeneratedUnits units = {}, selected = {};

        add_all(&units);
        ck_assert_int_eq(containers_select(&units, NULL, &selected, NULL), 0);
        ck_assert_uint_eq(selected.n, 3);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("container");
        TCase *tc = tcase_create("container");

        tcase_add_loop_test(tc, a_container_is_meant_by_its_name_or_its_unit, 0, ELEMENTS(found));
        tcase_add_test(tc, an_instance_has_its_own_name);
        tcase_add_loop_test(tc, what_is_near_is_suggested, 0, ELEMENTS(unknown));
        tcase_add_test(tc, patterns_find_all_that_match_and_each_once);
        tcase_add_test(tc, a_pattern_that_matches_nothing_is_told);
        tcase_add_test(tc, all_are_those_that_are_no_templates);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
