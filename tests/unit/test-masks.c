/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "nspawn-glue/masks.h"
#include "tests/suite.h"

static const struct {
        const char *unmask, *path;
        bool lifted;
} known[] = {
        { "ALL", "/proc/kcore", true },
        { "all", "/proc/kcore", true },
        { "/proc/kcore", "/proc/kcore", true },
        { "/proc/acpi/", "/proc/acpi", true },
        { "/proc/*", "/proc/acpi", true },
        { "/proc/*", "/sys/firmware", false },
        { "/proc", "/proc/acpi", false },
        { "/proc/a", "/proc/acpi", false },
};

START_TEST(a_mask_is_lifted_by_name_or_pattern)
{
        char *unmasks[] = { (char *) "/nothing", (char *) known[_i].unmask, NULL };

        ck_assert_int_eq(masks_are_lifted(known[_i].path, unmasks), known[_i].lifted);
        ck_assert(!masks_are_lifted(known[_i].path, NULL));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("masks");
        TCase *tc = tcase_create("masks");

        tcase_add_loop_test(tc, a_mask_is_lifted_by_name_or_pattern, 0, ELEMENTS(known));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
