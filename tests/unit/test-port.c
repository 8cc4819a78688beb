/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/port.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { port_parse_publish, "80", "80", NULL },
        { port_parse_publish, "8080:80", "8080:80", NULL },
        { port_parse_publish, "80/udp", "80/udp", NULL },
        { port_parse_publish, "80/sctp", "80/sctp", NULL },
        { port_parse_publish, "1-2:3-4", "1-2:3-4", NULL },
        { port_parse_publish, "127.0.0.1:80:80", "127.0.0.1:80:80", NULL },
        { port_parse_publish, "127.0.0.1::80", "127.0.0.1::80", NULL },
        { port_parse_publish, ":80", "80", NULL },
        { port_parse_publish, "080:0080/TCP", "80:80", NULL },
        { port_parse_publish, "[0:0::1]:53:53/UDP", "[::1]:53:53/udp", NULL },
        { port_parse_publish, "5-5:6", "5:6", NULL },
        { port_parse_publish, "[::1]:80:80", "[::1]:80:80", NULL },
        { port_parse_publish, "[::]::80-90/tcp", "[::]::80-90", NULL },
        { port_parse_publish, "65535", "65535", NULL },
        { port_parse_publish, "${P}:80", "${P}:80", NULL },
        { port_parse_publish, "%i:80", "%i:80", NULL },
        { port_parse_expose, "80", "80", NULL },
        { port_parse_expose, "80-90/udp", "80-90/udp", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { port_parse_publish, "0", "'0' is not a port from 1 to 65535", NULL },
        { port_parse_publish, "65536", "'65536' is not a port from 1 to 65535", NULL },
        { port_parse_publish, "", "'' is not a port from 1 to 65535", NULL },
        { port_parse_publish, "80:", "'' is not a port from 1 to 65535", NULL },
        { port_parse_publish, "2-1", "the range '2-1' ends before it begins", NULL },
        { port_parse_publish, "1-2:3", "'1-2:3' has not as many ports on the host as in the container",
                        NULL },
        { port_parse_publish, "x:1:1", "'x' is not an address to listen on: IPv4, or IPv6 in brackets",
                        NULL },
        { port_parse_publish, "::1:80:80", "'::1' is not an address to listen on: IPv4, or IPv6 in brackets",
                        NULL },
        { port_parse_publish, "[1.2.3.4]:1:1",
                        "'1.2.3.4' is not an address to listen on: IPv4, or IPv6 in brackets", NULL },
        { port_parse_publish, "80/", "'' is not a protocol: tcp, udp or sctp", NULL },
        { port_parse_publish, "+80", "'+80' is not a port from 1 to 65535", NULL },
        { port_parse_expose, "80/sctp", "'sctp' is not a protocol: tcp or udp", NULL },
        { port_parse_expose, "a", "'a' is not a port from 1 to 65535", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

START_TEST(a_port_has_all_its_parts)
{
        Port port = {};

        ck_assert_int_eq(port_parse("[fe80::1]:7000-7010:8000-8010/udp", &port, NULL), 0);
        ck_assert_str_eq(port.address, "fe80::1");
        ck_assert_uint_eq(port.host.first, 7000);
        ck_assert_uint_eq(port.host.last, 7010);
        ck_assert_uint_eq(port.container.first, 8000);
        ck_assert_uint_eq(port.container.last, 8010);
        ck_assert_str_eq(port.protocol, "udp");

        ck_assert_int_eq(port_parse("127.0.0.1::80", &port, NULL), 0);
        ck_assert_uint_eq(port.host.first, 0);
        ck_assert_str_eq(port.protocol, "tcp");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("port");
        TCase *tc = tcase_create("port");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        tcase_add_test(tc, a_port_has_all_its_parts);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
