/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/pod-options.h"
#include "nspawn-glue/net/request.h"
#include "nspawn-glue/net/up-options.h"
#include "tests/unit/net.h"

/* --- networks that are asked for --- */

START_TEST(a_name_alone_asks_for_nothing_else)
{
        AUTO(network_request_done) NetworkRequest request = {};

        ck_assert_int_eq(network_request_parse("front", &request, NULL), 0);
        ck_assert_str_eq(request.network, "front");
        ck_assert_str_eq(request.interface, "");
        ck_assert(!address_is_set(&request.fixed[0]) && !address_is_set(&request.fixed[1]));
        ck_assert_uint_eq(request.metric, 0);
        ck_assert(!request.no_default_route);
        ck_assert_ptr_null(request.aliases);
}
END_TEST

START_TEST(options_are_taken)
{
        AUTO(network_request_done) NetworkRequest request = {};

        ck_assert_int_eq(network_request_parse(
                                         "my.net_1-x:ip=10.0.0.9,ip6=fd00::9,mac=02-42-AC-11-00-02,alias=a,"
                                         "alias=b.c,interface_name=wan0,metric=7,no_default_route=1",
                                         &request, NULL),
                        0);
        ck_assert_str_eq(request.network, "my.net_1-x");
        ck_assert_str_eq(net_text(&request.fixed[0]), "10.0.0.9");
        ck_assert_str_eq(net_text(&request.fixed[1]), "fd00::9");
        ck_assert_mem_eq(request.mac, "\x02\x42\xac\x11\x00\x02", 6);
        ck_assert_str_eq(request.aliases[0], "a");
        ck_assert_str_eq(request.aliases[1], "b.c");
        ck_assert_ptr_null(request.aliases[2]);
        ck_assert_str_eq(request.interface, "wan0");
        ck_assert_uint_eq(request.metric, 7);
        ck_assert(request.no_default_route);
}
END_TEST

START_TEST(an_address_goes_where_its_family_is)
{
        AUTO(network_request_done) NetworkRequest request = {};

        ck_assert_int_eq(network_request_parse("a:,ip=fd00::1,,no_default_route=0,", &request, NULL), 0);
        ck_assert(!address_is_set(&request.fixed[0]));
        ck_assert_str_eq(net_text(&request.fixed[1]), "fd00::1");
        ck_assert(!request.no_default_route);
}
END_TEST

START_TEST(one_of_cni_has_its_name_behind_a_colon)
{
        AUTO(network_request_done) NetworkRequest bare = {}, fixed = {};
        AUTO(network_done) Network network = {};

        ck_assert_int_eq(network_request_parse("cni:front", &bare, NULL), 0);
        ck_assert_str_eq(bare.network, "cni:front");
        ck_assert_int_eq(network_request_parse("cni:a.b:ip=10.0.0.9", &fixed, NULL), 0);
        ck_assert_str_eq(fixed.network, "cni:a.b");
        ck_assert_str_eq(net_text(&fixed.fixed[0]), "10.0.0.9");
        ck_assert_int_eq(network_read("cni:a.b", &network, NULL), 0);
        ck_assert_int_eq(network.driver, DRIVER_CNI);
        ck_assert_str_eq(network.name, "cni:a.b");
}
END_TEST

#define OPTIONS "; there are ip, ip6, mac, alias, interface_name, metric and no_default_route"

static const struct {
        const char *text, *fault;
} wrong_requests[] = {
        { "", "'' is no name of a network" },
        { ":ip=10.0.0.1", "'' is no name of a network" },
        { "../x", "'../x' is no name of a network" },
        { ".x", "'.x' is no name of a network" },
        { "-x", "'-x' is no name of a network" },
        { "a b", "'a b' is no name of a network" },
        { "a+b", "'a+b' is no name of a network" },
        { "a\nb", "'a?b' is no name of a network" },
        { "cni:", "'cni:' is no name of a network" },
        { "cni:../x", "'cni:../x' is no name of a network" },
        { "cni::ip=10.0.0.1", "'cni:' is no name of a network" },
        { "a:ip=10.0.0", "ip=10.0.0 is not an address" },
        { "a:ip", "ip= is not an address" },
        { "a:ip=10.0.0.1/24", "ip=10.0.0.1/24 is not an address" },
        { "a:ip=010.0.0.1", "ip=010.0.0.1 is not an address" },
        { "a:mac=02:42:ac:11:00", "mac=02:42:ac:11:00 is not the address of one interface" },
        { "a:mac=03:42:ac:11:00:02", "mac=03:42:ac:11:00:02 is not the address of one interface" },
        { "a:mac=00:00:00:00:00:00", "mac=00:00:00:00:00:00 is not the address of one interface" },
        { "a:mac= 2:42:ac:11:00:02", "mac= 2:42:ac:11:00:02 is not the address of one interface" },
        { "a:mac=0::42:ac:11:00:02", "mac=0::42:ac:11:00:02 is not the address of one interface" },
        { "a:alias=", "alias= is not a host name" },
        { "a:alias=a b", "alias=a b is not a host name" },
        { "a:alias=a#b", "alias=a#b is not a host name" },
        { "a:alias=a..b", "alias=a..b is not a host name" },
        { "a:alias=a.", "alias=a. is not a host name" },
        { "a:alias=-a", "alias=-a is not a host name" },
        { "a:interface_name=",
                        "interface_name= is not the name of an interface: at most 15 letters, digits, "
                        "'_', '.' and '-'" },
        { "a:interface_name=sixteen-letters_", "interface_name=sixteen-letters_ is not the name of an "
                                               "interface: at most 15 letters, "
                                               "digits, '_', '.' and '-'" },
        { "a:interface_name=..", "interface_name=.. is not the name of an interface: at most 15 letters, "
                                 "digits, '_', '.' and '-'" },
        { "a:interface_name=all", "interface_name=all is not the name of an interface: at most 15 letters, "
                                  "digits, '_', '.' and '-'" },
        { "a:interface_name=a/b", "interface_name=a/b is not the name of an interface: at most 15 letters, "
                                  "digits, '_', '.' and '-'" },
        { "a:metric=-1", "metric=-1 is not a number" },
        { "a:metric=4294967296", "metric=4294967296 is not a number" },
        { "a:metric=99999999999999999999999", "metric=99999999999999999999999 is not a number" },
        { "a:metric=1x", "metric=1x is not a number" },
        { "a:=1", "a network has no option ''" OPTIONS },
        { "a:IP=10.0.0.1", "a network has no option 'IP'" OPTIONS },
};

START_TEST(what_is_wrong_in_a_request_is_told)
{
        NetworkRequest request = { .metric = 42 };
        Fault fault = {};

        ck_assert_int_eq(network_request_parse(wrong_requests[_i].text, &request, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, wrong_requests[_i].fault);
        ck_assert_uint_eq(request.metric, 42);
}
END_TEST

/* A word of @n times a letter behind a beginning. */
static char *long_word(const char *begin, size_t n) {
        size_t length = strlen(begin);
        char *word = malloc(length + n + 1);

        ck_assert_ptr_nonnull(word);
        (void) strcpy(word, begin);
        memset(word + length, 'a', n);
        word[length + n] = '\0';
        return word;
}

START_TEST(long_words_are_refused)
{
        static const char *const begins[] = { "",
                "a:", "a:ip=", "a:mac=", "a:alias=", "a:interface_name=", "a:metric=1" };
        autofree char *word = long_word(begins[_i], 10240);
        NetworkRequest request;
        Fault fault = {};

        ck_assert_int_eq(network_request_parse(word, &request, &fault), -EINVAL);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

START_TEST(a_name_has_at_most_128_letters)
{
        autofree char *good = long_word("", 128), *bad = long_word("", 129);

        ck_assert(network_name_is_valid(good));
        ck_assert(!network_name_is_valid(bad));
}
END_TEST

/* --- slipway-net up --- */

static int parse_up(Network *network, Fault *fault, const char *const *words) {
        autostrv char **argv = NULL;

        for (; *words; words++)
                ck_assert_int_eq(strv_append(&argv, *words), 0);
        return up_options_parse(argv ? argv : (char *[]){ NULL }, network, fault);
}

START_TEST(a_network_may_be_a_name_alone)
{
        AUTO(network_done) Network network = {};

        ck_assert_int_eq(parse_up(&network, NULL, (const char *[]){ "front", NULL }), 0);
        ck_assert_str_eq(network.name, "front");
        ck_assert_int_eq(network.driver, DRIVER_BRIDGE);
        ck_assert_uint_eq(network.n_subnets, 0);
        ck_assert(!network.internal && !network.no_names && !network.wants_ipv6 && !network.refuses_ipv6);
}
END_TEST

START_TEST(everything_can_be_said_of_a_network)
{
        static const char *const words[] = { "front", "--driver=bridge", "--interface=br0",
                "--subnet=10.9.0.7/24", "--gateway=10.9.0.254", "--ip-range=10.9.0.16/28",
                "--subnet=fd00::/64", "--ip-range=fd00::5-fd00::9", "--ipv6=yes", "--internal",
                "--ipam=host-local", "--dns=10.9.0.3", "--dns=fd00::3", "--no-dns", "--resolver",
                "--option=isolate=strict", "--option=mtu=1400", "--option=vlan=4094", "--option=metric=5",
                "--option=no_default_route", "--route=10.0.0.0/8", "--route=0.0.0.0/0,10.9.0.2,9",
                "--label=a=b", "--label=c", NULL };
        AUTO(network_done) Network network = {};
        Fault fault = {};

        ck_assert_int_eq(parse_up(&network, &fault, words), 0);
        /* What goes wrong later is not the last option's fault. */
        ck_assert_str_eq(fault.key, "");
        ck_assert_str_eq(network.interface, "br0");
        ck_assert_uint_eq(network.n_subnets, 2);
        ck_assert_str_eq(net_text(&network.subnets[0].prefix.address), "10.9.0.0");
        ck_assert_str_eq(net_text(&network.subnets[0].gateway), "10.9.0.254");
        ck_assert_str_eq(net_text(&network.subnets[0].first), "10.9.0.16");
        ck_assert_str_eq(net_text(&network.subnets[0].last), "10.9.0.31");
        ck_assert(!address_is_set(&network.subnets[1].gateway));
        ck_assert_str_eq(net_text(&network.subnets[1].last), "fd00::9");
        ck_assert(network.wants_ipv6 && network.internal && network.no_names && network.resolver);
        ck_assert(!network.no_ipam && network.no_default_route);
        ck_assert_uint_eq(strv_length(network.servers), 2);
        ck_assert_int_eq(network.isolation, ISOLATION_STRICT);
        ck_assert_uint_eq(network.mtu, 1400);
        ck_assert_uint_eq(network.vlan, 4094);
        ck_assert_uint_eq(network.metric, 5);
        ck_assert_uint_eq(network.n_routes, 2);
        ck_assert_uint_eq(network.routes[1].metric, 9);
        ck_assert_uint_eq(strv_length(network.labels), 2);
}
END_TEST

static const struct {
        const char *words[6];
        const char *fault;
} wrong_ups[] = {
        { { NULL }, "'' is no name of a network" },
        { { "../front" }, "'../front' is no name of a network" },
        { { "front", "back" }, "'back' is one word too many" },
        { { "front", "--subnets=x" }, "there is no option '--subnets=x'" },
        { { "front", "--subnet" }, "--subnet takes a value" },
        { { "front", "--internal=yes" }, "--internal takes no value" },
        { { "front", "--driver=host" }, "'host' is not a driver: bridge, macvlan, ipvlan or wireguard" },
        { { "front", "--driver=cni" }, "'cni' is not a driver: bridge, macvlan, ipvlan or wireguard" },
        { { "front", "--config=/etc/wg.conf" }, "--config= is for --driver=wireguard" },
        { { "front", "--driver=wireguard" },
                        "a network of driver wireguard needs --config=, a file as wg-quick(8) reads it" },
        { { "front", "--driver=wireguard", "--config=wg.conf" },
                        "'wg.conf' is not an absolute path of at most 255 bytes" },
        { { "front", "--driver=wireguard", "--config=/wg.conf", "--subnet=10.0.0.0/24" },
                        "subnets, and who gives addresses, are no options of a network of driver wireguard: "
                        "'/wg.conf' says them" },
        { { "front", "--driver=macvlan" }, "a network of driver macvlan needs --subnet=, or --ipam=none for "
                                           "containers that find "
                                           "their addresses themselves" },
        { { "front", "--interface=default" }, "'default' is not the name of an interface: at most 15 "
                                              "letters, digits, '_', '.' and "
                                              "'-'" },
        { { "front", "--subnet=10.0.0.0" }, "'10.0.0.0' is not a subnet: ADDRESS/LENGTH" },
        { { "front", "--subnet=10.0.0.0/33" }, "'10.0.0.0/33' is not a subnet: ADDRESS/LENGTH" },
        { { "front", "--subnet=10.0.0.0/+8" }, "'10.0.0.0/+8' is not a subnet: ADDRESS/LENGTH" },
        { { "front", "--subnet=10.0.0.0/32" },
                        "the subnet 10.0.0.0/32 has no room for a gateway and a container" },
        { { "front", "--subnet=fd00::/128" },
                        "the subnet fd00::/128 has no room for a gateway and a container" },
        { { "front", "--gateway=10.0.0.1" }, "a gateway needs a subnet before it" },
        { { "front", "--ip-range=10.0.0.0/28" }, "a range needs a subnet before it" },
        { { "front", "--subnet=10.0.0.0/24", "--gateway=10.0.1.1" },
                        "'10.0.1.1' is not an address of a host in its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--gateway=10.0.0.0" },
                        "'10.0.0.0' is not an address of a host in its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--gateway=10.0.0.255" },
                        "'10.0.0.255' is not an address of a host in its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--gateway=fd00::1" },
                        "'fd00::1' is not an address of a host in its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--ip-range=10.0.1.0/28" },
                        "'10.0.1.0/28' is not a range of its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--ip-range=10.0.0.0/16" },
                        "'10.0.0.0/16' is not a range of its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--ip-range=10.0.0.0/32" },
                        "'10.0.0.0/32' is not a range of its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--ip-range=10.0.0.9-10.0.0.8" },
                        "'10.0.0.9-10.0.0.8' is not a range of its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--ip-range=10.0.0.9-fd00::1" },
                        "'10.0.0.9-fd00::1' is not a range of its subnet" },
        { { "front", "--subnet=10.0.0.0/24", "--ip-range=10.0.0.9" },
                        "'10.0.0.9' is not a range: ADDRESS/LENGTH or ADDRESS-ADDRESS" },
        { { "front", "--ipv6=maybe" }, "'maybe' is not yes or no" },
        { { "front", "--ipv6=no", "--subnet=fd00::/64" }, "there is an IPv6 subnet, and --ipv6=no" },
        { { "front", "--ipam=dhcp" }, "'dhcp' is not a way to give addresses: host-local or none" },
        { { "front", "--dns=ns.example.net" }, "'ns.example.net' is not an address" },
        { { "front", "--option=bclim=1" }, "a network has no option 'bclim'" },
        { { "front", "--option=mtu" }, "'' is not a number from 68 to 65535" },
        { { "front", "--option=mtu=67" }, "'67' is not a number from 68 to 65535" },
        { { "front", "--option=vlan=4095" }, "'4095' is not a number from 1 to 4094" },
        { { "front", "--option=isolate=very" }, "'very' is not true, false or strict" },
        { { "front", "--option=mode=l4" },
                        "'l4' is not a mode: bridge, private, vepa or passthru of macvlan, l2, l3 or l3s of "
                        "ipvlan" },
        { { "front", "--route=10.0.0.0" }, "'10.0.0.0' is no route: DESTINATION/LENGTH[,GATEWAY[,METRIC]]" },
        { { "front", "--route=10.0.0.0/8,fd00::1" },
                        "the route '10.0.0.0/8,fd00::1' has a gateway of another family than its "
                        "destination" },
        { { "front", "--route=10.0.0.0/8,10.0.0.1,4294967296" },
                        "'10.0.0.0/8,10.0.0.1,4294967296' is no route: "
                        "DESTINATION/LENGTH[,GATEWAY[,METRIC]]" },
        { { "front", "--route=10.0.0.0/8,10.0.0.1,-1" },
                        "'10.0.0.0/8,10.0.0.1,-1' is no route: DESTINATION/LENGTH[,GATEWAY[,METRIC]]" },
        { { "front", "--route=10.0.0.0/8,10.0.0.1,1,2" },
                        "'10.0.0.0/8,10.0.0.1,1,2' is no route: DESTINATION/LENGTH[,GATEWAY[,METRIC]]" },
};

START_TEST(what_is_wrong_with_a_network_is_told)
{
        Network network = {};
        Fault fault = {};

        ck_assert_int_lt(parse_up(&network, &fault, wrong_ups[_i].words), 0);
        ck_assert_str_eq(fault.text, wrong_ups[_i].fault);
        ck_assert_str_eq(network.name, "");
}
END_TEST

START_TEST(a_range_may_be_the_whole_subnet)
{
        AUTO(network_done) Network network = {};

        ck_assert_int_eq(parse_up(&network, NULL,
                                         (const char *[]){ "front", "--subnet=10.0.0.0/24",
                                                         "--ip-range=10.0.0.0/25", NULL }),
                        0);
        ck_assert_uint_eq(network.n_subnets, 1);
}
END_TEST

START_TEST(there_is_an_end_to_what_a_network_can_have)
{
        static const char *const words[] = { "--subnet=10.%u.0.0/16", "--route=10.%u.0.0/16" };
        static const char *const faults[] = { "there are more than 8 subnets",
                "there are more than 32 routes" };
        autostrv char **argv = NULL;
        Network network = {};
        Fault fault = {};

        ck_assert_int_eq(strv_append(&argv, "front"), 0);
        for (unsigned i = 0; i < (_i == 0 ? 9 : 33); i++) {
                char word[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                (void) snprintf(word, sizeof(word), words[_i], i);
#pragma GCC diagnostic pop
                ck_assert_int_eq(strv_append(&argv, word), 0);
        }
        ck_assert_int_lt(up_options_parse(argv, &network, &fault), 0);
        ck_assert_str_eq(fault.text, faults[_i]);
}
END_TEST

START_TEST(long_words_are_no_options)
{
        static const char *const begins[] = { "", "--",
                "--driver=", "--interface=", "--subnet=", "--dns=", "--option=", "--option=mtu=1",
                "--route=", "--ip-range=" };
        autofree char *word = long_word(begins[_i], 10240);
        Network network = {};
        Fault fault = {};

        ck_assert_int_lt(parse_up(&network, &fault,
                                         (const char *[]){ "a", "--subnet=10.0.0.0/8", word, NULL }),
                        0);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

/* --- slipway-net pod-up --- */

START_TEST(everything_can_be_said_of_a_pod)
{
        char *argv[] = { (char *) "stack", (char *) "--hostname=box", (char *) "--network=a:ip=10.0.0.1",
                (char *) "--network=b", (char *) "--network-alias=x", (char *) "--ip=10.0.0.2",
                (char *) "--ip6=fd00::2", (char *) "--publish=80", (char *) "--add-host=db:192.0.2.1",
                (char *) "--shm-size=1m", (char *) "--share=pid", (char *) "--label=a=b", NULL };
        AUTO(pod_options_done) PodOptions options = {};

        ck_assert_int_eq(pod_options_parse(argv, &options, NULL), 0);
        ck_assert_str_eq(options.name, "stack");
        ck_assert_str_eq(options.hostname, "box");
        ck_assert_uint_eq(strv_length(options.networks), 2);
        ck_assert_str_eq(options.networks[0], "a:ip=10.0.0.1");
        ck_assert_str_eq(options.aliases[0], "x");
        ck_assert_str_eq(options.ip, "10.0.0.2");
        ck_assert_str_eq(options.ip6, "fd00::2");
        ck_assert_str_eq(options.publish[0], "80");
        ck_assert_str_eq(options.hosts[0], "db:192.0.2.1");
        ck_assert_uint_eq(options.shm_size, 1 << 20);
        ck_assert(options.share_processes);
        ck_assert_str_eq(options.labels[0], "a=b");
}
END_TEST

START_TEST(a_pod_has_some_memory_to_share)
{
        char *argv[] = { (char *) "stack", NULL };
        AUTO(pod_options_done) PodOptions options = {};

        ck_assert_int_eq(pod_options_parse(argv, &options, NULL), 0);
        ck_assert_uint_eq(options.shm_size, 64 << 20);
        ck_assert(!options.share_processes);
        ck_assert_ptr_null(options.hostname);
        ck_assert_ptr_null(options.networks);
}
END_TEST

static const struct {
        const char *words[4];
        const char *fault;
} wrong_pods[] = {
        { { NULL }, "'' is no name of a pod" },
        { { "a/b" }, "'a/b' is no name of a pod" },
        { { "0123456789012345678901234567890123456789012345678901234567890123x" },
                        "'0123456789012345678901234567890123456789012345678901234567890123x' is no name of "
                        "a pod" },
        { { "a", "b" }, "'b' is one word too many" },
        { { "a", "--ip" }, "there is no option '--ip'" },
        { { "a", "--" }, "there is no option '--'" },
        { { "a", "--net=x" }, "there is no option '--net=x'" },
        { { "a", "--shm-size=much" }, "--shm-size: 'much' is no value for it" },
        { { "a", "--share=net" }, "--share: 'net' is no value for it" },
        { { "a", "--shm-size=-1" }, "--shm-size: '-1' is no value for it" },
};

START_TEST(what_is_wrong_with_a_pod_is_told)
{
        autostrv char **argv = NULL;
        PodOptions options = {};
        Fault fault = {};

        for (const char *const *word = wrong_pods[_i].words; *word; word++)
                ck_assert_int_eq(strv_append(&argv, *word), 0);
        ck_assert_int_eq(pod_options_parse(argv ? argv : (char *[]){ NULL }, &options, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, wrong_pods[_i].fault);
        ck_assert_ptr_null(options.name);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-request");
        TCase *tc = tcase_create("request");

        tcase_add_test(tc, a_name_alone_asks_for_nothing_else);
        tcase_add_test(tc, options_are_taken);
        tcase_add_test(tc, one_of_cni_has_its_name_behind_a_colon);
        tcase_add_test(tc, an_address_goes_where_its_family_is);
        tcase_add_loop_test(tc, what_is_wrong_in_a_request_is_told, 0, ELEMENTS(wrong_requests));
        tcase_add_loop_test(tc, long_words_are_refused, 0, 7);
        tcase_add_test(tc, a_name_has_at_most_128_letters);
        suite_add_tcase(suite, tc);

        tc = tcase_create("up");
        tcase_add_test(tc, a_network_may_be_a_name_alone);
        tcase_add_test(tc, everything_can_be_said_of_a_network);
        tcase_add_loop_test(tc, what_is_wrong_with_a_network_is_told, 0, ELEMENTS(wrong_ups));
        tcase_add_test(tc, a_range_may_be_the_whole_subnet);
        tcase_add_loop_test(tc, there_is_an_end_to_what_a_network_can_have, 0, 2);
        tcase_add_loop_test(tc, long_words_are_no_options, 0, 10);
        suite_add_tcase(suite, tc);

        tc = tcase_create("pod-up");
        tcase_add_test(tc, everything_can_be_said_of_a_pod);
        tcase_add_test(tc, a_pod_has_some_memory_to_share);
        tcase_add_loop_test(tc, what_is_wrong_with_a_pod_is_told, 0, ELEMENTS(wrong_pods));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
