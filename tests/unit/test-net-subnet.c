/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "nspawn-glue/net/subnet.h"
#include "tests/unit/net.h"

static LinkSession *session;
static int lock = -1;

static void setup(void) {
        net_enter();
        ck_assert_int_eq(net_lock(&lock, NULL), 0);
        ck_assert_int_eq(link_session_open(&session, NULL), 0);
}

static void teardown(void) {
        link_session_close(session);
        (void) close(lock);
}

static const char *settle(Network *network, Fault *fault) {
        static char text[ADDRESS_TEXT_MAX];
        int r = subnet_settle(session, network, 0, fault);

        if (r < 0)
                return strerrorname_np(-r);
        return network->n_subnets == 0 ? "" : prefix_format(&network->subnets[0].prefix, text);
}

static Network wish(const char *name, const char *subnet) {
        Network network = { .interface = "sw-test" };

        (void) snprintf(network.name, sizeof(network.name), "%s", name);
        if (*subnet)
                network.subnets[network.n_subnets++].prefix = net_prefix(subnet);
        return network;
}

/* An interface of the machine with an address. */
static void connect_machine(const char *name, const char *prefix) {
        const BridgeSettings settings = { .name = name, .alias = "test" };
        Prefix address = net_prefix(prefix);
        int index = link_add_bridge(session, &settings);

        ck_assert_int_gt(index, 0);
        ck_assert_int_eq(link_set_up(session, index), 0);
        ck_assert_int_eq(link_add_address(session, index, &address), 0);
}

static const struct {
        const char *subnet, *whole, *gateway, *first, *last;
} defaults[] = {
        { "10.1.0.0/24", "10.1.0.0/24", "10.1.0.1", "10.1.0.1", "10.1.0.254" },
        { "10.1.0.77/24", "10.1.0.0/24", "10.1.0.1", "10.1.0.1", "10.1.0.254" },
        { "10.1.0.0/30", "10.1.0.0/30", "10.1.0.1", "10.1.0.1", "10.1.0.2" },
        { "10.1.0.3/31", "10.1.0.2/31", "10.1.0.2", "10.1.0.2", "10.1.0.3" },
        { "10.1.0.2/32", "10.1.0.2/32", "10.1.0.2", "10.1.0.2", "10.1.0.2" },
        { "fd00::/64", "fd00::/64", "fd00::1", "fd00::1", "fd00::ffff:ffff:ffff:ffff" },
        { "fd00::3/127", "fd00::2/127", "fd00::2", "fd00::2", "fd00::3" },
        { "fd00::2/128", "fd00::2/128", "fd00::2", "fd00::2", "fd00::2" },
        { "0.0.0.0/0", "0.0.0.0/0", "0.0.0.1", "0.0.0.1", "255.255.255.254" },
};

START_TEST(what_was_not_given_is_filled_in)
{
        Network network = wish("front", defaults[_i].subnet);

        ck_assert_str_eq(settle(&network, NULL), defaults[_i].whole);
        ck_assert_str_eq(net_text(&network.subnets[0].gateway), defaults[_i].gateway);
        ck_assert_str_eq(net_text(&network.subnets[0].first), defaults[_i].first);
        ck_assert_str_eq(net_text(&network.subnets[0].last), defaults[_i].last);
        ck_assert(!network.subnets[0].is_chosen);
        ck_assert_str_eq(net_read_text(NET_CHOSEN "/front"), "");
}
END_TEST

static const struct {
        const char *first, *last, *first_after, *last_after;
} ranges[] = {
        { "10.1.0.0", "10.1.0.127", "10.1.0.1", "10.1.0.127" },
        { "10.1.0.128", "10.1.0.255", "10.1.0.128", "10.1.0.254" },
        { "10.1.0.0", "10.1.0.255", "10.1.0.1", "10.1.0.254" },
        { "10.1.0.5", "10.1.0.9", "10.1.0.5", "10.1.0.9" },
};

START_TEST(a_range_has_none_that_nobody_can_have)
{
        Network network = wish("front", "10.1.0.0/24");

        network.subnets[0].first = net_address(ranges[_i].first);
        network.subnets[0].last = net_address(ranges[_i].last);
        network.subnets[0].gateway = net_address("10.1.0.7");
        ck_assert_str_eq(settle(&network, NULL), "10.1.0.0/24");
        ck_assert_str_eq(net_text(&network.subnets[0].first), ranges[_i].first_after);
        ck_assert_str_eq(net_text(&network.subnets[0].last), ranges[_i].last_after);
        ck_assert_str_eq(net_text(&network.subnets[0].gateway), "10.1.0.7");
}
END_TEST

START_TEST(what_stands_on_the_machines_own_network_has_no_gateway_of_ours)
{
        Network network = wish("front", "10.1.0.0/24");

        network.driver = DRIVER_MACVLAN;
        connect_machine("lan", "10.1.0.9/24");
        ck_assert_str_eq(settle(&network, NULL), "10.1.0.0/24");
        ck_assert(!address_is_set(&network.subnets[0].gateway));
}
END_TEST

START_TEST(a_subnet_is_chosen_and_chosen_again)
{
        Network network = wish("front", ""), again = wish("front", ""), other = wish("back", "");
        char *chosen = NULL;

        chosen = strdup(settle(&network, NULL));
        ck_assert_str_eq(chosen, "10.209.0.0/24");
        ck_assert(network.subnets[0].is_chosen);
        ck_assert_int_eq(network_write(&network), 0);
        ck_assert_str_eq(settle(&other, NULL), "10.209.1.0/24");
        net_remove(NET_NETWORKS, "front");
        ck_assert_int_eq(network_write(&other), 0);
        ck_assert_str_eq(settle(&again, NULL), chosen);
        free(chosen);

        subnet_forget("front");
        again = wish("front", "");
        other = wish("third", "10.209.0.0/24");
        (void) settle(&other, NULL);
        ck_assert_int_eq(network_write(&other), 0);
        ck_assert_str_eq(settle(&again, NULL), "10.209.2.0/24");
}
END_TEST

START_TEST(what_was_chosen_gives_way_to_the_machines_networks)
{
        Network network = wish("front", "");

        ck_assert_str_eq(settle(&network, NULL), "10.209.0.0/24");
        connect_machine("lan", "10.209.0.77/23");
        network = wish("front", "");
        ck_assert_str_eq(settle(&network, NULL), "10.209.2.0/24");
        ck_assert_ptr_nonnull(strstr(net_read_text(NET_CHOSEN "/front"), "10.209.2.0/24"));
}
END_TEST

START_TEST(the_network_without_a_file_is_larger)
{
        Network network = wish(NETWORK_DEFAULT, "");

        ck_assert_str_eq(settle(&network, NULL), "10.208.0.0/16");
        connect_machine("lan", "10.208.9.9/32");
        network = wish(NETWORK_DEFAULT, "");
        ck_assert_str_eq(settle(&network, NULL), "10.219.0.0/16");
}
END_TEST

START_TEST(ipv6_comes_besides_where_it_is_wanted)
{
        Network network = wish("front", ""), again = wish("front", ""), given = wish("third", "fd01::/64");
        const Subnet *six;

        network.wants_ipv6 = again.wants_ipv6 = given.wants_ipv6 = true;
        (void) settle(&network, NULL);
        ck_assert_uint_eq(network.n_subnets, 2);
        six = &network.subnets[1];
        ck_assert_uint_eq(six->prefix.length, 64);
        ck_assert_uint_eq(six->prefix.address.bytes[0], 0xfd);
        (void) settle(&again, NULL);
        ck_assert_int_eq(address_compare(&again.subnets[1].prefix.address, &six->prefix.address), 0);
        (void) settle(&given, NULL);
        ck_assert_uint_eq(given.n_subnets, 1);
}
END_TEST

START_TEST(who_gives_no_addresses_has_no_subnet)
{
        Network network = wish("front", "");

        network.no_ipam = true;
        ck_assert_str_eq(settle(&network, NULL), "");
}
END_TEST

START_TEST(what_another_network_has_is_refused)
{
        Network one = wish("front", "10.1.0.0/16"), two = wish("back", "10.1.9.0/24");
        Fault fault = {};

        (void) settle(&one, NULL);
        ck_assert_int_eq(network_write(&one), 0);
        ck_assert_str_eq(settle(&two, &fault), "EADDRINUSE");
        ck_assert_str_eq(fault.text, "cannot find a subnet for network 'back': the subnet 10.1.9.0/24 of "
                                     "network 'back' has "
                                     "addresses of network 'front'; choose another one, or leave "
                                     "Subnet= out");
}
END_TEST

START_TEST(what_the_machine_has_is_refused)
{
        Network network = wish("front", "10.1.0.0/16");
        Fault fault = {};

        connect_machine("lan", "10.1.7.7/24");
        ck_assert_str_eq(settle(&network, &fault), "EADDRINUSE");
        ck_assert_ptr_nonnull(strstr(fault.text, "in use on this machine"));
}
END_TEST

START_TEST(what_was_chosen_and_is_damaged_does_not_matter)
{
        static const char *const texts[] = { "", "[]", "{\"subnets\":7}",
                "{\"subnets\":[7,\"x\",\"fd00::/64\"]}" };
        Network network = wish("front", "");

        ck_assert_int_eq(io_mkdir_p(NET_CHOSEN, 0755), 0);
        ck_assert_int_eq(net_write_text(NET_CHOSEN "/front", texts[_i]), 0);
        ck_assert_str_eq(settle(&network, NULL), "10.209.0.0/24");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-subnet");
        TCase *tc = tcase_create("subnet");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_loop_test(tc, what_was_not_given_is_filled_in, 0, ELEMENTS(defaults));
        tcase_add_loop_test(tc, a_range_has_none_that_nobody_can_have, 0, ELEMENTS(ranges));
        tcase_add_test(tc, what_stands_on_the_machines_own_network_has_no_gateway_of_ours);
        tcase_add_test(tc, a_subnet_is_chosen_and_chosen_again);
        tcase_add_test(tc, what_was_chosen_gives_way_to_the_machines_networks);
        tcase_add_test(tc, the_network_without_a_file_is_larger);
        tcase_add_test(tc, ipv6_comes_besides_where_it_is_wanted);
        tcase_add_test(tc, who_gives_no_addresses_has_no_subnet);
        tcase_add_test(tc, what_another_network_has_is_refused);
        tcase_add_test(tc, what_the_machine_has_is_refused);
        tcase_add_loop_test(tc, what_was_chosen_and_is_damaged_does_not_matter, 0, 4);
        suite_add_tcase(suite, tc);
        return net_main(suite);
}
