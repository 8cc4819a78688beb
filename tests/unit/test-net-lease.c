/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "nspawn-glue/net/lease.h"
#include "tests/unit/net.h"

#define LEASES NET_LEASES "/front"

static int lock = -1;
static Network front;

static void setup(void) {
        net_enter();
        ck_assert_int_eq(net_lock(&lock, NULL), 0);
        front = net_network("front", net_subnet("10.1.0.0/29", "10.1.0.1", "10.1.0.1", "10.1.0.6"));
}

static void teardown(void) {
        (void) close(lock);
}

static const char *take_at(const char *owner, const char *wanted, Fault *fault) {
        Address address, fixed;
        int r;

        if (wanted)
                fixed = net_address(wanted);
        r = lease_take(&front, &front.subnets[0], owner, wanted ? &fixed : NULL, &address, fault);
        return r < 0 ? strerrorname_np(-r) : net_text(&address);
}

/* Of somebody who has a record afterwards. */
static const char *take(const char *owner) {
        const char *text = take_at(owner, NULL, NULL);

        net_make_record(owner);
        return text;
}

static void leave(const char *owner) {
        ck_assert_int_eq(lease_release("front", owner), 0);
        net_remove(NET_MEMBERS, owner);
}

START_TEST(each_gets_an_address_and_nobody_the_gateways)
{
        static const char *const expected[] = { "10.1.0.2", "10.1.0.3", "10.1.0.4", "10.1.0.5", "10.1.0.6" };
        char owner[8];

        for (size_t i = 0; i < ELEMENTS(expected); i++) {
                (void) snprintf(owner, sizeof(owner), "c%zu", i);
                ck_assert_str_eq(take(owner), expected[i]);
        }
}
END_TEST

START_TEST(who_asks_again_has_what_he_has)
{
        ck_assert_str_eq(take("a"), "10.1.0.2");
        ck_assert_str_eq(take("a"), "10.1.0.2");
        ck_assert_str_eq(net_read_text(LEASES), "10.1.0.2 a\n");
}
END_TEST

START_TEST(who_comes_back_gets_what_he_had)
{
        ck_assert_str_eq(take("a"), "10.1.0.2");
        ck_assert_str_eq(take("b"), "10.1.0.3");
        leave("a");
        ck_assert_str_eq(net_read_text(LEASES), "10.1.0.3 b\n10.1.0.2 ~a\n");
        ck_assert_str_eq(take("c"), "10.1.0.4");
        ck_assert_str_eq(take("a"), "10.1.0.2");
}
END_TEST

START_TEST(what_is_free_for_longest_goes_first_when_all_were_used)
{
        static const char *const owners[] = { "a", "b", "c", "d", "e" };

        for (size_t i = 0; i < ELEMENTS(owners); i++)
                (void) take(owners[i]);
        leave("d");
        leave("b");
        ck_assert_str_eq(take("f"), "10.1.0.5");
        ck_assert_str_eq(take("g"), "10.1.0.3");
        /* Whose was taken gets another one, if there is one. */
        ck_assert_str_eq(take_at("d", NULL, NULL), "EADDRNOTAVAIL");
        leave("a");
        ck_assert_str_eq(take("d"), "10.1.0.2");
}
END_TEST

START_TEST(when_all_are_taken_it_says_so)
{
        static const char *const owners[] = { "a", "b", "c", "d", "e" };
        Fault fault = {};

        for (size_t i = 0; i < ELEMENTS(owners); i++)
                (void) take(owners[i]);
        ck_assert_str_eq(take_at("f", NULL, &fault), "EADDRNOTAVAIL");
        ck_assert_str_eq(fault.text, "all addresses of 10.1.0.0/29 in network 'front' are taken; give the "
                                     "network a larger "
                                     "Subnet= or another one");
        ck_assert_int_eq(fault.kind, FAULT_CONFLICT);
}
END_TEST

START_TEST(who_was_killed_before_his_record_has_nothing)
{
        static const char *const owners[] = { "a", "b", "c", "d" };

        for (size_t i = 0; i < ELEMENTS(owners); i++)
                (void) take(owners[i]);
        ck_assert_str_eq(take_at("killed", NULL, NULL), "10.1.0.6");
        ck_assert_str_eq(take("f"), "10.1.0.6");
        ck_assert_str_eq(take_at("killed", NULL, NULL), "EADDRNOTAVAIL");
}
END_TEST

START_TEST(a_fixed_address_is_not_held_by_who_was_killed_before_his_record)
{
        ck_assert_str_eq(take_at("killed", "10.1.0.5", NULL), "10.1.0.5");
        ck_assert_str_eq(take_at("web", "10.1.0.5", NULL), "10.1.0.5");
        ck_assert_str_eq(net_read_text(LEASES), "10.1.0.5 web\n");
}
END_TEST

START_TEST(a_fixed_address_is_kept_for_who_has_it)
{
        Fault fault = {};

        ck_assert_str_eq(take_at("web", "10.1.0.3", NULL), "10.1.0.3");
        net_make_record("web");
        ck_assert_str_eq(take("a"), "10.1.0.4");
        ck_assert_str_eq(take_at("b", "10.1.0.3", &fault), "EADDRINUSE");
        ck_assert_str_eq(fault.text, "the address 10.1.0.3 of network 'front' is 'web''s; give this "
                                     "container another, or "
                                     "none");
        leave("web");
        ck_assert_str_eq(take_at("b", "10.1.0.3", NULL), "10.1.0.3");
}
END_TEST

START_TEST(others_get_what_is_before_a_fixed_address_at_the_end)
{
        ck_assert_str_eq(take_at("web", "10.1.0.6", NULL), "10.1.0.6");
        net_make_record("web");
        ck_assert_str_eq(take("a"), "10.1.0.2");
        ck_assert_str_eq(take("b"), "10.1.0.3");
}
END_TEST

START_TEST(a_fixed_address_may_be_outside_of_the_range)
{
        front.subnets[0].first = net_address("10.1.0.4");
        front.subnets[0].last = net_address("10.1.0.5");
        ck_assert_str_eq(take_at("web", "10.1.0.2", NULL), "10.1.0.2");
        ck_assert_str_eq(take("a"), "10.1.0.4");
        ck_assert_str_eq(take("b"), "10.1.0.5");
        ck_assert_str_eq(take_at("c", NULL, NULL), "EADDRNOTAVAIL");
}
END_TEST

static const struct {
        const char *wanted, *error, *text;
} wrong[] = {
        { "10.1.0.0", "EADDRNOTAVAIL",
                        "the address 10.1.0.0 is none for a container of network 'front', which has "
                        "10.1.0.0/29" },
        { "10.1.0.7", "EADDRNOTAVAIL",
                        "the address 10.1.0.7 is none for a container of network 'front', which has "
                        "10.1.0.0/29" },
        { "10.1.0.8", "EADDRNOTAVAIL",
                        "the address 10.1.0.8 is none for a container of network 'front', which has "
                        "10.1.0.0/29" },
        { "fd00::1", "EADDRNOTAVAIL",
                        "the address fd00::1 is none for a container of network 'front', which has "
                        "10.1.0.0/29" },
        { "10.1.0.1", "EADDRINUSE", "the address 10.1.0.1 is that of the gateway of network 'front'" },
};

START_TEST(a_fixed_address_has_to_be_one_of_a_host)
{
        Fault fault = {};

        ck_assert_str_eq(take_at("web", wrong[_i].wanted, &fault), wrong[_i].error);
        ck_assert_str_eq(fault.text, wrong[_i].text);
        ck_assert_str_eq(net_read_text(LEASES), "");
}
END_TEST

START_TEST(an_address_that_became_the_gateways_is_not_given_again)
{
        ck_assert_str_eq(take("a"), "10.1.0.2");
        leave("a");
        front.subnets[0].gateway = net_address("10.1.0.2");
        ck_assert_str_eq(take("a"), "10.1.0.3");
}
END_TEST

START_TEST(an_address_out_of_a_new_range_is_not_given_again)
{
        ck_assert_str_eq(take("a"), "10.1.0.2");
        leave("a");
        front.subnets[0].first = net_address("10.1.0.5");
        ck_assert_str_eq(take("a"), "10.1.0.5");
}
END_TEST

static const struct {
        const char *subnet, *gateway, *first, *last, *one, *two;
} smalls[] = {
        { "10.2.0.0/31", "10.2.0.0", "10.2.0.0", "10.2.0.1", "10.2.0.1", "EADDRNOTAVAIL" },
        { "10.2.0.0/32", "10.2.0.0", "10.2.0.0", "10.2.0.0", "EADDRNOTAVAIL", "EADDRNOTAVAIL" },
        { "10.2.0.0/32", "", "10.2.0.0", "10.2.0.0", "10.2.0.0", "EADDRNOTAVAIL" },
        { "fd00::/127", "fd00::", "fd00::", "fd00::1", "fd00::1", "EADDRNOTAVAIL" },
        { "fd00::/128", "", "fd00::", "fd00::", "fd00::", "EADDRNOTAVAIL" },
        { "255.255.255.248/29", "255.255.255.249", "255.255.255.253", "255.255.255.254", "255.255.255.253",
                        "255.255.255.254" },
        { "fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff", "fd00::ffff:ffff:ffff:ffff",
                        "fd00::ffff:ffff:ffff:ffff", "EADDRNOTAVAIL" },
};

START_TEST(small_subnets_have_what_they_have)
{
        front.subnets[0] =
                        net_subnet(smalls[_i].subnet, smalls[_i].gateway, smalls[_i].first, smalls[_i].last);
        ck_assert_str_eq(take("a"), smalls[_i].one);
        ck_assert_str_eq(take_at("b", NULL, NULL), smalls[_i].two);
}
END_TEST

START_TEST(of_names_that_nobody_has_again_not_all_are_remembered)
{
        autofree char *text = NULL;
        char owner[64];

        front.subnets[0] = net_subnet("10.4.0.0/16", "10.4.0.1", "10.4.0.1", "10.4.255.254");
        ck_assert_int_eq(net_write_text(LEASES, ""), 0);
        {
                autofd int fd = open(LEASES, O_WRONLY | O_APPEND | O_CLOEXEC);

                for (unsigned i = 0; i < 2200; i++)
                        ck_assert_int_gt(dprintf(fd, "10.4.%u.%u ~gone%u\n", 1 + i / 250, i % 250, i), 0);
        }
        (void) take("a");
        (void) take("b");
        leave("a");
        text = strdup(net_read_text(LEASES));
        ck_assert_ptr_nonnull(strstr(text, " b\n"));
        ck_assert_ptr_nonnull(strstr(text, " ~a\n"));
        ck_assert_ptr_nonnull(strstr(text, " ~gone2199\n"));
        ck_assert_ptr_null(strstr(text, " ~gone152\n"));
        ck_assert_ptr_nonnull(strstr(text, " ~gone153\n"));
        (void) snprintf(owner, sizeof(owner), "%s", take("gone2000"));
        ck_assert_str_eq(owner, "10.4.9.0");
}
END_TEST

START_TEST(lines_that_are_none_are_passed_over)
{
        ck_assert_int_eq(net_write_text(LEASES,
                                         "\nhello\n10.1.0.9.9 a\n10.1.0.2 \n10.1.0.3 ~\n10.1.0.2 0123456789"
                                         "01234567890123456789012345678901234567890123456789012345\n"
                                         "10.1.0.4 b"),
                        0);
        net_make_record("b");
        ck_assert_str_eq(take("a"), "10.1.0.5");
        ck_assert_str_eq(net_read_text(LEASES), "10.1.0.4 b\n10.1.0.5 a\n");
}
END_TEST

START_TEST(nothing_is_wrong_with_having_none)
{
        ck_assert_int_eq(lease_release("front", "a"), 0);
        (void) take("b");
        ck_assert_int_eq(lease_release("front", "a"), 0);
        ck_assert_str_eq(net_read_text(LEASES), "10.1.0.2 b\n");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-lease");
        TCase *tc = tcase_create("lease");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, each_gets_an_address_and_nobody_the_gateways);
        tcase_add_test(tc, who_asks_again_has_what_he_has);
        tcase_add_test(tc, who_comes_back_gets_what_he_had);
        tcase_add_test(tc, what_is_free_for_longest_goes_first_when_all_were_used);
        tcase_add_test(tc, when_all_are_taken_it_says_so);
        tcase_add_test(tc, who_was_killed_before_his_record_has_nothing);
        tcase_add_test(tc, a_fixed_address_is_not_held_by_who_was_killed_before_his_record);
        tcase_add_test(tc, a_fixed_address_is_kept_for_who_has_it);
        tcase_add_test(tc, others_get_what_is_before_a_fixed_address_at_the_end);
        tcase_add_test(tc, a_fixed_address_may_be_outside_of_the_range);
        tcase_add_loop_test(tc, a_fixed_address_has_to_be_one_of_a_host, 0, ELEMENTS(wrong));
        tcase_add_test(tc, an_address_that_became_the_gateways_is_not_given_again);
        tcase_add_test(tc, an_address_out_of_a_new_range_is_not_given_again);
        tcase_add_loop_test(tc, small_subnets_have_what_they_have, 0, ELEMENTS(smalls));
        tcase_add_test(tc, of_names_that_nobody_has_again_not_all_are_remembered);
        tcase_add_test(tc, lines_that_are_none_are_passed_over);
        tcase_add_test(tc, nothing_is_wrong_with_having_none);
        suite_add_tcase(suite, tc);
        return net_main(suite);
}
