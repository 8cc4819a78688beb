/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/pump.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "tests/suite.h"

static int in[2], out[2];
static Pump pump;

static void setup(void) {
        ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
        (void) signal(SIGPIPE, SIG_IGN);
        pump = (Pump){ .from = in[0], .to = out[1] };
}

static void teardown(void) {
        for (int i = 0; i < 2; i++) {
                (void) close(in[i]);
                (void) close(out[i]);
        }
}

static void step(void) {
        struct pollfd wait[2];

        pump_wait(&pump, wait);
        ck_assert_int_gt(poll(wait, 2, 5000), 0);
        pump_move(&pump, wait);
}

START_TEST(what_comes_goes_in_order)
{
        char text[8] = "";

        ck_assert_int_eq(write(in[1], "one", 3), 3);
        pump_drain(&pump);
        ck_assert_int_eq(write(in[1], "two", 3), 3);
        pump_drain(&pump);
        ck_assert_int_eq(read(out[0], text, sizeof(text)), 6);
        ck_assert_str_eq(text, "onetwo");
        ck_assert(!pump.has_ended);
}
END_TEST

START_TEST(the_end_is_seen_when_all_has_gone)
{
        char text[8] = "";

        ck_assert_int_eq(write(in[1], "last", 4), 4);
        (void) close(in[1]);
        pump_drain(&pump);
        ck_assert(pump.has_ended);
        ck_assert_uint_eq(pump.begin, pump.end);
        ck_assert_int_eq(read(out[0], text, sizeof(text)), 4);
        in[1] = -1;
}
END_TEST

/* More than the pipes and the buffer hold: nothing may be lost when the reader is slow. */
START_TEST(a_slow_reader_loses_nothing)
{
        enum { SIZE = 1000000 };
        autofree char *sent = malloc(SIZE), *got = NULL;
        size_t size;
        pid_t writer, reader;
        int status;

        ck_assert_ptr_nonnull(sent);
        for (size_t i = 0; i < SIZE; i++)
                sent[i] = (char) (i * 7 + i / 251);
        writer = fork();
        if (writer == 0)
                _exit(io_write_all(in[1], sent, SIZE) < 0);
        (void) close(in[1]);
        in[1] = -1;
        reader = fork();
        if (reader == 0) {
                (void) close(out[1]);
                (void) usleep(20000);
                _exit(io_read_fd(out[0], 2 * SIZE, &got, &size) < 0 || size != SIZE ||
                                memcmp(got, sent, SIZE) != 0);
        }
        while (!pump.has_ended || pump.begin < pump.end)
                step();
        (void) close(out[1]);
        out[1] = -1;
        ck_assert_int_eq(waitpid(writer, &status, 0), writer);
        ck_assert_int_eq(status, 0);
        ck_assert_int_eq(waitpid(reader, &status, 0), reader);
        ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_reader_that_is_gone_is_noticed)
{
        (void) close(out[0]);
        out[0] = -1;
        ck_assert_int_eq(write(in[1], "x", 1), 1);
        pump_drain(&pump);
        ck_assert(pump.is_broken);
        pump_drain(&pump);
}
END_TEST

START_TEST(keys_end_it_and_are_not_passed_on)
{
        DetachKeys keys;
        char text[8] = "";

        ck_assert_int_eq(detach_keys_parse("ctrl-p,ctrl-q", &keys), 0);
        pump.keys = &keys;
        ck_assert_int_eq(write(in[1], "a\x10\x11z", 4), 4);
        pump_drain(&pump);
        ck_assert(pump.has_detached);
        ck_assert_int_eq(read(out[0], text, sizeof(text)), 1);
        ck_assert_str_eq(text, "a");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("pump");
        TCase *tcase = tcase_create("pump");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, what_comes_goes_in_order);
        tcase_add_test(tcase, the_end_is_seen_when_all_has_gone);
        tcase_add_test(tcase, a_slow_reader_loses_nothing);
        tcase_add_test(tcase, a_reader_that_is_gone_is_noticed);
        tcase_add_test(tcase, keys_end_it_and_are_not_passed_on);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
