/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "image/endpoint.h"
#include "image/wire.h"
#include "tests/suite.h"

static int ends[2];

static void setup(void) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static void teardown(void) {
        for (int i = 0; i < 2; i++)
                if (ends[i] >= 0)
                        (void) close(ends[i]);
}

static void send_raw(const char *text, size_t size) {
        ck_assert_int_eq(send(ends[0], text, size, 0), (ssize_t) size);
}

START_TEST(a_message_arrives_with_its_files)
{
        automessage Message message = MESSAGE_EMPTY;
        autofd int document = wire_document("hello", 5);
        autofree char *text = NULL;
        autofd int got = -1;
        size_t size;

        ck_assert_int_ge(document, 0);
        ck_assert_int_eq(wire_send_new(ends[0], json_pack("{s:s}", "do", "this"), &document, 1), 0);
        ck_assert_int_eq(wire_receive(ends[1], &message, NULL), 1);
        ck_assert_str_eq(json_string_value(json_object_get(message.body, "do")), "this");
        got = message_take_fd(&message, 0);
        ck_assert_int_ge(got, 0);
        ck_assert_int_eq(message_take_fd(&message, 1), -1);
        ck_assert(fcntl(got, F_GETFD) & FD_CLOEXEC);
        ck_assert_int_eq(wire_read_document(got, 100, &text, &size, NULL), 0);
        ck_assert_uint_eq(size, 5);
        ck_assert_str_eq(text, "hello");
}
END_TEST

START_TEST(the_end_is_told_on_both_sides)
{
        automessage Message message = MESSAGE_EMPTY;

        (void) close(ends[0]);
        ends[0] = -1;
        ck_assert_int_eq(wire_receive(ends[1], &message, NULL), 0);
        ck_assert_int_eq(wire_send_new(ends[1], json_object(), NULL, 0), -EPIPE);
}
END_TEST

START_TEST(what_is_no_message_is_a_fault)
{
        static const char *const texts[] = { "{", "[]", "\"x\"", "{\"a\":1,\"a\":2}", "{} {}", "\xff\xfe" };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                automessage Message message = MESSAGE_EMPTY;
                Fault fault = {};

                send_raw(texts[i], strlen(texts[i]));
                ck_assert_msg(wire_receive(ends[1], &message, &fault) == -EBADMSG, "%s", texts[i]);
                ck_assert(fault_is_raised(&fault));
        }
}
END_TEST

START_TEST(a_message_that_is_too_long_is_neither_sent_nor_taken)
{
        autofree char *text = malloc(WIRE_LIMIT + 2);
        automessage Message message = MESSAGE_EMPTY;
        Fault fault = {};

        ck_assert_ptr_nonnull(text);
        memset(text, 'x', WIRE_LIMIT + 1);
        text[WIRE_LIMIT + 1] = '\0';
        ck_assert_int_eq(wire_send_new(ends[0], json_pack("{s:s}", "x", text), NULL, 0), -EMSGSIZE);
        send_raw(text, WIRE_LIMIT + 1);
        ck_assert_int_eq(wire_receive(ends[1], &message, &fault), -EMSGSIZE);
}
END_TEST

START_TEST(descriptors_that_are_too_many_are_closed)
{
        int files[WIRE_FDS + 2];
        struct iovec iov = { (char *) "{}", 2 };
        char space[CMSG_SPACE(sizeof(files))] __attribute__((aligned(8))) = {};
        struct msghdr header = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space)
        };
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        automessage Message message = MESSAGE_EMPTY;
        Fault fault = {};
        int before, after;

        for (size_t i = 0; i < ELEMENTS(files); i++)
                files[i] = ends[0];
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(files));
        memcpy(CMSG_DATA(c), files, sizeof(files));
        before = dup(0);
        (void) close(before);
        ck_assert_int_eq(sendmsg(ends[0], &header, 0), 2);
        ck_assert_int_lt(wire_receive(ends[1], &message, &fault), 0);
        after = dup(0);
        (void) close(after);
        ck_assert_int_eq(before, after);
}
END_TEST

START_TEST(only_a_file_of_a_sane_size_is_a_document)
{
        autofd int document = wire_document("0123456789", 10), directory = open("/", O_RDONLY | O_CLOEXEC);
        autofree char *text = NULL;
        Fault fault = {};
        size_t size;

        ck_assert_int_eq(wire_read_document(document, 9, &text, &size, &fault), -EFBIG);
        fault_clear(&fault);
        ck_assert_int_eq(wire_read_document(directory, 9, &text, &size, &fault), -EINVAL);
        fault_clear(&fault);
        ck_assert_int_eq(wire_read_document(-1, 9, &text, &size, &fault), -EBADMSG);
        fault_clear(&fault);
        ck_assert_int_eq(wire_read_document(ends[0], 9, &text, &size, &fault), -EINVAL);
        ck_assert_int_lt(write(document, "x", 1), 0); /* sealed */
}
END_TEST

START_TEST(a_fault_comes_through_and_drives_no_terminal)
{
        Fault fault = {}, told = {};
        json_t *body;

        (void) fault_raise(&fault, FAULT_INTEGRITY, EBADMSG, "the digest is another");
        body = wire_fault(&fault);
        ck_assert_int_eq(wire_raise(body, &told), -EBADMSG);
        ck_assert_int_eq(told.kind, FAULT_INTEGRITY);
        ck_assert_str_eq(told.text, "the digest is another");
        json_decref(body);

        fault_clear(&fault);
        fault_clear(&told);
        (void) fault_raise(&fault, FAULT_VALUE, EINVAL, "cut in a character: \xc3");
        body = wire_fault(&fault);
        ck_assert_int_eq(wire_raise(body, &told), -EINVAL);
        ck_assert_str_eq(told.text, "cut in a character: ?");
        json_decref(body);

        fault_clear(&told);
        body = json_pack("{s:{s:s, s:i, s:s}}", "error", "kind", "nonsense", "errno", -5, "text",
                        "a\033[2Jb");
        ck_assert_int_eq(wire_raise(body, &told), -EIO);
        ck_assert_int_eq(told.kind, FAULT_SYSTEM);
        ck_assert_str_eq(told.text, "a?[2Jb");
        json_decref(body);
}
END_TEST

START_TEST(who_finds_nobody_is_told_what_to_start)
{
        Fault fault = {};

        ck_assert_int_eq(wire_connect("/nonexistent/fetch.socket", &fault), -ENOENT);
        ck_assert_ptr_nonnull(strstr(fault.text, "systemctl start slipway-fetch.socket"));
}
END_TEST

START_TEST(endpoints_come_through)
{
        autoendpoints EndpointList list = {}, told = {};
        autofree char *text = NULL;
        Endpoint *endpoint;
        size_t size;

        list.reference = strdup("docker.io/library/nginx:1");
        list.tag = strdup("1");
        endpoint = endpoints_add(&list);
        ck_assert(endpoint && list.reference && list.tag);
        endpoint->host = strdup("registry-1.docker.io");
        endpoint->repository = strdup("library/nginx");
        endpoint->password = strdup("pass \"word\"");
        endpoint->insecure = true;

        ck_assert_int_eq(endpoints_to_text(&list, &text, &size), 0);
        ck_assert_int_eq(endpoints_from_text(text, size, &told, NULL), 0);
        ck_assert_uint_eq(told.n, 1);
        ck_assert_str_eq(told.reference, list.reference);
        ck_assert_str_eq(told.items[0].host, endpoint->host);
        ck_assert_str_eq(told.items[0].password, endpoint->password);
        ck_assert_ptr_null(told.items[0].user);
        ck_assert(told.items[0].insecure && !told.items[0].is_mirror);
}
END_TEST

START_TEST(endpoints_that_make_no_sense_are_refused)
{
        static const char *const texts[] = {
                "{}",
                "{\"reference\":\"a\",\"tag\":1}",
                "{\"reference\":\"a\",\"tag\":\"b\",\"endpoints\":[1]}",
                "{\"reference\":\"a\",\"tag\":\"b\",\"endpoints\":[{\"host\":\"x\"}]}",
                "{\"reference\":\"a\",\"tag\":\"b\",\"endpoints\":[{\"host\":\"x\",\"repository\":1}]}",
                "{\"reference\":\"a\",\"tag\":\"b\",\"endpoints\":[],\"proxies\":\"no\"}",
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                autoendpoints EndpointList list = {};
                Fault fault = {};

                ck_assert_msg(endpoints_from_text(texts[i], strlen(texts[i]), &list, &fault) < 0, "%s",
                                texts[i]);
                ck_assert(fault_is_raised(&fault));
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("wire");
        TCase *tc = tcase_create("wire");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, a_message_arrives_with_its_files);
        tcase_add_test(tc, the_end_is_told_on_both_sides);
        tcase_add_test(tc, what_is_no_message_is_a_fault);
        tcase_add_test(tc, a_message_that_is_too_long_is_neither_sent_nor_taken);
        tcase_add_test(tc, descriptors_that_are_too_many_are_closed);
        tcase_add_test(tc, only_a_file_of_a_sane_size_is_a_document);
        tcase_add_test(tc, a_fault_comes_through_and_drives_no_terminal);
        tcase_add_test(tc, who_finds_nobody_is_told_what_to_start);
        tcase_add_test(tc, endpoints_come_through);
        tcase_add_test(tc, endpoints_that_make_no_sense_are_refused);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
