/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "image/platform.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
        const char *text, *whole;
} good[] = {
        { "linux/amd64",      "linux/amd64"  },
        { "amd64",            "linux/amd64"  },
        { "linux/x86_64",     "linux/amd64"  },
        { "aarch64",          "linux/arm64/v8" },
        { "linux/arm64",      "linux/arm64"  },
        { "linux/arm/v6",     "linux/arm/v6" },
        { "armv7l",           "linux/arm/v7" },
        { "i686",             "linux/386"    },
        { "windows/amd64",    "windows/amd64" },
};

static const char *const bad[] = { "", "/", "linux/", "/amd64", "linux/amd64/", "linux/amd 64", "a/b/c/d", "linux/../x" };

static const struct {
        const char *wanted, *architecture, *variant;
        int rank;
} ranks[] = {
        { "linux/amd64",    "amd64", NULL, 0  },
        { "linux/amd64",    "amd64", "v1", 0  },
        { "linux/amd64",    "amd64", "v3", -1 },        /* wants a better processor */
        { "linux/amd64/v3", "amd64", "v2", 1  },
        { "linux/amd64/v3", "amd64", "",   2  },
        { "linux/amd64",    "arm64", NULL, -1 },
        { "linux/arm64",    "arm64", "v8", 0  },
        { "linux/arm64/v8", "arm64", "",   0  },
        { "linux/arm/v7",   "arm",   "v7", 0  },
        { "linux/arm/v7",   "arm",   "v6", 1  },
        { "linux/arm/v7",   "arm",   "v8", -1 },
        { "linux/arm",      "arm",   "v7", 0  },
        { "linux/arm",      "arm",   "v8", -1 },
        { "linux/amd64",    "amd64", "x",  -1 },
        { "linux/amd64/x",  "amd64", "x",  0  },
};
/* clang-format on */

START_TEST(a_platform_is_read_whatever_the_kernel_calls_it)
{
        Platform platform;

        ck_assert_int_eq(platform_parse(good[_i].text, &platform, NULL), 0);
        ck_assert_str_eq(platform_text(platform.os, platform.architecture, platform.variant).text,
                        good[_i].whole);
}
END_TEST

START_TEST(what_is_no_platform_is_refused)
{
        Platform platform;
        Fault fault = {};

        ck_assert_int_eq(platform_parse(bad[_i], &platform, &fault), -EINVAL);
        ck_assert_ptr_nonnull(strstr(fault.text, "is not a platform, which is OS/ARCHITECTURE[/VARIANT]"));
}
END_TEST

START_TEST(a_machine_runs_what_is_made_for_lesser_ones)
{
        Platform wanted;

        ck_assert_int_eq(platform_parse(ranks[_i].wanted, &wanted, NULL), 0);
        ck_assert_int_eq(platform_rank(&wanted, "linux", ranks[_i].architecture, ranks[_i].variant),
                        ranks[_i].rank);
        ck_assert_int_eq(platform_rank(&wanted, "windows", ranks[_i].architecture, ranks[_i].variant), -1);
}
END_TEST

START_TEST(this_machine_runs_its_own_images)
{
        Platform machine;

        platform_of_machine(&machine);
        ck_assert_int_eq(platform_rank(&machine, "linux", machine.architecture, machine.variant), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("platform");
        TCase *tc = tcase_create("platform");

        tcase_add_loop_test(tc, a_platform_is_read_whatever_the_kernel_calls_it, 0,
                        sizeof(good) / sizeof(good[0]));
        tcase_add_loop_test(tc, what_is_no_platform_is_refused, 0, sizeof(bad) / sizeof(bad[0]));
        tcase_add_loop_test(tc, a_machine_runs_what_is_made_for_lesser_ones, 0,
                        sizeof(ranks) / sizeof(ranks[0]));
        tcase_add_test(tc, this_machine_runs_its_own_images);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
