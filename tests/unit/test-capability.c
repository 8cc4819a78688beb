/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/capability.h>

#include "lib/capability.h"
#include "tests/suite.h"

START_TEST(every_number_of_the_kernel_headers_has_a_name_that_finds_it)
{
        for (int i = 0; i <= CAP_LAST_CAP; i++) {
                const char *name = capability_to_name(i);

                ck_assert_ptr_nonnull(name);
                ck_assert_int_eq(capability_from_name(name), i);
        }
        ck_assert_ptr_null(capability_to_name(CAP_LAST_CAP + 1));
        ck_assert_ptr_null(capability_to_name(-1));
}
END_TEST

START_TEST(case_and_prefix_do_not_matter)
{
        ck_assert_int_eq(capability_from_name("NET_ADMIN"), CAP_NET_ADMIN);
        ck_assert_int_eq(capability_from_name("CAP_NET_ADMIN"), CAP_NET_ADMIN);
        ck_assert_int_eq(capability_from_name("cap_net_admin"), CAP_NET_ADMIN);
}
END_TEST

START_TEST(what_is_no_capability_is_not_found)
{
        ck_assert_int_eq(capability_from_name(""), -ENOENT);
        ck_assert_int_eq(capability_from_name("CAP_"), -ENOENT);
        ck_assert_int_eq(capability_from_name("all"), -ENOENT);
        ck_assert_int_eq(capability_from_name("net_admin "), -ENOENT);
        ck_assert(capability_is_all("ALL"));
        ck_assert(!capability_is_all("al"));
}
END_TEST

START_TEST(the_default_set_has_eleven_and_no_admin)
{
        uint64_t set = capability_default_set();

        ck_assert_int_eq(__builtin_popcountll(set), 11);
        ck_assert_uint_eq(set & CAPABILITY_BIT(CAP_SYS_ADMIN), 0);
        ck_assert_uint_ne(set & CAPABILITY_BIT(CAP_SETFCAP), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("capability");
        TCase *tc = tcase_create("capability");

        tcase_add_test(tc, every_number_of_the_kernel_headers_has_a_name_that_finds_it);
        tcase_add_test(tc, case_and_prefix_do_not_matter);
        tcase_add_test(tc, what_is_no_capability_is_not_found);
        tcase_add_test(tc, the_default_set_has_eleven_and_no_admin);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
