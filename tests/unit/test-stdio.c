/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/stdio/pump.h"
#include "tests/suite.h"

/* What lines became: "TEXT|" for each, "TEXT+" for one that goes on. */
typedef struct Heard {
        char text[3 * LINE_MAX_SIZE];
        size_t size;
} Heard;

static void hear(const Line *line, void *into) {
        Heard *heard = into;

        ck_assert_uint_lt(heard->size + line->size + 2, sizeof(heard->text));
        memcpy(heard->text + heard->size, line->text, line->size);
        heard->size += line->size;
        heard->text[heard->size++] = line->is_cut ? '+' : '|';
        heard->text[heard->size] = '\0';
}

/* Gives the buffer the text in pieces of @step bytes. */
static void feed(LineBuffer *buffer, const char *text, size_t size, size_t step, Heard *heard) {
        for (size_t at = 0; at < size;) {
                size_t room, n = step;
                char *to = lines_room(buffer, &room);

                ck_assert_uint_gt(room, 0);
                n = n > room ? room : n;
                n = n > size - at ? size - at : n;
                memcpy(to, text + at, n);
                lines_take(buffer, n, hear, heard);
                at += n;
        }
}

static const struct {
        const char *text, *lines, *flushed;
} cut[] = {
        { "one\n", "one|", "one|" },
        { "one\ntwo\n", "one|two|", "one|two|" },
        { "one\ntwo", "one|", "one|two|" },
        { "\n\none\n\n", "one|", "one|" },
        { "one\r\ntwo\r\n", "one|two|", "one|two|" },
        { "a\rb\n", "a\rb|", "a\rb|" },
        { "", "", "" },
};

START_TEST(lines_are_the_same_however_they_come)
{
        static LineBuffer buffer;
        static Heard heard;

        for (size_t step = 1; step < 16; step++) {
                heard.size = 0;
                heard.text[0] = '\0';
                feed(&buffer, cut[_i].text, strlen(cut[_i].text), step, &heard);
                ck_assert_str_eq(heard.text, cut[_i].lines);
                lines_flush(&buffer, hear, &heard);
                ck_assert_str_eq(heard.text, cut[_i].flushed);
        }
}
END_TEST

START_TEST(a_nul_byte_ends_a_line_as_in_the_journals_own_streams)
{
        static LineBuffer buffer;
        static Heard heard;
        static const char text[] = "a\0b\r\0\0\nc\0";

        for (size_t step = 1; step < 12; step++) {
                heard.size = 0;
                feed(&buffer, text, sizeof(text) - 1, step, &heard);
                ck_assert_str_eq(heard.text, "a|b\r|c|");
        }
}
END_TEST

START_TEST(a_line_that_is_too_long_comes_in_pieces_and_says_so)
{
        static LineBuffer buffer;
        static Heard heard;
        static char text[2 * LINE_MAX_SIZE + 11];

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\n';
        feed(&buffer, text, sizeof(text), 65536, &heard);

        ck_assert_uint_eq(heard.size, sizeof(text) - 1 + 3);
        ck_assert_int_eq(heard.text[LINE_MAX_SIZE], '+');
        ck_assert_int_eq(heard.text[2 * LINE_MAX_SIZE + 1], '+');
        ck_assert_str_eq(heard.text + 2 * LINE_MAX_SIZE + 2, "xxxxxxxxxx|");
}
END_TEST

START_TEST(a_line_that_just_fits_is_whole)
{
        static LineBuffer buffer;
        static Heard heard;
        static char text[LINE_MAX_SIZE];

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\n';
        feed(&buffer, text, sizeof(text), 4096, &heard);
        ck_assert_uint_eq(heard.size, LINE_MAX_SIZE);
        ck_assert_int_eq(heard.text[LINE_MAX_SIZE - 1], '|');
}
END_TEST

static const struct {
        const char *text;
        int priority;
        const char *rest;
} prefixed[] = {
        { "<3>disk is gone", 3, "disk is gone" },
        { "<0>", 0, "" },
        { "<8>x", 6, "<8>x" },
        { "<3x", 6, "<3x" },
        { "x<3>", 6, "x<3>" },
        { "<", 6, "<" },
};

START_TEST(a_prefix_says_the_priority)
{
        Line line = { .text = prefixed[_i].text, .size = strlen(prefixed[_i].text) };

        ck_assert_int_eq(entry_priority(&line, 6), prefixed[_i].priority);
        ck_assert_uint_eq(line.size, strlen(prefixed[_i].rest));
        ck_assert_mem_eq(line.text, prefixed[_i].rest, line.size);
}
END_TEST

/* A journal of our own: a datagram socket in a fresh directory. */
typedef struct Journal {
        char directory[32], path[64];
        int listening_fd, fd;
} Journal;

static void journal_open(Journal *journal) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) strcpy(journal->directory, "/tmp/slipway-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(journal->directory));
        (void) snprintf(journal->path, sizeof(journal->path), "%s/socket", journal->directory);
        (void) strcpy(address.sun_path, journal->path);
        journal->listening_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ck_assert_int_eq(bind(journal->listening_fd, (struct sockaddr *) &address, sizeof(address)), 0);
        journal->fd = entry_connect(journal->path);
        ck_assert_int_ge(journal->fd, 0);
}

static void journal_close(Journal *journal) {
        (void) close(journal->fd);
        (void) close(journal->listening_fd);
        (void) unlink(journal->path);
        (void) rmdir(journal->directory);
}

/* Return: the length of the next entry, 0 when there is none. */
static size_t journal_next(Journal *journal, char *entry, size_t size) {
        ssize_t n = recv(journal->listening_fd, entry, size - 1, MSG_DONTWAIT);

        if (n < 0)
                return 0;
        entry[n] = '\0';
        return (size_t) n;
}

static const Speaker web = {
        .container = "web", .unit = "shop-web.service", .image = "localhost/nginx", .tag = "", .fields = ""
};

START_TEST(an_entry_has_all_its_fields)
{
        static const char head_text[] = "SYSLOG_IDENTIFIER=web\nCONTAINER_NAME=web\n"
                                        "OBJECT_SYSTEMD_UNIT=shop-web.service\nIMAGE_NAME=localhost/nginx\n"
                                        "PRIORITY=3\nMESSAGE\n\x05\0\0\0\0\0\0\0a\0b\nc\n";
        const Line line = { .text = "a\0b\nc", .size = 5 };
        Journal journal;
        EntryHead head;
        char entry[4096];

        journal_open(&journal);
        ck_assert_int_eq(entry_head(&head, &web, 3), 0);
        ck_assert_int_eq(entry_send(journal.fd, &head, &line), 0);
        ck_assert_uint_eq(journal_next(&journal, entry, sizeof(entry)), sizeof(head_text) - 1);
        ck_assert_mem_eq(entry, head_text, sizeof(head_text) - 1);
        journal_close(&journal);
}
END_TEST

START_TEST(what_the_manifest_asks_for_is_in_an_entry)
{
        static const char head_text[] = "SYSLOG_IDENTIFIER=shop\nCONTAINER_NAME=web\n"
                                        "OBJECT_SYSTEMD_UNIT=web.service\nTEAM=core\nTIER=front\n";
        const Speaker speaker = { .container = "web",
                .unit = "web.service",
                .image = "",
                .tag = "shop",
                .fields = "TEAM=core\nTIER=front\n" };
        EntryHead head;

        ck_assert_int_eq(entry_head(&head, &speaker, 3), 0);
        ck_assert_uint_eq(head.size, sizeof(head_text) - 1);
        ck_assert_str_eq(head.text, head_text);
}
END_TEST

/* Return: the descriptor that came with the next datagram. */
static int journal_next_file(Journal *journal) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = {};
        char byte;
        struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        int fd;

        ck_assert_int_eq(recvmsg(journal->listening_fd, &message, MSG_DONTWAIT), 0);
        ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&message));
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        return fd;
}

START_TEST(an_entry_that_is_too_long_for_a_datagram_goes_as_a_file)
{
        static char text[LINE_MAX_SIZE];
        const Line line = { .text = text, .size = sizeof(text) };
        autofree char *entry = NULL;
        autofd int file = -1;
        Journal journal;
        EntryHead head;
        size_t size;

        memset(text, 'x', sizeof(text));
        journal_open(&journal);
        ck_assert_int_eq(entry_head(&head, &web, 6), 0);
        ck_assert_int_eq(entry_send(journal.fd, &head, &line), 0);
        file = journal_next_file(&journal);
        ck_assert_int_ne(fcntl(file, F_GET_SEALS) & F_SEAL_WRITE, 0);
        ck_assert_int_eq(lseek(file, 0, SEEK_SET), 0);
        ck_assert_int_eq(io_read_fd(file, 2 * LINE_MAX_SIZE, &entry, &size), 0);
        ck_assert_uint_gt(size, LINE_MAX_SIZE);
        ck_assert_int_eq(memcmp(entry, head.text, head.size), 0);
        ck_assert_int_eq(memcmp(entry + size - LINE_MAX_SIZE - 1, text, sizeof(text)), 0);
        journal_close(&journal);
}
END_TEST

START_TEST(nobody_can_smuggle_a_field_in)
{
        const Speaker bad = {
                .container = "web", .unit = "web.service", .image = "x\nPRIORITY=0", .tag = "", .fields = ""
        };
        const Speaker tagged = {
                .container = "web", .unit = "web.service", .image = "", .tag = "x\nPRIORITY=0", .fields = ""
        };
        EntryHead head;

        ck_assert_int_eq(entry_head(&head, &bad, 3), -EINVAL);
        ck_assert_int_eq(entry_head(&head, &tagged, 3), -EINVAL);
}
END_TEST

static volatile sig_atomic_t never, now = 1;

START_TEST(the_pump_logs_both_streams_and_ends_in_silence)
{
        static Stream streams[2];
        Journal journal;
        char entry[4096];
        int out[2], err[2];
        sigset_t none;

        (void) sigemptyset(&none);
        journal_open(&journal);
        ck_assert_int_eq(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
        ck_assert_int_eq(pipe2(err, O_CLOEXEC | O_NONBLOCK), 0);
        streams[0].fd = out[0];
        streams[1].fd = err[0];
        ck_assert_int_eq(entry_head(&streams[0].head, &web, 6), 0);
        ck_assert_int_eq(entry_head(&streams[1].head, &web, 3), 0);

        ck_assert_int_eq(write(out[1], "hello\nprompt> ", 14), 14);
        ck_assert_int_eq(write(err[1], "<4>careful\n", 11), 11);
        ck_assert_int_eq(pump_run(streams, 2, journal.fd, 20, &never, &none, NULL), 0);

        ck_assert_uint_gt(journal_next(&journal, entry, sizeof(entry)), 0);
        ck_assert_ptr_nonnull(strstr(entry, "PRIORITY=6\nMESSAGE\n\x05"));
        ck_assert_uint_gt(journal_next(&journal, entry, sizeof(entry)), 0);
        ck_assert_ptr_nonnull(strstr(entry, "PRIORITY=4\nMESSAGE\n\x07"));
        ck_assert_uint_gt(journal_next(&journal, entry, sizeof(entry)), 0);
        ck_assert_ptr_nonnull(strstr(entry, "PRIORITY=6\nMESSAGE\n\x08"));
        ck_assert_uint_eq(journal_next(&journal, entry, sizeof(entry)), 0);

        (void) close(out[0]);
        (void) close(out[1]);
        (void) close(err[0]);
        (void) close(err[1]);
        journal_close(&journal);
}
END_TEST

START_TEST(a_pump_that_is_stopped_logs_what_is_there)
{
        static Stream stream;
        Journal journal;
        char entry[4096];
        int out[2];
        sigset_t none;

        (void) sigemptyset(&none);
        journal_open(&journal);
        ck_assert_int_eq(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
        stream.fd = out[0];
        ck_assert_int_eq(entry_head(&stream.head, &web, 6), 0);
        ck_assert_int_eq(write(out[1], "one\ntwo", 7), 7);

        ck_assert_int_eq(pump_run(&stream, 1, journal.fd, 60000, &now, &none, NULL), 0);
        ck_assert_uint_gt(journal_next(&journal, entry, sizeof(entry)), 0);
        ck_assert_uint_gt(journal_next(&journal, entry, sizeof(entry)), 0);
        ck_assert_uint_eq(journal_next(&journal, entry, sizeof(entry)), 0);

        (void) close(out[0]);
        (void) close(out[1]);
        journal_close(&journal);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("stdio");
        TCase *tc = tcase_create("stdio");

        tcase_add_loop_test(tc, lines_are_the_same_however_they_come, 0, ELEMENTS(cut));
        tcase_add_test(tc, a_line_that_is_too_long_comes_in_pieces_and_says_so);
        tcase_add_test(tc, a_line_that_just_fits_is_whole);
        tcase_add_loop_test(tc, a_prefix_says_the_priority, 0, ELEMENTS(prefixed));
        tcase_add_test(tc, an_entry_has_all_its_fields);
        tcase_add_test(tc, a_nul_byte_ends_a_line_as_in_the_journals_own_streams);
        tcase_add_test(tc, what_the_manifest_asks_for_is_in_an_entry);
        tcase_add_test(tc, an_entry_that_is_too_long_for_a_datagram_goes_as_a_file);
        tcase_add_test(tc, nobody_can_smuggle_a_field_in);
        tcase_add_test(tc, the_pump_logs_both_streams_and_ends_in_silence);
        tcase_add_test(tc, a_pump_that_is_stopped_logs_what_is_there);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
