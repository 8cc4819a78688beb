/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/elements.h"
#include "nspawn-glue/net/pod.h"
#include "tests/unit/net.h"

#define FRONT NET_NETWORKS "/front"
#define WEB NET_MEMBERS "/web"

static int lock = -1;

static void setup(void) {
        net_enter();
        ck_assert_int_eq(net_lock(&lock, NULL), 0);
}

static void teardown(void) {
        (void) close(lock);
}

/* --- networks --- */

static void fill_network(Network *network) {
        *network = net_network("front", net_subnet("10.1.0.0/24", "10.1.0.1", "10.1.0.2", "10.1.0.254"));
        network->driver = DRIVER_MACVLAN;
        (void) strcpy(network->mode, "private");
        network->internal = network->resolver = network->no_ipam = network->wants_ipv6 = true;
        network->isolation = ISOLATION_STRICT;
        network->mtu = 1400;
        network->vlan = 12;
        network->metric = UINT32_MAX;
        network->subnets[0].is_chosen = true;
        network->subnets[network->n_subnets++] = net_subnet("fd00::/64", "", "fd00::1", "fd00::ffff");
        network->routes[network->n_routes++] =
                        (NetworkRoute){ .destination = net_prefix("10.0.0.0/8"), .metric = 7 };
        network->routes[network->n_routes++] = (NetworkRoute){ .destination = net_prefix("fd01::/16"),
                .gateway = net_address("fd00::2") };
        ck_assert_int_eq(strv_append(&network->servers, "10.1.0.3"), 0);
        ck_assert_int_eq(strv_append(&network->labels, "a=\"b\"\n"), 0);
}

START_TEST(a_network_is_read_as_it_was_written)
{
        AUTO(network_done) Network one = {}, two = {};
        autofree char *text = NULL;

        fill_network(&one);
        ck_assert_int_eq(network_write(&one), 0);
        text = strdup(net_read_text(FRONT));
        ck_assert_int_eq(network_read("front", &two, NULL), 0);
        ck_assert_str_eq(two.name, "front");
        ck_assert_uint_eq(two.metric, UINT32_MAX);
        ck_assert(two.subnets[0].is_chosen && !two.subnets[1].is_chosen);
        ck_assert(!address_is_set(&two.subnets[1].gateway));
        ck_assert_str_eq(two.labels[0], "a=\"b\"\n");
        ck_assert_int_eq(network_write(&two), 0);
        ck_assert_str_eq(net_read_text(FRONT), text);
}
END_TEST

START_TEST(a_network_that_is_not_up_is_told_with_a_remedy)
{
        Network network = {};
        Fault fault = {};

        ck_assert_int_eq(network_read("front", &network, &fault), -ENOENT);
        ck_assert_str_eq(fault.text,
                        "there is no network 'front'; it is made by a unit of a .network manifest, and "
                        "'slipway network ls' has those that are up");
        ck_assert_int_eq(network_read("../members/web", &network, NULL), -EINVAL);
        ck_assert_int_eq(network_read("", &network, NULL), -EINVAL);
}
END_TEST

static const char head[] =
                "{\"name\":\"front\",\"driver\":\"bridge\",\"isolate\":\"false\",\"interface\":\"br0\"";

static const char *const bad_networks[] = {
        "",
        "[]",
        "null",
        "{",
        "{}",
        "{\"name\":\"front\",\"driver\":\"bridge\",\"isolate\":\"false\"}",
        "{\"name\":\"back\",\"driver\":\"bridge\",\"isolate\":\"false\",\"interface\":\"br0\"}",
        "{\"name\":7,\"driver\":\"bridge\",\"isolate\":\"false\",\"interface\":\"br0\"}",
        "{\"name\":\"front\",\"driver\":\"host\",\"isolate\":\"false\",\"interface\":\"br0\"}",
        "{\"name\":\"front\",\"driver\":\"bridge\",\"isolate\":1,\"interface\":\"br0\"}",
        "{\"name\":\"front\",\"driver\":\"bridge\",\"isolate\":\"false\",\"interface\":\"b\\\" } flush\"}",
        ("{\"name\":\"front\",\"name\":\"front\",\"driver\":\"bridge\",\"isolate\":\"false\",\"interface\":"
         "\"a\"}"),
        "HEAD,\"subnets\":[7]}",
        "HEAD,\"subnets\":[{\"subnet\":\"10.1.0.0/99\",\"first\":\"10.1.0.1\",\"last\":\"10.1.0.9\"}]}",
        "HEAD,\"subnets\":[{\"subnet\":\"10.1.0.0/24\",\"first\":\"10.1.0.1\"}]}",
        "HEAD,\"subnets\":[{\"subnet\":\"10.1.0.0/24\",\"first\":\"10.9.0.1\",\"last\":\"10.1.0.9\"}]}",
        "HEAD,\"subnets\":[{\"subnet\":\"10.1.0.0/24\",\"first\":\"fd00::1\",\"last\":\"10.1.0.9\"}]}",
        "HEAD,\"routes\":[{}]}",
        "HEAD,\"routes\":[{\"destination\":\"x\"}]}",
};

START_TEST(what_is_no_record_of_a_network_is_refused)
{
        autofree char *text = NULL;
        const char *rest = bad_networks[_i];
        Network network = { .mtu = 42 };
        Fault fault = {};

        if (strncmp(rest, "HEAD", 4) == 0)
                rest += 4;
        ck_assert_int_gt(asprintf(&text, "%s%s", rest == bad_networks[_i] ? "" : head, rest), -1);
        ck_assert_int_eq(net_write_text(FRONT, text), 0);
        ck_assert_int_eq(network_read("front", &network, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "cannot read what is known of network 'front': Bad message");
        ck_assert_uint_eq(network.mtu, 42);
}
END_TEST

START_TEST(what_is_not_known_of_a_record_is_passed_over)
{
        AUTO(network_done) Network network = {};
        autofree char *text = NULL;

        ck_assert_int_gt(asprintf(&text,
                                         "%s,\"new\":[{}],\"servers\":[1,\"10.0.0.1\",null],\"labels\":{},"
                                         "\"mtu\":\"much\"}",
                                         head),
                        0);
        ck_assert_int_eq(net_write_text(FRONT, text), 0);
        ck_assert_int_eq(network_read("front", &network, NULL), 0);
        ck_assert_uint_eq(network.mtu, 0);
        ck_assert_uint_eq(strv_length(network.servers), 1);
        ck_assert_ptr_null(network.labels);
}
END_TEST

START_TEST(nobody_writes_what_nobody_could_read)
{
        AUTO(network_done) Network network = {}, old = {};
        char *label = malloc(100001);

        memset(label, 'x', 100000);
        label[100000] = '\0';
        fill_network(&network);
        ck_assert_int_eq(network_write(&network), 0);
        for (unsigned i = 0; i < 11; i++)
                ck_assert_int_eq(strv_append(&network.labels, label), 0);
        free(label);
        ck_assert_int_eq(network_write(&network), -EFBIG);
        ck_assert_int_eq(network_read("front", &old, NULL), 0);
}
END_TEST

START_TEST(networks_are_listed_by_name)
{
        static const char *const names[] = { "b", "a", "a.b", ".a.tmp" };
        autostrv char **list = NULL;

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                char path[256];

                (void) snprintf(path, sizeof(path), NET_NETWORKS "/%s", names[i]);
                ck_assert_int_eq(net_write_text(path, "{}"), 0);
        }
        ck_assert_int_eq(network_list(&list), 0);
        ck_assert_uint_eq(strv_length(list), 3);
        ck_assert_str_eq(list[0], "a");
        ck_assert_str_eq(list[1], "a.b");
        ck_assert_str_eq(list[2], "b");
}
END_TEST

static const struct {
        const char *prefix, *first, *last;
} hosts[] = {
        { "10.1.0.0/24", "10.1.0.1", "10.1.0.254" },
        { "10.1.0.77/24", "10.1.0.1", "10.1.0.254" },
        { "10.1.0.0/30", "10.1.0.1", "10.1.0.2" },
        { "10.1.0.2/31", "10.1.0.2", "10.1.0.3" },
        { "10.1.0.2/32", "10.1.0.2", "10.1.0.2" },
        { "0.0.0.0/0", "0.0.0.1", "255.255.255.254" },
        { "10.0.0.0/8", "10.0.0.1", "10.255.255.254" },
        { "fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff" },
        { "fd00::2/127", "fd00::2", "fd00::3" },
        { "fd00::2/128", "fd00::2", "fd00::2" },
        { "fd00::/126", "fd00::1", "fd00::3" },
};

START_TEST(hosts_of_a_subnet_are_those_between)
{
        Prefix prefix = net_prefix(hosts[_i].prefix);
        Address first, last;

        subnet_hosts(&prefix, &first, &last);
        ck_assert_str_eq(net_text(&first), hosts[_i].first);
        ck_assert_str_eq(net_text(&last), hosts[_i].last);
}
END_TEST

/* --- members --- */

static void fill_member(Member *member) {
        Attachment one = { .network = "front",
                .interface = "eth0",
                .mac = { 2, 0, 0, 0, 0, 0xff },
                .prefixes = { net_prefix("10.1.0.2/24"), net_prefix("fd00::2/64") },
                .n_prefixes = 2,
                .metric = 100 };
        Attachment two = { .network = "back", .interface = "eth1", .no_default_route = true };
        const MemberPort ports[] = {
                { .protocol = "tcp", .host = 8080, .container = 80, .count = 2 },
                { .protocol = "udp",
                                .address = net_address("::1"),
                                .host = 53,
                                .container = 53,
                                .count = 1 },
                { .protocol = "sctp",
                                .address = net_address("0.0.0.0"),
                                .host = 65535,
                                .container = 9,
                                .count = 1 },
        };

        (void) strcpy(member->owner, "web");
        (void) strcpy(member->unit, "web.service");
        (void) strcpy(member->view, "front+back");
        ck_assert_int_eq(strv_append(&one.names, "web"), 0);
        ck_assert_int_eq(strv_append(&one.names, "www"), 0);
        ck_assert_int_eq(member_add_attachment(member, &one), 0);
        ck_assert_int_eq(member_add_attachment(member, &two), 0);
        for (size_t i = 0; i < ELEMENTS(ports); i++)
                ck_assert_int_eq(member_add_port(member, &ports[i]), 0);
}

START_TEST(a_member_is_read_as_it_was_written)
{
        AUTO(member_done) Member one = {}, two = {};
        autofree char *text = NULL;

        fill_member(&one);
        one.is_pod = true;
        ck_assert_int_eq(member_write(&one), 0);
        text = strdup(net_read_text(WEB));
        ck_assert_int_eq(member_read("web", &two), 0);
        ck_assert(two.is_pod);
        ck_assert_uint_eq(two.n_attachments, 2);
        ck_assert_str_eq(two.attachments[0].names[1], "www");
        ck_assert_mem_eq(two.attachments[0].mac, one.attachments[0].mac, 6);
        ck_assert(two.attachments[1].no_default_route);
        ck_assert_uint_eq(two.n_ports, 3);
        ck_assert(!address_is_set(&two.ports[0].address));
        ck_assert_int_eq(member_write(&two), 0);
        ck_assert_str_eq(net_read_text(WEB), text);
}
END_TEST

START_TEST(the_first_address_of_a_family_counts)
{
        AUTO(member_done) Member member = {};

        ck_assert_ptr_null(member_address(&member, AF_UNSPEC));
        fill_member(&member);
        ck_assert_str_eq(net_text(member_address(&member, AF_UNSPEC)), "10.1.0.2");
        ck_assert_str_eq(net_text(member_address(&member, AF_INET6)), "fd00::2");
}
END_TEST

#define PORT(fields) "{\"owner\":\"web\",\"ports\":[{" fields "}]}"

static const char *const bad_members[] = {
        "",
        "[{}]",
        "{}",
        "{\"owner\":\"other\"}",
        "{\"owner\":\"../web\"}",
        PORT("\"protocol\":\"tcp\""),
        PORT("\"protocol\":\"icmp\",\"host\":1,\"container\":1,\"count\":1"),
        PORT("\"protocol\":\"tcp . 80 : 10.0.0.1 . 80 }\\n\",\"host\":1,\"container\":1,\"count\":1"),
        PORT("\"protocol\":\"tcp\",\"host\":0,\"container\":1,\"count\":1"),
        PORT("\"protocol\":\"tcp\",\"host\":65536,\"container\":1,\"count\":1"),
        PORT("\"protocol\":\"tcp\",\"host\":65535,\"container\":1,\"count\":2"),
        PORT("\"protocol\":\"tcp\",\"host\":1,\"container\":65535,\"count\":2"),
        PORT("\"protocol\":\"tcp\",\"host\":-1,\"container\":1,\"count\":1"),
        PORT("\"protocol\":\"tcp\",\"host\":1,\"container\":1,\"count\":9223372036854775807"),
        PORT("\"protocol\":\"tcp\",\"host\":1,\"container\":1,\"count\":1,\"address\":\"x\""),
};

START_TEST(what_is_no_record_of_a_member_is_refused)
{
        Member member = { .is_pod = true };

        ck_assert_int_eq(net_write_text(WEB, bad_members[_i]), 0);
        ck_assert_int_eq(member_read("web", &member), -EBADMSG);
        ck_assert(member.is_pod);
}
END_TEST

START_TEST(of_addresses_there_are_not_too_many)
{
        AUTO(member_done) Member member = {};

        ck_assert_int_eq(net_write_text(WEB,
                                         "{\"owner\":\"web\",\"networks\":[{\"network\":\"a\",\"addresses\":"
                                         "[\"10.0.0.1/8\",\"x\",7,\"10.0.0.2/8\",\"10.0.0.3/8\",\"10.0.0.4/"
                                         "8\","
                                         "\"10.0.0.5/8\",\"10.0.0.6/8\",\"10.0.0.7/8\",\"10.0.0.8/8\","
                                         "\"10.0.0.9/8\"]},7]}"),
                        0);
        ck_assert_int_eq(member_read("web", &member), 0);
        ck_assert_uint_eq(member.attachments[0].n_prefixes, ATTACHMENT_PREFIXES_MAX);
}
END_TEST

START_TEST(a_member_that_is_not_there_is_not_there)
{
        autofree char *owner = malloc(10241);
        Member member = {};

        ck_assert_int_eq(member_read("web", &member), -ENOENT);
        ck_assert_int_eq(member_read("", &member), -ENOENT);
        ck_assert_int_eq(member_read("../networks/front", &member), -ENOENT);
        memset(owner, 'a', 10240);
        owner[10240] = '\0';
        ck_assert_int_eq(member_read(owner, &member), -ENOENT);
}
END_TEST

static int count(const Member *member, void *data) {
        (*(int *) data)++;
        return strcmp(member->owner, "b") == 0 ? 7 : 0;
}

START_TEST(visits_pass_over_what_cannot_be_read_and_end_when_told_to)
{
        int n = 0;

        net_make_record("a");
        net_make_record("c");
        ck_assert_int_eq(net_write_text(NET_MEMBERS "/aa", "{"), 0);
        ck_assert_int_eq(member_visit(count, &n), 0);
        ck_assert_int_eq(n, 2);
        net_make_record("b");
        n = 0;
        ck_assert_int_eq(member_visit(count, &n), 7);
        ck_assert_int_eq(n, 2);
}
END_TEST

/* --- pods --- */

START_TEST(a_pod_is_read_as_it_was_written)
{
        Pod one = { .name = "stack",
                .unit = "stack-pod.service",
                .hostname = "box",
                .has_network = true,
                .shm_size = UINT64_C(1) << 40 };
        AUTO(pod_done) Pod two = {};
        autostrv char **labels = NULL, **list = NULL;

        ck_assert_int_eq(strv_append(&labels, "a=b"), 0);
        one.labels = labels;
        ck_assert_int_eq(io_mkdir_p(PODS_DIR "/stack", 0755), 0);
        ck_assert_int_eq(pod_write(&one), 0);
        ck_assert_int_eq(pod_read_record("stack", &two, NULL), 0);
        ck_assert_str_eq(two.name, "stack");
        ck_assert_str_eq(two.unit, "stack-pod.service");
        ck_assert_str_eq(two.hostname, "box");
        ck_assert(two.has_network);
        ck_assert(two.shm_size == UINT64_C(1) << 40);
        ck_assert_str_eq(two.labels[0], "a=b");
        ck_assert_int_eq(pod_list(&list), 0);
        ck_assert_uint_eq(strv_length(list), 1);
}
END_TEST

START_TEST(a_pod_that_is_not_up_is_told_with_a_remedy)
{
        Fault fault = {};
        Pod pod = {};

        ck_assert_int_eq(pod_read_record("stack", &pod, &fault), -ENOENT);
        ck_assert_str_eq(fault.text,
                        "the pod 'stack' is not up; it is made by the unit of its .pod manifest");
        ck_assert_int_eq(pod_read_record("../net/members", &pod, NULL), -EINVAL);
        ck_assert_int_eq(io_mkdir_p(PODS_DIR "/stack", 0755), 0);
        ck_assert_int_eq(pod_read_record("stack", &pod, NULL), -ENOENT);
        ck_assert_int_eq(net_write_text(PODS_DIR "/stack/pod", "[]"), 0);
        ck_assert_int_eq(pod_read_record("stack", &pod, NULL), -EBADMSG);
        ck_assert_int_eq(net_write_text(PODS_DIR "/stack/pod", "{\"name\":\"other\"}"), 0);
        ck_assert_int_eq(pod_read_record("stack", &pod, NULL), -EBADMSG);
}
END_TEST

/* --- rules --- */

static const char *elements(const Network *network, const Member *member) {
        static char *text;
        size_t size;
        FILE *file;

        free(text);
        file = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(file);
        if (network)
                elements_of_network(file, "add", network);
        if (member)
                elements_of_member(file, "delete", member);
        (void) fclose(file);
        return text;
}

START_TEST(a_network_is_in_the_sets)
{
        Network network =
                        net_network("front", net_subnet("10.1.0.5/24", "10.1.0.1", "10.1.0.2", "10.1.0.9"));

        ck_assert_str_eq(elements(&network, NULL),
                        "add element inet slipway bridges { \"sw-test\" }\n"
                        "add element inet slipway within { \"sw-test\" . \"sw-test\" }\n"
                        "add element inet slipway hidden4 { 10.1.0.0/24 }\n"
                        "add element inet slipway own4 { 10.1.0.0/24 . 10.1.0.0/24 }\n");
        network.internal = true;
        network.isolation = ISOLATION_ISOLATED;
        network.subnets[0] = net_subnet("fd00::/64", "fd00::1", "fd00::2", "fd00::9");
        ck_assert_str_eq(elements(&network, NULL),
                        "add element inet slipway bridges { \"sw-test\" }\n"
                        "add element inet slipway within { \"sw-test\" . \"sw-test\" }\n"
                        "add element inet slipway internal { \"sw-test\" }\n"
                        "add element inet slipway isolated { \"sw-test\" }\n"
                        "add element inet slipway own6 { fd00::/64 . fd00::/64 }\n");
        network.driver = DRIVER_IPVLAN;
        ck_assert_str_eq(elements(&network, NULL), "");
}
END_TEST

START_TEST(ports_are_in_the_maps)
{
        AUTO(member_done) Member member = {};

        fill_member(&member);
        ck_assert_str_eq(elements(NULL, &member),
                        "delete element inet slipway publish4 { tcp . 8080 : 10.1.0.2 . 80 }\n"
                        "delete element inet slipway publish4 { tcp . 8081 : 10.1.0.2 . 81 }\n"
                        "delete element inet slipway publish6 { tcp . 8080 : fd00::2 . 80 }\n"
                        "delete element inet slipway publish6 { tcp . 8081 : fd00::2 . 81 }\n"
                        "delete element inet slipway publish6-at { ::1 . udp . 53 : fd00::2 . 53 }\n"
                        "delete element inet slipway publish4 { sctp . 65535 : 10.1.0.2 . 9 }\n");
        member.attachments[0].n_prefixes = 0;
        ck_assert_str_eq(elements(NULL, &member), "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-record");
        TCase *tc = tcase_create("network");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, a_network_is_read_as_it_was_written);
        tcase_add_test(tc, a_network_that_is_not_up_is_told_with_a_remedy);
        tcase_add_loop_test(tc, what_is_no_record_of_a_network_is_refused, 0, ELEMENTS(bad_networks));
        tcase_add_test(tc, what_is_not_known_of_a_record_is_passed_over);
        tcase_add_test(tc, nobody_writes_what_nobody_could_read);
        tcase_add_test(tc, networks_are_listed_by_name);
        tcase_add_loop_test(tc, hosts_of_a_subnet_are_those_between, 0, ELEMENTS(hosts));
        suite_add_tcase(suite, tc);

        tc = tcase_create("member");
        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, a_member_is_read_as_it_was_written);
        tcase_add_test(tc, the_first_address_of_a_family_counts);
        tcase_add_loop_test(tc, what_is_no_record_of_a_member_is_refused, 0, ELEMENTS(bad_members));
        tcase_add_test(tc, of_addresses_there_are_not_too_many);
        tcase_add_test(tc, a_member_that_is_not_there_is_not_there);
        tcase_add_test(tc, visits_pass_over_what_cannot_be_read_and_end_when_told_to);
        suite_add_tcase(suite, tc);

        tc = tcase_create("pod");
        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, a_pod_is_read_as_it_was_written);
        tcase_add_test(tc, a_pod_that_is_not_up_is_told_with_a_remedy);
        suite_add_tcase(suite, tc);

        tc = tcase_create("elements");
        tcase_add_test(tc, a_network_is_in_the_sets);
        tcase_add_test(tc, ports_are_in_the_maps);
        suite_add_tcase(suite, tc);
        return net_main(suite);
}
