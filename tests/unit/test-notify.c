/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/cleanup.h"
#include "lib/notify.h"
#include "tests/suite.h"

/* A service manager of our own: a datagram socket under a name. */
static int listen_at(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t n = strlen(path);
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        ck_assert_int_ge(fd, 0);
        memcpy(address.sun_path, path, n);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address,
                                         (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n)),
                        0);
        ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
        return fd;
}

static void expect(int fd, const char *state) {
        char message[4096];
        ssize_t n = recv(fd, message, sizeof(message) - 1, MSG_DONTWAIT);

        ck_assert_int_ge(n, 0);
        message[n] = '\0';
        ck_assert_str_eq(message, state);
}

START_TEST(a_state_arrives_at_an_abstract_name)
{
        char name[64];
        autofd int fd = -1;

        (void) snprintf(name, sizeof(name), "@slipway-test-%d", (int) getpid());
        fd = listen_at(name);
        ck_assert_int_eq(notify_send("READY=1"), 1);
        expect(fd, "READY=1");
        ck_assert_int_eq(notify_status("%d of %s", 3, "a\\x20b\nc\rMAINPID=1\x1b"), 1);
        expect(fd, "STATUS=3 of a\\\\x20b c MAINPID=1 ");
}
END_TEST

START_TEST(a_state_arrives_at_a_path)
{
        char path[64];
        autofd int fd = -1;

        (void) snprintf(path, sizeof(path), "/tmp/slipway-notify-%d", (int) getpid());
        fd = listen_at(path);
        ck_assert_int_eq(notify_send("STOPPING=1"), 1);
        expect(fd, "STOPPING=1");
        (void) unlink(path);
}
END_TEST

START_TEST(nobody_has_to_listen)
{
        (void) unsetenv("NOTIFY_SOCKET");
        ck_assert_int_eq(notify_send("READY=1"), 0);
}
END_TEST

START_TEST(an_address_that_is_none_is_an_error)
{
        char longer[200];

        memset(longer, 'x', sizeof(longer) - 1);
        longer[0] = '/';
        longer[sizeof(longer) - 1] = '\0';

        ck_assert_int_eq(setenv("NOTIFY_SOCKET", "relative", 1), 0);
        ck_assert_int_eq(notify_send("READY=1"), -EINVAL);
        ck_assert_int_eq(setenv("NOTIFY_SOCKET", longer, 1), 0);
        ck_assert_int_eq(notify_send("READY=1"), -EINVAL);
        ck_assert_int_eq(setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1), 0);
        ck_assert_int_eq(notify_send("READY=1"), -ENOENT);
}
END_TEST

START_TEST(a_state_that_is_too_long_is_cut)
{
        char name[64], longer[5000], cut[2048];
        autofd int fd = -1;

        memset(longer, 'x', sizeof(longer) - 1);
        longer[sizeof(longer) - 1] = '\0';
        (void) snprintf(name, sizeof(name), "@slipway-test-%d", (int) getpid());
        fd = listen_at(name);
        ck_assert_int_eq(notify_status("%s", longer), 1);
        (void) snprintf(cut, sizeof(cut), "STATUS=%.*s", 1023, longer);
        expect(fd, cut);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("notify");
        TCase *tc = tcase_create("notify");

        tcase_add_test(tc, a_state_arrives_at_an_abstract_name);
        tcase_add_test(tc, a_state_arrives_at_a_path);
        tcase_add_test(tc, nobody_has_to_listen);
        tcase_add_test(tc, an_address_that_is_none_is_an_error);
        tcase_add_test(tc, a_state_that_is_too_long_is_cut);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
