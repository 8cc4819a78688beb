/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/own-unit.h"
#include "tests/suite.h"

static const struct {
        const char *path, *name;
        bool is_user;
} units[] = {
        { "/system.slice/web.service", "web.service", false },
        { "/slipway.slice/slipway-shop.slice/web.service/payload/x.service", "web.service", false },
        { "/system.slice/_cpu.service", "cpu.service", false },
        { "/user.slice/user-0.slice/user@0.service/app.slice/web.service", "web.service", true },
        { "/user.slice/user-0.slice/user@0.service/init.scope", "init.scope", true },
        { "/user.slice/user-0.slice/user@0.service", "user@0.service", false },
        { "/user.slice/user-0.slice/session-3.scope", "session-3.scope", false },
        { "/system.slice/slipway-stdio@web.socket", "slipway-stdio@web.socket", false },
};

START_TEST(the_unit_is_what_follows_the_slices)
{
        OwnUnit unit;

        ck_assert_int_eq(own_unit_of_path(units[_i].path, &unit), 0);
        ck_assert_str_eq(unit.name, units[_i].name);
        ck_assert_int_eq(unit.is_user, units[_i].is_user);
}
END_TEST

static const char *const no_units[] = { "/", "", "/system.slice", "/docker/0123",
        "/docker/0123/web.service" };

START_TEST(other_control_groups_are_no_units)
{
        OwnUnit unit;

        ck_assert_int_eq(own_unit_of_path(no_units[_i], &unit), -ENODATA);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("own-unit");
        TCase *tc = tcase_create("own-unit");

        tcase_add_loop_test(tc, the_unit_is_what_follows_the_slices, 0, ELEMENTS(units));
        tcase_add_loop_test(tc, other_control_groups_are_no_units, 0, ELEMENTS(no_units));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
