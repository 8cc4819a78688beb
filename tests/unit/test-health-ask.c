/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "nspawn-glue/health/ask.h"
#include "tests/suite.h"

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })
#define W(text) ((char *) (text))

START_TEST(an_ask_is_told_from_a_command)
{
        ck_assert(ask_is_meant(WORDS(W("slipway:tcp"))));
        ck_assert(ask_is_meant(WORDS(W("slipway:http"), W("80"))));
        ck_assert(!ask_is_meant(WORDS(W("slipway:https"))));
        ck_assert(!ask_is_meant(WORDS(W("/bin/true"))));
        ck_assert(!ask_is_meant(NULL));
}
END_TEST

START_TEST(what_is_not_said_has_a_default)
{
        Ask ask = {};

        ck_assert_int_eq(ask_parse(WORDS(W("slipway:http"), W("80")), &ask, NULL), 0);
        ck_assert(ask.is_http);
        ck_assert_uint_eq(ask.port, 80);
        ck_assert_str_eq(ask.path, "/");
        ck_assert_ptr_null(ask.host);
        ck_assert_ptr_null(ask.headers[0]);
        ck_assert_int_eq(ask_parse(WORDS(W("slipway:http"), W("65535"), W(""), W("::1"), W("A: b")), &ask,
                                         NULL),
                        0);
        ck_assert_str_eq(ask.path, "/");
        ck_assert_str_eq(ask.host, "::1");
        ck_assert_str_eq(ask.headers[0], "A: b");
        ck_assert_int_eq(ask_parse(WORDS(W("slipway:tcp"), W("1"), W("localhost")), &ask, NULL), 0);
        ck_assert_ptr_null(ask.host);
}
END_TEST

static char *const *const bad[] = {
        WORDS(W("slipway:tcp")),
        WORDS(W("slipway:tcp"), W("0")),
        WORDS(W("slipway:tcp"), W("65536")),
        WORDS(W("slipway:tcp"), W("80x")),
        WORDS(W("slipway:tcp"), W("-1")),
        WORDS(W("slipway:tcp"), W("80"), W("example.com")),
        WORDS(W("slipway:tcp"), W("80"), W("::1"), W("x")),
        WORDS(W("slipway:http"), W("80"), W("x")),
        WORDS(W("slipway:http"), W("80"), W("/a b")),
        WORDS(W("slipway:http"), W("80"), W("/a\r\nX: y")),
        WORDS(W("slipway:http"), W("80"), W("/"), W(""), W("A: b\nC: d")),
        WORDS(W("slipway:http"), W("80"), W("/"), W(""), W("nothing")),
};

START_TEST(what_makes_no_sense_is_refused)
{
        Fault fault = {};
        Ask ask = {};

        ck_assert_int_eq(ask_parse(bad[_i], &ask, &fault), -EINVAL);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

/* A server that answers once, @pieces with pauses in between. Return: its port. */
static uint16_t serve(const char *const *pieces, int family, pid_t *ret) {
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        struct sockaddr *address = family == AF_INET6 ? (struct sockaddr *) &v6 : (struct sockaddr *) &v4;
        socklen_t size = family == AF_INET6 ? sizeof(v6) : sizeof(v4);
        int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_eq(bind(fd, address, size), 0);
        ck_assert_int_eq(listen(fd, 4), 0);
        ck_assert_int_eq(getsockname(fd, address, &size), 0);
        *ret = fork();
        if (*ret == 0) {
                int peer = accept(fd, NULL, NULL);
                char request[1024];

                if (pieces && read(peer, request, sizeof(request)) > 0)
                        for (; *pieces; pieces++) {
                                (void) usleep(10000);
                                (void) !write(peer, *pieces, strlen(*pieces));
                        }
                _exit(0);
        }
        (void) close(fd);
        return ntohs(family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

static int ask_port(const char *word, uint16_t port, char *said, size_t size) {
        int ends[2];
        char text[16];
        Ask ask;
        int status;
        ssize_t n;

        (void) snprintf(text, sizeof(text), "%u", port);
        ck_assert_int_eq(ask_parse(WORDS(W(word), text), &ask, NULL), 0);
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        status = ask_run(&ask, ends[1]);
        (void) close(ends[1]);
        n = read(ends[0], said, size - 1);
        said[n > 0 ? n : 0] = '\0';
        (void) close(ends[0]);
        return status;
}

static const struct {
        const char *pieces[4];
        int status;
        const char *said;
} answers[] = {
        { { "HTTP/1.1 200 OK\r\n\r\nhello" }, 0, "HTTP/1.1 200 OK\n" },
        { { "HTTP/1.", "0 20", "4\r\n" }, 0, "HTTP/1.0 204\n" },
        { { "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n" }, 0, "HTTP/1.1 302 Found\n" },
        { { "HTTP/1.1 503 No\r\n\r\n" }, 1, "HTTP/1.1 503 No\n" },
        { { "HTTP/1.1 2000 OK\r\n" }, 1, "HTTP/1.1 2000 OK\n" },
        { { "HTTP/1.1\r\n" }, 1, "HTTP/1.1\n" },
        { { "220 mail\033[31m\r\n" }, 1, "220 mail?[31m\n" },
        { { NULL }, 1, "there is no answer\n" },
};

START_TEST(the_status_of_the_answer_counts)
{
        char said[512];
        pid_t server;
        uint16_t port = serve(answers[_i].pieces, _i % 2 ? AF_INET6 : AF_INET, &server);

        ck_assert_int_eq(ask_port("slipway:http", port, said, sizeof(said)), answers[_i].status);
        ck_assert_str_eq(said, answers[_i].said);
        ck_assert_int_eq(waitpid(server, NULL, 0), server);
}
END_TEST

START_TEST(a_port_that_nobody_listens_on_is_told)
{
        char said[512];
        pid_t server;
        uint16_t port = serve(NULL, AF_INET, &server);

        ck_assert_int_eq(ask_port("slipway:tcp", port, said, sizeof(said)), 0);
        ck_assert_str_eq(said, "");
        ck_assert_int_eq(waitpid(server, NULL, 0), server);
        ck_assert_int_eq(ask_port("slipway:tcp", port, said, sizeof(said)), 1);
        ck_assert_ptr_nonnull(strstr(said, "Connection refused"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health-ask");
        TCase *tcase = tcase_create("health-ask");

        tcase_add_test(tcase, an_ask_is_told_from_a_command);
        tcase_add_test(tcase, what_is_not_said_has_a_default);
        tcase_add_loop_test(tcase, what_makes_no_sense_is_refused, 0, ELEMENTS(bad));
        tcase_add_loop_test(tcase, the_status_of_the_answer_counts, 0, ELEMENTS(answers));
        tcase_add_test(tcase, a_port_that_nobody_listens_on_is_told);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
