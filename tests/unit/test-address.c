/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/address.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

static Address address(const char *text) {
        Address ret = {};

        ck_assert_int_eq(address_parse(text, &ret), 0);
        return ret;
}

static Prefix prefix(const char *text) {
        Prefix ret = {};

        ck_assert_int_eq(prefix_parse(text, &ret), 0);
        return ret;
}

static void is(const Address *found, const char *wanted) {
        char text[ADDRESS_TEXT_MAX];

        ck_assert_str_eq(address_format(found, text), wanted);
}

START_TEST(what_is_no_address_is_refused)
{
        static const char *const wrong[] = { "", "1.2.3", "1.2.3.4.5", "::1::", "[::1]", "1.2.3.4/8",
                "fe80::1%lo", "1.2.3.256", " 1.2.3.4", "name" };
        Address ret;

        for (size_t i = 0; i < ELEMENTS(wrong); i++)
                ck_assert_int_lt(address_parse(wrong[i], &ret), 0);
}
END_TEST

START_TEST(what_is_no_prefix_is_refused)
{
        static const char *const wrong[] = { "1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "::/129", "::/-1", "::/+1",
                "::/1 ", "/8", "1.2.3.4/8/8", "1.2.3.4/0008" };
        Prefix ret;

        for (size_t i = 0; i < ELEMENTS(wrong); i++)
                ck_assert_int_lt(prefix_parse(wrong[i], &ret), 0);
}
END_TEST

START_TEST(an_address_after_another_carries_over)
{
        Address a = address("10.0.0.255"), b = address("fd00::ffff:ffff"), c = address("255.255.255.255"),
                next;

        next = address_after(&a, 1);
        is(&next, "10.0.1.0");
        next = address_after(&a, 0x10001);
        is(&next, "10.1.1.0");
        next = address_after(&b, 1);
        is(&next, "fd00::1:0:0");
        next = address_after(&c, 1);
        is(&next, "0.0.0.0");
}
END_TEST

START_TEST(a_network_has_a_first_and_a_last_address)
{
        Prefix a = prefix("10.1.2.3/20"), network = prefix_network(&a), b = prefix("fd00::1/127");
        Address last = prefix_last(&a);
        char text[ADDRESS_TEXT_MAX];

        ck_assert_str_eq(prefix_format(&network, text), "10.1.0.0/20");
        is(&last, "10.1.15.255");
        last = prefix_last(&b);
        is(&last, "fd00::1");
}
END_TEST

START_TEST(networks_overlap_where_one_contains_the_other)
{
        Prefix a = prefix("10.0.0.0/8"), b = prefix("10.9.0.0/16"), c = prefix("11.0.0.0/8"),
               all = prefix("0.0.0.0/0"), six = prefix("::/0");
        Address in = address("10.9.8.7");

        ck_assert(prefix_overlaps(&a, &b));
        ck_assert(prefix_overlaps(&b, &a));
        ck_assert(!prefix_overlaps(&b, &c));
        ck_assert(prefix_overlaps(&all, &c));
        ck_assert(!prefix_overlaps(&six, &c));
        ck_assert(prefix_contains(&b, &in));
        ck_assert(!prefix_contains(&c, &in));
}
END_TEST

START_TEST(some_addresses_are_special)
{
        Address any = address("0.0.0.0"), any6 = address("::"), own = address("127.1.2.3"),
                own6 = address("::1"), none = {};

        ck_assert(address_is_any(&any) && address_is_any(&any6) && !address_is_any(&none));
        ck_assert(address_is_loopback(&own) && address_is_loopback(&own6) && !address_is_loopback(&any6));
        ck_assert_int_lt(address_compare(&own, &any6), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("address");
        TCase *tc = tcase_create("address");

        tcase_add_test(tc, what_is_no_address_is_refused);
        tcase_add_test(tc, what_is_no_prefix_is_refused);
        tcase_add_test(tc, an_address_after_another_carries_over);
        tcase_add_test(tc, a_network_has_a_first_and_a_last_address);
        tcase_add_test(tc, networks_overlap_where_one_contains_the_other);
        tcase_add_test(tc, some_addresses_are_special);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
