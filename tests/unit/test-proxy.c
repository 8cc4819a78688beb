/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "nspawn-glue/proxy/ports.h"
#include "nspawn-glue/proxy/splice.h"
#include "tests/suite.h"

static uint16_t find(const PortTable *table, const char *protocol, const char *text, uint16_t port) {
        Address address;

        ck_assert_int_eq(address_parse(text, &address), 0);
        return ports_find(table, protocol, &address, port);
}

START_TEST(who_names_the_address_comes_first)
{
        static const char *const specs[] = { "8080:80", "127.0.0.1:8080:81", "[::1]:8080:82", "8080:83/udp",
                "9000-9010:100-110", "0.0.0.0:7000:70" };
        PortTable table = {};
        Fault fault = {};

        for (size_t i = 0; i < ELEMENTS(specs); i++)
                ck_assert_int_eq(ports_add(&table, specs[i], &fault), 0);
        ck_assert_uint_eq(find(&table, "tcp", "0.0.0.0", 8080), 80);
        ck_assert_uint_eq(find(&table, "tcp", "::", 8080), 80);
        ck_assert_uint_eq(find(&table, "tcp", "127.0.0.1", 8080), 81);
        ck_assert_uint_eq(find(&table, "tcp", "::1", 8080), 82);
        ck_assert_uint_eq(find(&table, "udp", "127.0.0.1", 8080), 83);
        ck_assert_uint_eq(find(&table, "tcp", "::", 9000), 100);
        ck_assert_uint_eq(find(&table, "tcp", "::", 9010), 110);
        ck_assert_uint_eq(find(&table, "tcp", "::", 9011), 0);
        ck_assert_uint_eq(find(&table, "udp", "::", 9000), 0);
        ck_assert_uint_eq(find(&table, "tcp", "0.0.0.0", 7000), 70);
        ck_assert_uint_eq(find(&table, "tcp", "::", 7000), 0);
        ports_done(&table);
}
END_TEST

START_TEST(a_port_without_one_of_the_host_is_refused)
{
        PortTable table = {};
        Fault fault = {};

        ck_assert_int_eq(ports_add(&table, "80", &fault), -EINVAL);
        ck_assert(fault_is_raised(&fault));
        ck_assert_uint_eq(table.n, 0);
}
END_TEST

/* Two connections, whose outer ends are a client's and an app's. */
typedef struct Between {
        PipePool pool;
        Stream stream;
        Side from, to;
        int client, app;
} Between;

static void between_open(Between *between) {
        int one[2], two[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, one), 0);
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, two), 0);
        *between = (Between){
                .client = one[0],
                .app = two[0],
                .from = { .fd = one[1], .readable = true, .writable = true },
                .to = { .fd = two[1], .readable = true, .writable = true },
        };
        stream_open(&between->stream);
}

static void between_close(Between *between) {
        stream_close(&between->stream, &between->pool);
        pipes_done(&between->pool);
        fd_closep(&between->client);
        fd_closep(&between->app);
        fd_closep(&between->from.fd);
        fd_closep(&between->to.fd);
}

static int pump(Between *between) {
        return stream_pump(&between->stream, &between->pool, &between->from, &between->to);
}

START_TEST(a_pipe_is_held_only_while_something_is_in_it)
{
        Between between;
        char text[8];

        between_open(&between);
        ck_assert_int_eq(pump(&between), 0);
        ck_assert(!between.from.readable);
        ck_assert_int_eq(between.stream.pipe.in, -1);
        ck_assert_uint_eq(between.pool.n, 1);

        ck_assert_int_eq(write(between.client, "hello", 5), 5);
        between.from.readable = true;
        ck_assert_int_eq(pump(&between), 0);
        ck_assert_int_eq(read(between.app, text, sizeof(text)), 5);
        ck_assert_int_eq(memcmp(text, "hello", 5), 0);
        ck_assert_int_eq(between.stream.pipe.in, -1);
        ck_assert_uint_eq(between.pool.n, 1);
        between_close(&between);
}
END_TEST

START_TEST(an_end_comes_after_all_before_it)
{
        Between between;
        char text[8];

        between_open(&between);
        ck_assert_int_eq(write(between.client, "bye", 3), 3);
        ck_assert_int_eq(shutdown(between.client, SHUT_WR), 0);
        ck_assert_int_eq(pump(&between), 0);
        ck_assert(between.from.has_ended && between.to.is_shut);
        ck_assert_int_eq(read(between.app, text, sizeof(text)), 3);
        ck_assert_int_eq(read(between.app, text, sizeof(text)), 0);
        between_close(&between);
}
END_TEST

/* Who does not read fills the pipe and no more; all comes through when it reads again. */
START_TEST(what_cannot_go_on_waits_and_loses_nothing)
{
        static char block[4096], got[65536];
        size_t sent = 0, received = 0;
        Between between;
        ssize_t n;

        between_open(&between);
        for (;;) {
                memset(block, (int) (sent / sizeof(block)) % 251, sizeof(block));
                n = write(between.client, block, sizeof(block));
                if (n > 0)
                        sent += (size_t) n;
                between.from.readable = true;
                ck_assert_int_ge(pump(&between), 0);
                if (n < 0 && !between.to.writable)
                        break;
        }
        ck_assert_uint_gt(between.stream.n, 0);
        ck_assert_int_ge(between.stream.pipe.in, 0);
        ck_assert_int_eq(shutdown(between.client, SHUT_WR), 0);

        while ((n = read(between.app, got, sizeof(got))) != 0) {
                for (ssize_t i = 0; i < n; i++, received++)
                        ck_assert_int_eq((unsigned char) got[i], (int) (received / sizeof(block)) % 251);
                between.from.readable = between.to.writable = true;
                ck_assert_int_ge(pump(&between), 0);
        }
        ck_assert_uint_eq(received, sent);
        between_close(&between);
}
END_TEST

START_TEST(a_broken_side_is_told)
{
        Between between;

        between_open(&between);
        (void) signal(SIGPIPE, SIG_IGN);
        fd_closep(&between.app);
        between.app = -1;
        ck_assert_int_eq(write(between.client, "hello", 5), 5);
        ck_assert_int_eq(pump(&between), -EPIPE);
        between_close(&between);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("proxy");
        TCase *tc = tcase_create("proxy");

        tcase_add_test(tc, who_names_the_address_comes_first);
        tcase_add_test(tc, a_port_without_one_of_the_host_is_refused);
        tcase_add_test(tc, a_pipe_is_held_only_while_something_is_in_it);
        tcase_add_test(tc, an_end_comes_after_all_before_it);
        tcase_add_test(tc, what_cannot_go_on_waits_and_loses_nothing);
        tcase_add_test(tc, a_broken_side_is_told);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
