/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "generator/values/network.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { network_parse, "host", "host", NULL },
        { network_parse, "none", "none", NULL },
        { network_parse, "private", "private", NULL },
        { network_parse, "bridge", "slipway", NULL },
        { network_parse, "podman:ip=10.0.0.9", "slipway:ip=10.0.0.9", NULL },
        { network_parse, "default:", "slipway", NULL },
        { network_parse, "front", "front", NULL },
        { network_parse, "front.network:alias=a,alias=b", "front.network:alias=a,alias=b", NULL },
        { network_parse, "front:,ip6=fd00:0::0:1,,", "front:ip6=fd00::1", NULL },
        { network_parse, "front:ip=fd00::1", "front:ip6=fd00::1", NULL },
        { network_parse, "front:mac=02-AB-00-00-00-01", "front:mac=02:ab:00:00:00:01", NULL },
        { network_parse, "front:interface_name=wan0,metric=50", "front:interface_name=wan0,metric=50",
                        NULL },
        { network_parse, "front:no_default_route=1", "front:no_default_route", NULL },
        { network_parse, "front:no_default_route=0", "front", NULL },
        { network_parse, "front:ip=${IP}", "front:ip=${IP}", NULL },
        { network_parse, "${NET}", "${NET}", NULL },
        { network_parse, "net-%i:alias=%i", "net-%i:alias=%i", NULL },
        { network_parse, "ns:/run/netns/a:b", "ns:/run/netns/a:b", NULL },
        { network_parse, "ns:%t/x", "ns:%t/x", NULL },
        { network_parse, "container:web", "container:web", NULL },
        { network_parse, "web.container", "web.container", NULL },
        { network_parse, "stack.pod", "stack.pod", NULL },
        { network_parse_mac, "02:00:00:00:00:FF", "02:00:00:00:00:ff", NULL },
        { network_parse_ip, "10.0.0.1", "10.0.0.1", NULL },
        { network_parse_ip6, "FD00:0:0::1", "fd00::1", NULL },
        { network_parse_alias, "a_b.c", "a_b.c", NULL },
        { network_parse_interface, "br-lan.1_x", "br-lan.1_x", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

#define NO_OPTION(name)                                                                                \
        "there is no option '" name "' for a network; there are ip, ip6, mac, alias, interface_name, " \
        "host_interface_name, metric and no_default_route"
#define NO_NETWORK(text) "'" text "' is not a network: none, host, private, bridge or a name"

static const ValueCase bad[] = {
        { network_parse, "pasta:-T,80",
                        "not supported, 'pasta' is for who may not make networks; say 'bridge', or leave "
                        "Network= out",
                        NULL },
        { network_parse, "slirp4netns",
                        "not supported, 'slirp4netns' is for who may not make networks; say 'bridge', or "
                        "leave Network= out",
                        NULL },
        { network_parse, "host:ip=1.2.3.4", "network 'host' takes no options", NULL },
        { network_parse, "container:", "'container:' needs a container's name behind it", NULL },
        { network_parse, "container", "'container:' needs a container's name behind it", NULL },
        { network_parse, "container:../x", "'../x' is not a name", NULL },
        { network_parse, "ns:x", "'ns:' needs an absolute path behind it", NULL },
        { network_parse, "a b", NO_NETWORK("a b"), NULL },
        { network_parse, "../x", NO_NETWORK("../x"), NULL },
        { network_parse, "", NO_NETWORK(""), NULL },
        { network_parse, ":ip=1.2.3.4", NO_NETWORK(""), NULL },
        { network_parse, "-x", NO_NETWORK("-x"), NULL },
        { network_parse, "web.container:ip=1.2.3.4",
                        "there are no options when joining the network of 'web.container'", NULL },
        { network_parse, "a:b=c", NO_OPTION("b"), NULL },
        { network_parse, "a:=c", NO_OPTION(""), NULL },
        { network_parse, "a:ip", "option 'ip' needs a value", NULL },
        { network_parse, "a:ip=", "option 'ip' needs a value", NULL },
        { network_parse, "a:ip=1.2.3", "'1.2.3' is not an IPv4 address", NULL },
        { network_parse, "a:ip=1.2.3.4,ip=1.2.3.5", "option 'ip' is there twice", NULL },
        { network_parse, "a:ip=fd00::1,ip6=fd00::2", "option 'ip6' is there twice", NULL },
        { network_parse, "a:mac=-1:00:00:00:00:01",
                        "'-1:00:00:00:00:01' is not a MAC address: six bytes, as 02:00:00:00:00:01", NULL },
        { network_parse, "a:mac=01:00:00:00:00:01",
                        "'01:00:00:00:00:01' is not the MAC address of an interface: it stands for many, or "
                        "for none",
                        NULL },
        { network_parse, "a:alias=x y", "'x y' is not a host name", NULL },
        { network_parse, "a:interface_name=0123456789abcdef",
                        "'0123456789abcdef' is not the name of an interface: 1 to 15 of a-z, A-Z, 0-9, '_', "
                        "'.' and '-'",
                        NULL },
        { network_parse, "a:interface_name=..",
                        "'..' is not the name of an interface: 1 to 15 of a-z, A-Z, 0-9, '_', '.' and '-'",
                        NULL },
        { network_parse, "a:host_interface_name=v-%i",
                        "not supported, the name of an interface on the host has to be known before: 'v-%i' "
                        "is not",
                        NULL },
        { network_parse, "a:metric=-1", "'-1' is not the metric of a route: a number", NULL },
        { network_parse, "a:no_default_route=maybe", "'no_default_route=maybe' is neither 1 nor 0", NULL },
        { network_parse_ip, "::1", "'::1' is not an IPv4 address", NULL },
        { network_parse_ip6, "1.2.3.4", "'1.2.3.4' is not an IPv6 address", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

START_TEST(a_name_of_ten_kilobytes_is_none)
{
        autofree char *text = malloc(10241);
        Value value = { .text = text };
        char *result = NULL;

        memset(text, 'x', 10240);
        text[10240] = '\0';
        ck_assert_int_lt(network_parse(&value, &result, NULL), 0);
        ck_assert_int_lt(network_parse_alias(&value, &result, NULL), 0);
        ck_assert_int_lt(network_parse_interface(&value, &result, NULL), 0);
        ck_assert_ptr_null(result);
}
END_TEST

START_TEST(what_it_comes_to_can_be_told)
{
        ck_assert_int_eq(network_sort("host"), NETWORK_SORT_HOST);
        ck_assert_int_eq(network_sort("hosts"), NETWORK_SORT_NAMED);
        ck_assert_int_eq(network_sort("ns:/a"), NETWORK_SORT_NS);
        ck_assert_int_eq(network_sort("container:a"), NETWORK_SORT_CONTAINER);
        ck_assert_int_eq(network_sort("slipway:ip=10.0.0.1"), NETWORK_SORT_NAMED);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("network");
        TCase *tc = tcase_create("network");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        tcase_add_test(tc, a_name_of_ten_kilobytes_is_none);
        tcase_add_test(tc, what_it_comes_to_can_be_told);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
