/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "generator/values/network-option.h"
#include "generator/values/subnet.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { subnet_parse, "10.99.0.7/24", "10.99.0.0/24", NULL },
        { subnet_parse, "10.99.0.7/30", "10.99.0.4/30", NULL },
        { subnet_parse, "255.255.255.255/1", "128.0.0.0/1", NULL },
        { subnet_parse, "FD00:1:0::9/64", "fd00:1::/64", NULL },
        { subnet_parse, "fd00::ff/121", "fd00::80/121", NULL },
        { subnet_parse, "10.%i.0.0/24", "10.%i.0.0/24", NULL },
        { subnet_parse_address, "FD00::0001", "fd00::1", NULL },
        { subnet_parse_range, "10.0.0.16/28", "10.0.0.16/28", NULL },
        { subnet_parse_range, "10.0.0.20/28", "10.0.0.16/28", NULL },
        { subnet_parse_range, "10.0.0.20/32", "10.0.0.20/32", NULL },
        { subnet_parse_range, "10.0.0.5-10.0.0.9", "10.0.0.5-10.0.0.9", NULL },
        { subnet_parse_range, "fd00::5-fd00::5", "fd00::5-fd00::5", NULL },
        { subnet_parse_route, "0.0.0.0/0,10.0.0.1", "0.0.0.0/0,10.0.0.1", NULL },
        { subnet_parse_route, "10.1.2.3/16,10.0.0.1,007", "10.1.0.0/16,10.0.0.1,7", NULL },
        { subnet_parse_route, "10.1.2.3/32,10.0.0.1", "10.1.2.3/32,10.0.0.1", NULL },
        { subnet_parse_route, "fd00::/8", "fd00::/8", NULL },
        { subnet_parse_route, "${R}", "${R}", NULL },
        { network_parse_option, "mtu=${M}", "mtu=${M}", NULL },
        { network_parse_option, "no_default_route", "no_default_route", NULL },
        { network_parse_option, "com.docker.network.driver.mtu=1400", "mtu=1400", NULL },
        { network_parse_option, "com.docker.network.bridge.name=br0", "interface=br0", NULL },
        { network_parse_driver, "ipvlan", "ipvlan", NULL },
        { network_parse_ipam, "none", "none", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

#define NO_SUBNET(text) "'" text "' is not a subnet: ADDRESS/PREFIX, as 10.99.0.0/24"
#define NO_RANGE(text) \
        "'" text "' is not a range of addresses: ADDRESS/PREFIX or FIRST-LAST, as 10.99.0.16-10.99.0.31"

static const ValueCase bad[] = {
        { subnet_parse, "", NO_SUBNET(""), NULL },
        { subnet_parse, "10.0.0.0/", NO_SUBNET("10.0.0.0/"), NULL },
        { subnet_parse, "10.0.0.0/24/1", NO_SUBNET("10.0.0.0/24/1"), NULL },
        { subnet_parse, "10.0.0.0/-1", NO_SUBNET("10.0.0.0/-1"), NULL },
        { subnet_parse, "fd00::/129", NO_SUBNET("fd00::/129"), NULL },
        { subnet_parse, "/24", NO_SUBNET("/24"), NULL },
        { subnet_parse, "::/0", NO_SUBNET("::/0"), NULL },
        { subnet_parse, "fd00::/127", "'fd00::/127' has no room for a gateway and a container", NULL },
        { subnet_parse_address, "10.0.0.1/32", "'10.0.0.1/32' is not an address: IPv4 or IPv6", NULL },
        { subnet_parse_range, "10.0.0.9-10.0.0.5", NO_RANGE("10.0.0.9-10.0.0.5"), NULL },
        { subnet_parse_range, "10.0.0.9-fd00::1", NO_RANGE("10.0.0.9-fd00::1"), NULL },
        { subnet_parse_range, "10.0.0.9/30-10.0.0.11", NO_RANGE("10.0.0.9/30-10.0.0.11"), NULL },
        { subnet_parse_range, "10.0.0.9", NO_RANGE("10.0.0.9"), NULL },
        { subnet_parse_range, "-", NO_RANGE("-"), NULL },
        { subnet_parse_route, "10.0.0.0/8,", "'' is not the address of a gateway", NULL },
        { subnet_parse_route, "10.0.0.0/8,10.0.0.1,", "'' is not the metric of a route: a number", NULL },
        { subnet_parse_route, "10.0.0.0/8,10.0.0.1,1,2", "'1,2' is not the metric of a route: a number",
                        NULL },
        { network_parse_option, "mtu", "'' is not the size of a packet: 68 to 65535", NULL },
        { network_parse_option, "=x",
                        "there is no option '' for a network; there are isolate, mtu, vlan, metric, "
                        "no_default_route, mode, parent and bclim",
                        NULL },
        { network_parse_option, "parent=../eth0",
                        "'../eth0' is not the name of an interface: 1 to 15 of a-z, A-Z, 0-9, '_', '.' and "
                        "'-'",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

START_TEST(ten_kilobytes_are_neither_subnet_nor_range_nor_route)
{
        autofree char *text = malloc(10241);
        Value value = { .text = text };
        Address first, last;
        char *result = NULL;

        memset(text, '1', 10240);
        text[10240] = '\0';
        ck_assert_int_lt(subnet_read_range(text, &first, &last), 0);
        ck_assert_int_lt(subnet_parse(&value, &result, NULL), 0);
        ck_assert_int_lt(subnet_parse_route(&value, &result, NULL), 0);
        ck_assert_int_lt(network_parse_option(&value, &result, NULL), 0);
        ck_assert_ptr_null(result);
}
END_TEST

static const struct {
        const char *option, *driver, *fault; /* NULL when it is fine */
} options[] = {
        { "mtu=1400", NULL, NULL },
        { "mtu=1400", "wireguard", NULL },
        { "vlan=7", "macvlan", "a network of driver 'macvlan' has no option 'vlan'" },
        { "parent=eth0", NULL, "a network of driver 'bridge' has no option 'parent'" },
        { "mode=vepa", "macvlan", NULL },
        { "mode=vepa", "ipvlan", "'vepa' is not a mode of ipvlan: l2, l3 or l3s" },
        { "mode=%i", "ipvlan", NULL },
        { "mode=unmanaged", "bridge",
                        "'unmanaged' is not managed, the only mode of a bridge that Slipway has made" },
};

START_TEST(a_driver_has_options_of_its_own)
{
        Fault fault = {};
        int r = network_option_check(options[_i].option, options[_i].driver, &fault);

        ck_assert_int_eq(r < 0, options[_i].fault != NULL);
        ck_assert_str_eq(fault.text, options[_i].fault ? options[_i].fault : "");
}
END_TEST

START_TEST(options_are_in_the_order_of_their_keys)
{
        const char *list[] = { "mtu=1", "bclim=2", "m", "mtu" };

        qsort(list, 3, sizeof(list[0]), network_option_compare);
        ck_assert_str_eq(list[0], "bclim=2");
        ck_assert_str_eq(list[1], "m");
        ck_assert_int_eq(network_option_compare(&list[2], &list[3]), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("subnet");
        TCase *tc = tcase_create("subnet");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        tcase_add_test(tc, ten_kilobytes_are_neither_subnet_nor_range_nor_route);
        tcase_add_loop_test(tc, a_driver_has_options_of_its_own, 0, ELEMENTS(options));
        tcase_add_test(tc, options_are_in_the_order_of_their_keys);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
