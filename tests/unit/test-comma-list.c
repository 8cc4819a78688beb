/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "lib/comma-list.h"
#include "tests/suite.h"

static const struct {
        const char *list, *name;
        bool has;
} lists[] = {
        { "ro,size=1m", "ro", true },
        { "ro,size=1m", "size", true },
        { "ro,,rbind", "rbind", true },
        { ",ro", "ro", true },
        { "ro,size=1m", "1m", false },
        { "ro,size=1m", "siz", false },
        { "rbind", "bind", false },
        { "bindfs", "bind", false },
        { "a=ro", "ro", false },
        { "", "ro", false },
        { NULL, "ro", false },
};

START_TEST(an_option_is_there_as_a_whole_or_not)
{ ck_assert_int_eq(comma_list_has(lists[_i].list, lists[_i].name), lists[_i].has); }
END_TEST

int main(void) {
        Suite *suite = suite_create("comma-list");
        TCase *tc = tcase_create("comma-list");

        tcase_add_loop_test(tc, an_option_is_there_as_a_whole_or_not, 0, ELEMENTS(lists));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
