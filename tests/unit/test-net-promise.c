/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <sys/socket.h>

/* A fault point that works in every build: the process dies where a test wants it. */
#include "lib/fault-point.h"
static const char *deadly = "";
static int die_at(const char *point);
#undef FAULT_POINT
#define FAULT_POINT(name) die_at(name)
#include "nspawn-glue/net/pod.h"
#include "nspawn-glue/net/promise.c"
#include "tests/unit/net.h"

static int die_at(const char *point) {
        if (strcmp(deadly, point) == 0)
                (void) raise(SIGKILL);
        return 0;
}

static void bring_up(Network *network) {
        char *networks[] = { network->name, NULL };
        const HostsHead head = {};

        ck_assert_int_eq(network_write(network), 0);
        ck_assert_int_eq(hosts_make_view(network->name, networks, &head), 1);
}

static void setup(void) {
        Network front, back, silent;
        autofd int lock = -1;

        net_enter();
        ck_assert_int_eq(net_lock(&lock, NULL), 0);
        front = net_network("front", net_subnet("10.1.0.0/24", "10.1.0.1", "10.1.0.1", "10.1.0.254"));
        front.subnets[front.n_subnets++] = net_subnet("fd00::/64", "fd00::1", "fd00::1", "fd00::ff");
        back = net_network("back", net_subnet("10.2.0.0/29", "10.2.0.1", "10.2.0.1", "10.2.0.6"));
        back.internal = true;
        silent = net_network("silent", net_subnet("10.3.0.0/24", "10.3.0.1", "10.3.0.1", "10.3.0.254"));
        silent.no_names = true;
        bring_up(&front);
        bring_up(&back);
        bring_up(&silent);
}

/* What was promised last. */
static Member member;
static Reservation reservation;

static void teardown(void) {
        member_done(&member);
        reservation_done(&reservation);
}

static PromiseRequest request_of(const char *owner, char *const *networks) {
        return (PromiseRequest){
                .owner = owner, .unit = "test.service", .hostname = owner, .networks = networks
        };
}

static int promise(const PromiseRequest *request, Fault *fault) {
        teardown();
        return promise_make(request, &member, &reservation, fault);
}

static int promise_simply(const char *owner, const char *one, const char *two, Fault *fault) {
        char *networks[] = { (char *) one, (char *) two, NULL };
        PromiseRequest request = request_of(owner, networks);

        return promise(&request, fault);
}

static const char *leases(const char *network) {
        char path[256];

        (void) snprintf(path, sizeof(path), NET_LEASES "/%s", network);
        return net_read_text(path);
}

/* Whether a view has such a living line. */
static bool has_line(const char *view, const char *begin) {
        char path[512];
        size_t n = strlen(begin);

        (void) snprintf(path, sizeof(path), NET_HOSTS "/%s", view);
        for (const char *line = net_read_text(path); *line; line = strchr(line, '\n') + 1)
                if (strncmp(line, begin, n) == 0)
                        return true;
        return false;
}

static void assert_nothing_of(const char *owner) {
        static const char *const networks[] = { "front", "back", "silent" };
        char record[256], held[80], tag[80];

        (void) snprintf(record, sizeof(record), NET_MEMBERS "/%s", owner);
        (void) snprintf(held, sizeof(held), " %s\n", owner);
        (void) snprintf(tag, sizeof(tag), "#%s ", owner);
        ck_assert_int_lt(access(record, F_OK), 0);
        for (size_t i = 0; i < ELEMENTS(networks); i++) {
                char path[256];
                const char *line;

                ck_assert_ptr_null(strstr(leases(networks[i]), held));
                (void) snprintf(path, sizeof(path), NET_HOSTS "/%s", networks[i]);
                for (line = net_read_text(path); *line; line = strchr(line, '\n') + 1) {
                        const char *found = *line == '#' ? NULL : strstr(line, tag);

                        ck_assert(!found || found > strchr(line, '\n'));
                }
        }
}

START_TEST(a_promise_has_addresses_names_and_a_record)
{
        AUTO(member_done) Member read = {};

        ck_assert_int_eq(promise_simply("web", "front", "back:alias=inner", NULL), 0);
        ck_assert_uint_eq(member.n_attachments, 2);
        ck_assert_str_eq(net_text(&member.attachments[0].prefixes[0].address), "10.1.0.2");
        ck_assert_str_eq(net_text(&member.attachments[0].prefixes[1].address), "fd00::2");
        ck_assert_str_eq(member.attachments[0].interface, "eth0");
        ck_assert_str_eq(member.attachments[1].interface, "eth1");
        ck_assert(!member.attachments[0].no_default_route && member.attachments[1].no_default_route);
        ck_assert_str_eq(member.view, "front+back");
        ck_assert_int_eq(member.attachments[0].mac[0], 2);
        ck_assert(has_line("front", "10.1.0.2 web #web "));
        ck_assert(has_line("front", "fd00::2 web #web "));
        ck_assert(has_line("back", "10.2.0.2 web inner #web "));
        ck_assert(has_line("front+back", "10.1.0.2 web #web "));
        ck_assert_int_eq(member_read("web", &read), 0);
        ck_assert_str_eq(read.unit, "test.service");
        promise_forget("web");
        assert_nothing_of("web");
        ck_assert(!has_line("front+back", "10.1.0.2 web"));
        promise_forget("web");
}
END_TEST

START_TEST(who_comes_back_has_the_same)
{
        uint8_t mac[6];

        ck_assert_int_eq(promise_simply("web", "front", NULL, NULL), 0);
        memcpy(mac, member.attachments[0].mac, sizeof(mac));
        promise_forget("web");
        ck_assert_int_eq(promise_simply("db", "front", NULL, NULL), 0);
        ck_assert_int_eq(promise_simply("web", "front", NULL, NULL), 0);
        ck_assert_str_eq(net_text(&member.attachments[0].prefixes[0].address), "10.1.0.2");
        ck_assert_mem_eq(mac, member.attachments[0].mac, sizeof(mac));
}
END_TEST

START_TEST(a_fixed_mac_is_taken_as_it_is)
{
        ck_assert_int_eq(promise_simply("web", "front:mac=00:01:02:03:00:00", NULL, NULL), 0);
        ck_assert_mem_eq(member.attachments[0].mac, "\x00\x01\x02\x03\x00\x00", 6);
}
END_TEST

static const struct {
        const char *one, *two, *fault;
} wrong[] = {
        { "front", "front", "network 'front' is asked for twice" },
        { "front", "nowhere",
                        "there is no network 'nowhere'; it is made by a unit of a .network manifest, and "
                        "'slipway network ls' has those that are up" },
        { "front:interface_name=a", "back:interface_name=a", "two networks have an interface 'a'" },
        { "front", "back:ip=10.9.0.1", "the address 10.9.0.1 is in no subnet of network 'back'" },
        { "front", "back:ip=10.2.0.1", "the address 10.2.0.1 is that of the gateway of network 'back'" },
        { "front:ip=10.1.0.9,ip6=fd00::1", NULL,
                        "the address fd00::1 is that of the gateway of network 'front'" },
        { "front:what=1", NULL,
                        "a network has no option 'what'; there are ip, ip6, mac, alias, interface_name, "
                        "metric and no_default_route" },
};

START_TEST(of_a_promise_that_fails_nothing_is_left)
{
        Fault fault = {};

        ck_assert_int_lt(promise_simply("web", wrong[_i].one, wrong[_i].two, &fault), 0);
        ck_assert_str_eq(fault.text, wrong[_i].fault);
        assert_nothing_of("web");
}
END_TEST

START_TEST(names_that_would_leave_the_directory_are_refused)
{
        static const char *const owners[] = { "", "../web", "a b", ".web",
                "0123456789012345678901234567890123456789012345678901234567890123x" };

        for (size_t i = 0; i < ELEMENTS(owners); i++)
                ck_assert_int_eq(promise_simply(owners[i], "front", NULL, NULL), -EINVAL);
}
END_TEST

START_TEST(a_host_name_that_is_none_is_not_told)
{
        char *networks[] = { (char *) "front", NULL };
        PromiseRequest request = request_of("web", networks);

        request.hostname = "a#b";
        ck_assert_int_eq(promise(&request, NULL), 0);
        ck_assert(has_line("front", "10.1.0.2 web #web "));
}
END_TEST

START_TEST(a_container_and_a_pod_cannot_have_one_name)
{
        char *networks[] = { (char *) "front", NULL };
        PromiseRequest request = request_of("web", networks);
        Fault fault = {};

        request.is_pod = true;
        ck_assert_int_eq(promise(&request, NULL), 0);
        request.is_pod = false;
        ck_assert_int_eq(promise(&request, &fault), -EEXIST);
        ck_assert_str_eq(fault.text,
                        "the name 'web' is that of a pod already; give this container another one");
        ck_assert(has_line("front", "10.1.0.2 web #web "));
        ck_assert_int_eq(access(NET_MEMBERS "/web", F_OK), 0);
}
END_TEST

START_TEST(a_fixed_address_is_of_one_network)
{
        char *networks[] = { (char *) "front", (char *) "back", NULL };
        PromiseRequest request = request_of("web", networks);
        Fault fault = {};

        request.ip = "10.1.0.9";
        ck_assert_int_eq(promise(&request, &fault), -EINVAL);
        ck_assert_str_eq(fault.text,
                        "a fixed address is of one network, and there are 2; write it behind the name: "
                        "NAME:ip=ADDRESS");
        networks[1] = NULL;
        ck_assert_int_eq(promise(&request, NULL), 0);
        ck_assert_str_eq(net_text(&member.attachments[0].prefixes[0].address), "10.1.0.9");
}
END_TEST

START_TEST(own_lines_have_a_view_of_their_own)
{
        char *networks[] = { (char *) "front", NULL };
        PromiseRequest request = request_of("web", networks);

        ck_assert_int_eq(promise_simply("db", "front", NULL, NULL), 0);
        request.hosts = "192.0.2.1 outside\n";
        ck_assert_int_eq(promise(&request, NULL), 0);
        ck_assert_str_eq(member.view, "~web");
        ck_assert(has_line("~web", "192.0.2.1 outside"));
        ck_assert(has_line("~web", "10.1.0.2 db #db"));
        ck_assert(has_line("~web", "10.1.0.1 host.containers.internal "));
        ck_assert(!has_line("front", "192.0.2.1"));
        promise_forget("db");
        ck_assert(!has_line("~web", "10.1.0.2 db"));
        promise_forget("web");
        ck_assert_int_lt(access(NET_HOSTS "/~web", F_OK), 0);
}
END_TEST

START_TEST(a_silent_network_tells_nobody_but_oneself)
{
        ck_assert_int_eq(promise_simply("db", "silent", NULL, NULL), 0);
        ck_assert_int_eq(promise_simply("web", "silent", NULL, NULL), 0);
        ck_assert_str_eq(member.view, "~web");
        ck_assert(has_line("~web", "10.3.0.3 web"));
        ck_assert(!has_line("~web", "10.3.0.2"));
        ck_assert(!has_line("silent", "10.3."));
}
END_TEST

START_TEST(a_container_of_a_pod_has_names_on_all_of_its_networks)
{
        char *networks[] = { (char *) "front", (char *) "back", NULL }, *names[] = { (char *) "app", NULL };
        PromiseRequest request = request_of("stack", networks);

        request.is_pod = true;
        ck_assert_int_eq(promise(&request, NULL), 0);
        for (unsigned i = 0; i < 2; i++) {
                ck_assert_int_eq(promise_add_name("stack", "app", names, NULL), 0);
                ck_assert(has_line("front", "10.1.0.2 app #app "));
                ck_assert(has_line("back", "10.2.0.2 app #app "));
                ck_assert(has_line("front+back", "10.1.0.2 app #app "));
                ck_assert(has_line("front+back", "fd00::2 app #app "));
                ck_assert(has_line("front+back", "10.2.0.2 app #app "));
        }
        promise_remove_name("stack", "app");
        ck_assert(!has_line("front+back", "10.1.0.2 app") && !has_line("back", "10.2.0.2 app"));
        ck_assert(has_line("front+back", "10.1.0.2 stack #stack "));
        promise_remove_name("stack", "stack");
        ck_assert(has_line("front+back", "10.1.0.2 stack #stack "));
        ck_assert_int_eq(promise_add_name("nothing", "app", names, NULL), 0);
}
END_TEST

START_TEST(a_container_of_a_pod_on_a_silent_network_has_none)
{
        char *networks[] = { (char *) "silent", NULL }, *names[] = { (char *) "app", NULL };
        PromiseRequest request = request_of("stack", networks);

        request.is_pod = true;
        ck_assert_int_eq(promise(&request, NULL), 0);
        ck_assert_int_eq(promise_add_name("stack", "app", names, NULL), 0);
        ck_assert(!has_line("silent", "10.3."));
}
END_TEST

START_TEST(names_are_told_again_in_a_new_view)
{
        AUTO(network_done) Network network = {};
        char *networks[] = { (char *) "front", NULL };

        ck_assert_int_eq(promise_simply("web", "front", "back", NULL), 0);
        hosts_remove_views("front");
        ck_assert_int_eq(hosts_make_view("front", networks, &(const HostsHead){}), 1);
        ck_assert(!has_line("front", "10.1.0.2"));
        ck_assert_int_eq(network_read("front", &network, NULL), 0);
        ck_assert_int_eq(promise_tell_again(&network), 0);
        ck_assert(has_line("front", "10.1.0.2 web #web "));
        ck_assert(!has_line("front", "10.2."));
}
END_TEST

START_TEST(the_gateway_of_the_first_network_is_the_hosts)
{
        char *networks[] = { (char *) "back", (char *) "front", NULL };
        Address address;

        ck_assert_int_eq(promise_gateway(networks, &address, NULL), 0);
        ck_assert_str_eq(net_text(&address), "10.2.0.1");
        networks[0] = NULL;
        ck_assert_int_eq(promise_gateway(networks, &address, NULL), -ENOENT);
}
END_TEST

/* --- ports --- */

static int publish(const char *owner, bool is_pod, const char *port, Fault *fault) {
        char *networks[] = { (char *) "front", NULL }, *ports[] = { (char *) port, NULL };
        PromiseRequest request = request_of(owner, networks);

        request.is_pod = is_pod;
        request.publish = ports;
        return promise(&request, fault);
}

/* A pod that is up; nobody holds its ports. */
static void publish_of_pod(const char *owner, const char *port) {
        Pod pod = {};

        (void) snprintf(pod.name, sizeof(pod.name), "%s", owner);
        ck_assert_int_eq(publish(owner, true, port, NULL), 0);
        reservation_done(&reservation);
        ck_assert_int_eq(io_mkdir_p(PODS_DIR "/stack", 0755), 0);
        ck_assert_int_eq(pod_write(&pod), 0);
}

START_TEST(a_port_is_held_and_named)
{
        Reservation held;
        Fault fault = {};

        ck_assert_int_eq(publish("web", false, "8080-8081:80-81", NULL), 0);
        ck_assert_uint_eq(member.n_ports, 1);
        ck_assert_uint_eq(member.ports[0].count, 2);
        held = reservation;
        reservation = (Reservation){};
        ck_assert_int_eq(publish("other", false, "8081:80", &fault), -EADDRINUSE);
        ck_assert_str_eq(fault.text, "port 8081/tcp of the host is published by 'web' already; publish "
                                     "another, or bind each "
                                     "to an address of its own");
        assert_nothing_of("other");
        ck_assert_int_eq(publish("other", false, "8081:80/udp", NULL), 0);
        reservation_done(&held);
}
END_TEST

START_TEST(a_port_of_a_stranger_is_told_as_such)
{
        const struct sockaddr_in where = { .sin_family = AF_INET, .sin_port = htons(8080) };
        autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        Fault fault = {};

        ck_assert_int_eq(bind(fd, (const struct sockaddr *) &where, sizeof(where)), 0);
        ck_assert_int_eq(listen(fd, 1), 0);
        ck_assert_int_eq(publish("web", false, "8080:80", &fault), -EADDRINUSE);
        ck_assert_str_eq(fault.text, "port 8080/tcp of the host is in use by another program; 'ss -lp sport "
                                     "= :8080' tells "
                                     "which");
        assert_nothing_of("web");
}
END_TEST

START_TEST(a_port_may_be_any)
{
        ck_assert_int_eq(publish("web", false, "80", NULL), 0);
        ck_assert_uint_gt(member.ports[0].host, 0);
        ck_assert_uint_eq(member.ports[0].container, 80);
}
END_TEST

START_TEST(a_port_that_may_be_any_is_no_pods)
{
        ck_assert_int_eq(net_write_text("/proc/sys/net/ipv4/ip_local_port_range", "40000 40003"), 0);
        publish_of_pod("stack", "40001-40003:81-83");
        ck_assert_int_eq(publish("web", false, "80", NULL), 0);
        ck_assert_uint_eq(member.ports[0].host, 40000);
        ck_assert_int_eq(publish("web", false, "80-81", NULL), -EADDRINUSE);
        assert_nothing_of("web");
}
END_TEST

START_TEST(a_pods_port_is_its_own_only_at_its_address)
{
        publish_of_pod("stack", "127.0.0.1:8080:80");
        ck_assert_int_eq(publish("a", false, "8080:80", NULL), -EADDRINUSE);
        ck_assert_int_eq(publish("a", false, "0.0.0.0:8080:80", NULL), -EADDRINUSE);
        ck_assert_int_eq(publish("a", false, "127.0.0.1:8080:80", NULL), -EADDRINUSE);
        ck_assert_int_eq(publish("a", false, "127.0.0.2:8080:80", NULL), 0);
        ck_assert_int_eq(publish("a", false, "[::1]:8080:80", NULL), 0);
        ck_assert_int_eq(publish("a", false, "8079:80", NULL), 0);
}
END_TEST

/* --- two at once, and deaths --- */

START_TEST(those_who_come_at_once_get_different_addresses)
{
        enum { N = 40 };
        char *owners[N];
        pid_t pids[N];
        bool seen[256] = {};
        int status;

        for (unsigned i = 0; i < N; i++) {
                ck_assert_int_gt(asprintf(&owners[i], "c%u", i), 0);
                pids[i] = fork();
                if (pids[i] == 0)
                        _exit(promise_simply(owners[i], "front", NULL, NULL) < 0);
        }
        for (unsigned i = 0; i < N; i++) {
                ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
                ck_assert_int_eq(status, 0);
        }
        for (unsigned i = 0; i < N; i++) {
                AUTO(member_done) Member one = {};
                char line[64];
                uint8_t last;

                ck_assert_int_eq(member_read(owners[i], &one), 0);
                last = one.attachments[0].prefixes[0].address.bytes[3];
                ck_assert(!seen[last]);
                seen[last] = true;
                (void) snprintf(line, sizeof(line), "10.1.0.%u %s #%s ", last, owners[i], owners[i]);
                ck_assert(has_line("front", line));
                free(owners[i]);
        }
}
END_TEST

START_TEST(of_two_who_want_one_port_one_gets_it)
{
        int status[2], held[2];
        pid_t pids[2];

        ck_assert_int_eq(pipe2(held, O_CLOEXEC), 0);
        for (unsigned i = 0; i < 2; i++) {
                pids[i] = fork();
                if (pids[i] == 0) {
                        int r = publish(i == 0 ? "one" : "two", false, "8080:80", NULL);
                        char c;

                        (void) close(held[1]);
                        if (r == -EADDRINUSE)
                                _exit(1);
                        /* The port is held for as long as the other may try. */
                        (void) !read(held[0], &c, 1);
                        _exit(r < 0 ? 2 : 0);
                }
        }
        ck_assert_int_gt(waitpid(-1, &status[0], 0), 0);
        (void) close(held[1]);
        ck_assert_int_gt(waitpid(-1, &status[1], 0), 0);
        ck_assert_int_eq(WEXITSTATUS(status[0]), 1);
        ck_assert_int_eq(WEXITSTATUS(status[1]), 0);
}
END_TEST

START_TEST(who_is_killed_halfway_is_mended_by_his_next_start)
{
        static const char *const points[] = { "promise:record", "promise:tell names" };
        char *networks[] = { (char *) "front", (char *) "back:ip=10.2.0.5", NULL };
        PromiseRequest request = request_of("web", networks);
        int status;
        pid_t pid;

        request.hosts = "192.0.2.1 outside\n";
        pid = fork();
        if (pid == 0) {
                deadly = points[_i];
                (void) promise(&request, NULL);
                _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

        ck_assert_int_eq(promise(&request, NULL), 0);
        ck_assert_str_eq(net_text(&member.attachments[0].prefixes[0].address), "10.1.0.2");
        ck_assert_str_eq(net_text(&member.attachments[1].prefixes[0].address), "10.2.0.5");
        ck_assert_str_eq(leases("back"), "10.2.0.5 web\n");
        ck_assert(has_line("front", "10.1.0.2 web #web "));
        promise_forget("web");
        assert_nothing_of("web");
        ck_assert_int_lt(access(NET_HOSTS "/~web", F_OK), 0);
}
END_TEST

START_TEST(who_was_killed_halfway_and_never_comes_back_is_in_nobodys_way)
{
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                deadly = "promise:record";
                (void) promise_simply("gone", "back:ip=10.2.0.5", NULL, NULL);
                _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(promise_simply("web", "back:ip=10.2.0.5", NULL, NULL), 0);
        for (unsigned i = 0; i < 4; i++) {
                char owner[8];

                (void) snprintf(owner, sizeof(owner), "c%u", i);
                ck_assert_int_eq(promise_simply(owner, "back", NULL, NULL), 0);
        }
}
END_TEST

START_TEST(a_record_that_cannot_be_read_is_replaced)
{
        ck_assert_int_eq(net_write_text(NET_MEMBERS "/web", "{"), 0);
        ck_assert_int_eq(promise_simply("web", "front", NULL, NULL), 0);
        ck_assert_int_eq(net_write_text(NET_MEMBERS "/web", "{"), 0);
        promise_forget("web");
        ck_assert_int_lt(access(NET_MEMBERS "/web", F_OK), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("net-promise");
        TCase *tc = tcase_create("promise");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_set_timeout(tc, 60);
        tcase_add_test(tc, a_promise_has_addresses_names_and_a_record);
        tcase_add_test(tc, who_comes_back_has_the_same);
        tcase_add_test(tc, a_fixed_mac_is_taken_as_it_is);
        tcase_add_loop_test(tc, of_a_promise_that_fails_nothing_is_left, 0, ELEMENTS(wrong));
        tcase_add_test(tc, names_that_would_leave_the_directory_are_refused);
        tcase_add_test(tc, a_host_name_that_is_none_is_not_told);
        tcase_add_test(tc, a_container_and_a_pod_cannot_have_one_name);
        tcase_add_test(tc, a_fixed_address_is_of_one_network);
        tcase_add_test(tc, own_lines_have_a_view_of_their_own);
        tcase_add_test(tc, a_silent_network_tells_nobody_but_oneself);
        tcase_add_test(tc, a_container_of_a_pod_has_names_on_all_of_its_networks);
        tcase_add_test(tc, a_container_of_a_pod_on_a_silent_network_has_none);
        tcase_add_test(tc, names_are_told_again_in_a_new_view);
        tcase_add_test(tc, the_gateway_of_the_first_network_is_the_hosts);
        tcase_add_test(tc, a_port_is_held_and_named);
        tcase_add_test(tc, a_port_of_a_stranger_is_told_as_such);
        tcase_add_test(tc, a_port_may_be_any);
        tcase_add_test(tc, a_port_that_may_be_any_is_no_pods);
        tcase_add_test(tc, a_pods_port_is_its_own_only_at_its_address);
        tcase_add_test(tc, those_who_come_at_once_get_different_addresses);
        tcase_add_test(tc, of_two_who_want_one_port_one_gets_it);
        tcase_add_loop_test(tc, who_is_killed_halfway_is_mended_by_his_next_start, 0, 2);
        tcase_add_test(tc, who_was_killed_halfway_and_never_comes_back_is_in_nobodys_way);
        tcase_add_test(tc, a_record_that_cannot_be_read_is_replaced);
        suite_add_tcase(suite, tc);
        return net_main(suite);
}
