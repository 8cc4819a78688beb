/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/tty/server.h"
#include "tests/suite.h"

/* The server runs in a process of its own; the test is the app on one side, and those who attach on the
 * other. */
static struct sockaddr_un address;
static int app_in, app_out, app_err, log_out, log_err, stop;
static pid_t pid;

static int listener(void) {
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        socklen_t size = sizeof(address);

        /* The kernel chooses an abstract name. */
        address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, sizeof(sa_family_t)), 0);
        ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &address, &size), 0);
        ck_assert_int_eq(listen(fd, 16), 0);
        return fd;
}

static int rest = -1; /* what the next server has for that */

static void make_pipe(int *ret_read, int *ret_write) {
        int ends[2];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        *ret_read = ends[0];
        *ret_write = ends[1];
}

static void serve(TtyServer *server) {
        server->listen_fd = listener();
        make_pipe(&server->end_fd, &stop);
        make_pipe(&log_out, &server->sources[0].log_fd);
        make_pipe(&log_err, &server->sources[1].log_fd);
        pid = fork();
        if (pid == 0) {
                (void) close(stop);
                (void) signal(SIGPIPE, SIG_IGN);
                _exit(tty_serve(server) < 0);
        }
        (void) close(server->sources[0].log_fd);
        (void) close(server->sources[1].log_fd);
        (void) close(server->listen_fd);
}

static void setup_pipes(void) {
        TtyServer server = {
                .app_fd = -1, .rest_fd = rest, .sources = { { .kind = TTY_OUTPUT }, { .kind = TTY_ERROR } }
        };

        make_pipe(&app_in, &server.input_fd);
        make_pipe(&server.sources[0].fd, &app_out);
        make_pipe(&server.sources[1].fd, &app_err);
        serve(&server);
        (void) close(server.input_fd);
        (void) close(server.sources[0].fd);
        (void) close(server.sources[1].fd);
}

static void setup_terminal(void) {
        TtyServer server = { .app_fd = -1,
                .rest_fd = -1,
                .is_terminal = true,
                .sources = { { .kind = TTY_OUTPUT }, { .fd = -1 } } };
        struct termios raw;

        ck_assert_int_eq(openpty(&server.input_fd, &app_in, NULL, NULL, NULL), 0);
        ck_assert_int_eq(tcgetattr(app_in, &raw), 0);
        cfmakeraw(&raw);
        ck_assert_int_eq(tcsetattr(app_in, TCSANOW, &raw), 0);
        ck_assert_int_eq(fcntl(server.input_fd, F_SETFL, O_NONBLOCK), 0);
        server.sources[0].fd = server.input_fd;
        app_out = app_in;
        serve(&server);
        (void) close(server.input_fd);
}

static int connect_to(void) {
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        struct timeval patience = { .tv_sec = 5 };

        ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
        ck_assert_int_eq(connect(fd, (struct sockaddr *) &address,
                                         offsetof(struct sockaddr_un, sun_path) + 6),
                        0);
        return fd;
}

static void expect(int fd, char kind, const char *text) {
        TtyMessage message = {};
        ssize_t n = recv(fd, &message, sizeof(message), 0);

        ck_assert_int_ge(n, 1);
        ck_assert_int_eq(message.kind, kind);
        ck_assert_int_eq(n - 1, (ssize_t) strlen(text));
        ck_assert_mem_eq(message.data, text, strlen(text));
}

static int attach(const char *what) {
        int fd = connect_to();

        expect(fd, TTY_HELLO, what);
        return fd;
}

static void say(int fd, char kind, const void *data, size_t n) {
        TtyMessage message = { .kind = kind };

        memcpy(message.data, data, n);
        ck_assert_int_eq(send(fd, &message, n + 1, MSG_NOSIGNAL), (ssize_t) n + 1);
}

static void expect_bytes(int fd, const char *text) {
        char got[64] = "";
        size_t n = 0;

        while (n < strlen(text)) {
                ssize_t k = read(fd, got + n, strlen(text) - n);

                ck_assert_int_gt(k, 0);
                n += (size_t) k;
        }
        ck_assert_str_eq(got, text);
}

static void end_server(void) {
        int status;

        (void) close(stop);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
}

START_TEST(all_who_are_attached_see_what_is_written)
{
        int one = attach("i"), two = attach("i");

        ck_assert_int_eq(write(app_out, "out\n", 4), 4);
        expect(one, TTY_OUTPUT, "out\n");
        expect(two, TTY_OUTPUT, "out\n");
        ck_assert_int_eq(write(app_err, "err\n", 4), 4);
        expect(one, TTY_ERROR, "err\n");
        expect(two, TTY_ERROR, "err\n");
        (void) close(one);
        ck_assert_int_eq(write(app_out, "more\n", 5), 5);
        expect(two, TTY_OUTPUT, "more\n");
        expect_bytes(log_out, "out\nmore\n");
        expect_bytes(log_err, "err\n");
        end_server();
        expect(two, TTY_END, "");
}
END_TEST

START_TEST(what_was_written_before_is_for_the_first_who_comes)
{
        int one, two;

        ck_assert_int_eq(write(app_out, "early\n", 6), 6);
        expect_bytes(log_out, "early\n");
        ck_assert_int_eq(write(app_err, "fault\n", 6), 6);
        expect_bytes(log_err, "fault\n");
        one = attach("i");
        expect(one, TTY_OUTPUT, "early\n");
        expect(one, TTY_ERROR, "fault\n");
        two = attach("i");
        ck_assert_int_eq(write(app_out, "late\n", 5), 5);
        expect(two, TTY_OUTPUT, "late\n");
        end_server();
}
END_TEST

START_TEST(who_comes_during_a_short_life_hears_all_of_it)
{
        int one, status;

        ck_assert_int_eq(kill(pid, SIGSTOP), 0);
        ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
        one = connect_to();
        say(one, TTY_INPUT, "never read", 10);
        ck_assert_int_eq(write(app_out, "all\n", 4), 4);
        (void) close(stop);
        ck_assert_int_eq(kill(pid, SIGCONT), 0);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        expect(one, TTY_HELLO, "i");
        expect(one, TTY_OUTPUT, "all\n");
        expect(one, TTY_END, "");
}
END_TEST

START_TEST(of_what_nobody_has_seen_the_latest_is_kept)
{
        static char block[4096];
        size_t got = 0;
        int one;

        for (int i = 0; i < 40; i++) {
                size_t n = 0;

                memset(block, 'a' + i % 26, sizeof(block));
                ck_assert_int_eq(io_write_all(app_out, block, sizeof(block)), 0);
                while (n < sizeof(block)) {
                        ssize_t k = read(log_out, block, sizeof(block) - n);

                        ck_assert_int_gt(k, 0);
                        n += (size_t) k;
                }
        }
        one = attach("i");
        end_server();
        for (;;) {
                TtyMessage message;
                ssize_t n = recv(one, &message, sizeof(message), 0);

                ck_assert_int_ge(n, 1);
                if (message.kind == TTY_END)
                        break;
                got += (size_t) n - 1;
                ck_assert(n == 1 || got < TTY_KEPT_MAX);
        }
        ck_assert_uint_gt(got, TTY_KEPT_MAX / 2);
}
END_TEST

START_TEST(input_goes_to_the_app_until_it_is_ended)
{
        int one = attach("i"), two = attach("i");
        char nothing;

        say(one, TTY_INPUT, "typed", 5);
        expect_bytes(app_in, "typed");
        say(two, TTY_INPUT, "here", 4);
        expect_bytes(app_in, "here");
        say(one, TTY_EOF, "", 0);
        ck_assert_int_eq(read(app_in, &nothing, 1), 0);
        say(two, TTY_INPUT, "lost", 4);
        ck_assert_int_eq(write(app_out, "on\n", 3), 3);
        expect(two, TTY_OUTPUT, "on\n");
        end_server();
}
END_TEST

START_TEST(what_is_no_message_does_no_harm)
{
        int one = attach("i");

        say(one, 'z', "unknown", 7);
        say(one, TTY_WINDOW, "short", 5);
        say(one, TTY_HELLO, "", 0);
        say(one, TTY_INPUT, "", 0);
        say(one, TTY_INPUT, "fine", 4);
        expect_bytes(app_in, "fine");
        end_server();
}
END_TEST

START_TEST(no_more_are_let_in_than_there_is_room_for)
{
        int fds[TTY_CLIENTS_MAX], more;
        char nothing;

        for (size_t i = 0; i < ELEMENTS(fds); i++)
                fds[i] = attach("i");
        more = connect_to();
        ck_assert_int_eq(recv(more, &nothing, 1, 0), 0);
        ck_assert_int_eq(write(app_out, "x", 1), 1);
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                expect(fds[i], TTY_OUTPUT, "x");
        end_server();
}
END_TEST

/* All of it arrives, although it is more than the sockets hold, and is read late. */
START_TEST(who_reads_slowly_loses_nothing)
{
        enum { SIZE = 2000000 };
        int one = attach("i");
        size_t got = 0, wrong = 0;
        pid_t app, logger;

        app = fork();
        if (app == 0) {
                char *data = malloc(SIZE);

                (void) close(stop);
                for (size_t i = 0; data && i < SIZE; i++)
                        data[i] = (char) ('a' + i % 23);
                _exit(!data || io_write_all(app_out, data, SIZE) < 0);
        }
        logger = fork();
        if (logger == 0) {
                char nothing[4096];

                (void) close(stop);
                while (read(log_out, nothing, sizeof(nothing)) > 0)
                        ;
                _exit(0);
        }
        (void) usleep(100000);
        while (got < SIZE) {
                TtyMessage message;
                ssize_t n = recv(one, &message, sizeof(message), 0);

                ck_assert_int_ge(n, 2);
                for (ssize_t i = 0; i < n - 1; i++)
                        wrong += message.data[i] != (char) ('a' + (got + (size_t) i) % 23);
                got += (size_t) n - 1;
        }
        ck_assert_uint_eq(wrong, 0);
        end_server();
        (void) waitpid(app, NULL, 0);
        (void) waitpid(logger, NULL, 0);
}
END_TEST

START_TEST(a_terminal_has_the_size_of_the_last_window)
{
        struct winsize size = { .ws_row = 33, .ws_col = 77 }, got = {};
        int one = attach("t");

        say(one, TTY_WINDOW, &size, sizeof(size));
        say(one, TTY_INPUT, "x", 1);
        expect_bytes(app_in, "x");
        ck_assert_int_eq(ioctl(app_in, TIOCGWINSZ, &got), 0);
        ck_assert_int_eq(got.ws_row, 33);
        ck_assert_int_eq(got.ws_col, 77);
        end_server();
}
END_TEST

START_TEST(a_terminal_is_logged_without_its_returns)
{
        int one = attach("t");

        ck_assert_int_eq(write(app_out, "one\r\ntwo\rthree\r\n", 16), 16);
        expect(one, TTY_OUTPUT, "one\r\ntwo\rthree\r\n");
        expect_bytes(log_out, "one\ntwo\rthree\n");
        say(one, TTY_EOF, "", 0);
        expect_bytes(app_in, "\x04");
        end_server();
}
END_TEST

START_TEST(the_last_words_are_said)
{
        int one = attach("i");

        ck_assert_int_eq(kill(pid, SIGSTOP), 0);
        ck_assert_int_eq(write(app_out, "last", 4), 4);
        (void) close(stop);
        stop = -1;
        ck_assert_int_eq(kill(pid, SIGCONT), 0);
        expect(one, TTY_OUTPUT, "last");
        expect(one, TTY_END, "");
        end_server();
}
END_TEST

static int begin_with_rest(void) {
        int pair[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        rest = pair[0];
        setup_pipes();
        (void) close(pair[0]);
        rest = -1;
        return pair[1];
}

START_TEST(who_waits_for_the_rest_is_told_when_it_was_passed_on)
{
        int waits = begin_with_rest(), one = attach("i");
        struct pollfd told = { .fd = waits, .events = POLLIN };
        char nothing;

        ck_assert_int_eq(kill(pid, SIGSTOP), 0);
        ck_assert_int_eq(write(app_out, "last", 4), 4);
        ck_assert_int_eq(shutdown(waits, SHUT_WR), 0);
        ck_assert_int_eq(poll(&told, 1, 200), 0);
        ck_assert_int_eq(kill(pid, SIGCONT), 0);
        ck_assert_int_eq(read(waits, &nothing, 1), 0);
        expect(one, TTY_OUTPUT, "last");
        expect(one, TTY_END, "");
        expect_bytes(log_out, "last");
        end_server();
}
END_TEST

int main(void) {
        Suite *suite = suite_create("tty");
        TCase *pipes = tcase_create("pipes"), *terminal = tcase_create("terminal");
        TCase *with_rest = tcase_create("rest");

        tcase_add_checked_fixture(pipes, setup_pipes, NULL);
        tcase_add_test(pipes, all_who_are_attached_see_what_is_written);
        tcase_add_test(pipes, what_was_written_before_is_for_the_first_who_comes);
        tcase_add_test(pipes, who_comes_during_a_short_life_hears_all_of_it);
        tcase_add_test(pipes, of_what_nobody_has_seen_the_latest_is_kept);
        tcase_add_test(pipes, input_goes_to_the_app_until_it_is_ended);
        tcase_add_test(pipes, what_is_no_message_does_no_harm);
        tcase_add_test(pipes, no_more_are_let_in_than_there_is_room_for);
        tcase_add_test(pipes, who_reads_slowly_loses_nothing);
        tcase_add_test(pipes, the_last_words_are_said);
        suite_add_tcase(suite, pipes);
        tcase_add_test(with_rest, who_waits_for_the_rest_is_told_when_it_was_passed_on);
        suite_add_tcase(suite, with_rest);
        tcase_add_checked_fixture(terminal, setup_terminal, NULL);
        tcase_add_test(terminal, a_terminal_has_the_size_of_the_last_window);
        tcase_add_test(terminal, a_terminal_is_logged_without_its_returns);
        suite_add_tcase(suite, terminal);
        return suite_main(suite);
}
