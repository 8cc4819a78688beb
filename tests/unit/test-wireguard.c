/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/wireguard-config.h"
#include "tests/suite.h"

#define KEY "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
#define OTHER "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define INTERFACE "[Interface]\nPrivateKey = " KEY "\nAddress = 10.66.0.1/24\n"

START_TEST(a_file_is_taken_to_pieces)
{
        static const char text[] =
                        "# of a\r\n[interface]\r\nPrivateKey=" KEY "\nlistenport = 51820 # so\n"
                        "Address = 10.66.0.1/24,fd66::1\nAddress=10.67.0.1/16\nDNS = 10.66.0.9, "
                        "a.example\nMTU = 1380\n"
                        "SaveConfig = false\n\n[Peer]\nPublicKey = " OTHER "\nPresharedKey = " KEY "\n"
                        "AllowedIPs = 10.66.0.7/24, 0.0.0.0/0\nAllowedIPs = fd66::/64\nEndpoint = "
                        "a.example:7\n"
                        "[Peer]\nPublicKey = " KEY "\nAllowedIPs = 10.66.0.0/24, 10.68.0.1\n";
        AUTO(wireguard_config_done) WireguardConfig config = {};
        autofree char *servers = NULL, *searches = NULL;
        char routes[512] = "", one[ADDRESS_TEXT_MAX];
        Fault fault = {};

        ck_assert_int_eq(wireguard_config_parse(text, "a.conf", &config, &fault), 0);
        ck_assert_str_eq(config.text,
                        "[Interface]\nPrivateKey = " KEY "\nListenPort = 51820\n[Peer]\nPublicKey = " OTHER
                        "\nPresharedKey = " KEY "\nAllowedIPs = 10.66.0.7/24, 0.0.0.0/0\nAllowedIPs = "
                        "fd66::/64\nEndpoint = a.example:7\n"
                        "[Peer]\nPublicKey = " KEY "\nAllowedIPs = 10.66.0.0/24, 10.68.0.1\n");
        ck_assert_uint_eq(config.n_addresses, 3);
        ck_assert_str_eq(prefix_format(&config.addresses[0], one), "10.66.0.1/24");
        ck_assert_str_eq(prefix_format(&config.addresses[1], one), "fd66::1/128");
        for (size_t i = 0; i < config.n_routes; i++)
                (void) snprintf(routes + strlen(routes), sizeof(routes) - strlen(routes), "%s ",
                                prefix_format(&config.routes[i], one));
        ck_assert_str_eq(routes, "10.66.0.0/24 0.0.0.0/0 fd66::/64 10.68.0.1/32 ");
        servers = strv_join(config.servers, " ");
        searches = strv_join(config.searches, " ");
        ck_assert_str_eq(servers, "10.66.0.9");
        ck_assert_str_eq(searches, "a.example");
        ck_assert_uint_eq(config.mtu, 1380);
        ck_assert_uint_eq(strv_length(config.secrets), 2);
        /* What goes wrong later is not of this file. */
        ck_assert_str_eq(fault.path, "");
}
END_TEST

static const struct {
        const char *text;
        unsigned line;
        const char *key, *why;
} wrong[] = {
        { "[Interface]\nPrivateKey = " KEY "x\n", 2, "PrivateKey", "it is not a key" },
        { "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBml=\n", 2, "PrivateKey",
                        "it is not a key" },
        { "[Interface]\n" KEY "\n", 2, "", "there is no such key in [Interface]" },
        { "PrivateKey = " KEY "\n", 1, "", "in no section" },
        { "[Interface]\nyAnz5TF\n", 2, "", "no KEY = VALUE" },
        { "[Else]\n", 1, "", "there is no section '[Else]'" },
        { "[Interface]\nAddress = 10.66.0.1\n", 0, "", "there is no PrivateKey=" },
        { "[Interface]\nPrivateKey = " KEY "\n", 0, "", "there is no Address=" },
        { INTERFACE "Address = 10.66.0.1/33\n", 4, "Address", "'10.66.0.1/33' is not an address" },
        { INTERFACE "Table = off\n", 4, "Table", "a table of routes of its own" },
        { INTERFACE "PostUp = reboot\n", 4, "PostUp", "commands of root's" },
        { INTERFACE "PreDown = reboot\n", 4, "PreDown", "commands of root's" },
        { INTERFACE "SaveConfig = true\n", 4, "SaveConfig", "not supported" },
        { INTERFACE "ListenPort = 70000\n", 4, "ListenPort", "is not a port" },
        { INTERFACE "FwMark = x\n", 4, "FwMark", "is not a mark" },
        { INTERFACE "MTU = 10\n", 4, "MTU", "is not a size" },
        { INTERFACE "DNS = a b\n", 4, "DNS", "'a b' is not the address of a server" },
        { INTERFACE "PublicKey = " OTHER "\n", 4, "", "there is no such key in [Interface]" },
        { INTERFACE "[Peer]\nAllowedIPs = ::/0\n[Peer]\n", 6, "", "a [Peer] has no PublicKey=" },
        { INTERFACE "[Peer]\nAllowedIPs = ::/0\n", 0, "", "a [Peer] has no PublicKey=" },
        { INTERFACE "[Peer]\nAllowedIPs = ::/129\n", 5, "AllowedIPs", "'::/129' is not a network" },
        { INTERFACE "[Peer]\nEndpoint = a.example\n", 5, "Endpoint", "is not HOST:PORT" },
        { INTERFACE "[Peer]\nPersistentKeepalive = 1h\n", 5, "PersistentKeepalive",
                        "is not a number of seconds" },
        { INTERFACE "[Peer]\nEndpoint = a\x1b:1\n", 5, "", "a control character" },
};

START_TEST(a_line_that_is_wrong_is_told_without_a_key)
{
        WireguardConfig config = {};
        Fault fault = {};

        ck_assert_int_lt(wireguard_config_parse(wrong[_i].text, "a.conf", &config, &fault), 0);
        ck_assert_ptr_null(config.text);
        ck_assert_msg(strstr(fault.text, wrong[_i].why), "'%s' lacks '%s'", fault.text, wrong[_i].why);
        ck_assert_str_eq(fault.path, "a.conf");
        ck_assert_uint_eq(fault.line, wrong[_i].line);
        ck_assert_str_eq(fault.key, wrong[_i].key);
        ck_assert_ptr_null(strstr(fault.text, "yAnz5TF+lXX"));
}
END_TEST

START_TEST(a_file_that_everybody_can_read_is_refused)
{
        char path[] = "/tmp/test-wireguard-XXXXXX";
        AUTO(wireguard_config_done) WireguardConfig config = {};
        autofd int fd = mkstemp(path);
        Fault fault = {};

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, INTERFACE, strlen(INTERFACE)), (ssize_t) strlen(INTERFACE));
        ck_assert_int_eq(wireguard_config_read(path, &config, NULL), 0);
        wireguard_config_done(&config);
        ck_assert_int_eq(fchmod(fd, 0644), 0);
        ck_assert_int_eq(wireguard_config_read(path, &config, &fault), -EPERM);
        ck_assert_ptr_nonnull(strstr(fault.text, "everybody can read it; 'chmod 600 "));
        (void) unlink(path);
        ck_assert_int_eq(wireguard_config_read(path, &config, NULL), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("wireguard");
        TCase *tc = tcase_create("wireguard");

        tcase_add_test(tc, a_file_is_taken_to_pieces);
        tcase_add_loop_test(tc, a_line_that_is_wrong_is_told_without_a_key, 0, ELEMENTS(wrong));
        tcase_add_test(tc, a_file_that_everybody_can_read_is_refused);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
