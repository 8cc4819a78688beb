/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "image/fetch.h"
#include "image/wire.h"
#include "tests/suite.h"

/* The other side of the connection, in a thread: what it answers to the next request. */
static int fetcher_fd;
static Fetch *fetch;
static pthread_t thread;
static const char *const *script;

static const char text[] = "{\"hello\":\"world\"}";
static const char text_digest[] = "sha256:93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588";

/* Each line is an answer; "@" in front hands a document over with it, "/" a directory, "" hangs up. */
static void *answer(void *arg) {
        automessage Message request = MESSAGE_EMPTY;
        json_int_t id;

        if (wire_receive(fetcher_fd, &request, NULL) <= 0)
                return NULL;
        id = json_integer_value(json_object_get(request.body, "id"));
        for (const char *const *line = script; *line; line++) {
                autofd int file = -1;
                json_t *body;

                if (**line == '\0') {
                        (void) shutdown(fetcher_fd, SHUT_RDWR);
                        break;
                }
                if (**line == '@')
                        file = wire_document(text, strlen(text));
                if (**line == '/')
                        file = open("/", O_RDONLY | O_CLOEXEC);
                body = json_loads(*line + (file >= 0), 0, NULL);
                ck_assert_ptr_nonnull(body);
                (void) json_object_set_new(body, "id", json_integer(id));
                (void) wire_send_new(fetcher_fd, body, &file, file >= 0);
        }
        return NULL;
}

static void setup(void) {
        int ends[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        ck_assert_int_eq(fetch_new(ends[0], &fetch), 0);
        fetcher_fd = ends[1];
        thread = 0;
}

static void teardown(void) {
        if (fetch)
                fetch_free(fetch);
        (void) close(fetcher_fd);
        if (thread)
                (void) pthread_join(thread, NULL);
}

static void play(const char *const *lines) {
        script = lines;
        ck_assert_int_eq(pthread_create(&thread, NULL, answer, NULL), 0);
}

static Digest digest_of_text(void) {
        Digest digest = {};

        ck_assert_int_eq(digest_parse(text_digest, &digest, NULL), 0);
        return digest;
}

START_TEST(a_manifest_comes_with_its_type_and_its_true_digest)
{
        static const char *const lines[] = { "@{\"digest\":\"sha256:0\",\"type\":\"a/b\",\"size\":1}",
                NULL };
        autofetched Fetched fetched = {};

        play(lines);
        ck_assert_int_eq(fetch_manifest(fetch, "1.0", NULL, &fetched, NULL), 0);
        ck_assert_str_eq(fetched.text, text);
        ck_assert_str_eq(fetched.media_type, "a/b");
        ck_assert_str_eq(fetched.digest.hex, text_digest + 7);
}
END_TEST

START_TEST(a_manifest_asked_for_by_digest_is_compared_with_it)
{
        static const char *const lines[] = { "@{\"type\":\"a/b\"}", NULL };
        autofetched Fetched fetched = {};
        Fault fault = {};

        play(lines);
        ck_assert_int_eq(
                        fetch_manifest(fetch,
                                        "sha256:000000000000000000000000000000000000000000000000000000000000"
                                        "0000",
                                        NULL, &fetched, &fault),
                        -EBADMSG);
        ck_assert_int_eq(fault.kind, FAULT_INTEGRITY);
}
END_TEST

START_TEST(unchanged_counts_only_when_something_was_known)
{
        static const char *const lines[] = { "{\"unchanged\":true}", NULL };
        autofetched Fetched fetched = {};
        Digest known = digest_of_text();
        Fault fault = {};

        play(lines);
        if (_i == 0) {
                ck_assert_int_eq(fetch_manifest(fetch, "1.0", &known, &fetched, NULL), 0);
                ck_assert(fetched.unchanged && digest_equal(&fetched.digest, &known));
        } else
                ck_assert_int_lt(fetch_manifest(fetch, "1.0", NULL, &fetched, &fault), 0);
}
END_TEST

START_TEST(an_error_is_the_caller_s)
{
        static const char *const lines[] = {
                "{\"error\":{\"kind\":\"missing\",\"errno\":2,\"text\":\"there is no such tag\"}}", NULL
        };
        autofetched Fetched fetched = {};
        Fault fault = {};

        play(lines);
        ck_assert_int_eq(fetch_manifest(fetch, "1.0", NULL, &fetched, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "there is no such tag");
}
END_TEST

START_TEST(what_is_no_document_is_refused)
{
        static const char *const lines[][2] = { { "{\"size\":3}", NULL }, { "/{\"size\":3}", NULL },
                { "@{\"type\":17}", NULL } };
        autofetched Fetched fetched = {};
        Digest digest = digest_of_text();
        Fault fault = {};

        play(lines[_i]);
        ck_assert_int_lt(fetch_document(fetch, &digest, 3, &fetched, &fault), 0);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

START_TEST(who_waits_is_told_when_the_fetcher_ends)
{
        static const char *const lines[] = { "", NULL };
        autofetched Fetched fetched = {};
        Fault fault = {};

        play(lines);
        ck_assert_int_eq(fetch_tags(fetch, &fetched, &fault), -ECONNRESET);
        ck_assert_ptr_nonnull(strstr(fault.text, "slipway-fetch has ended"));
}
END_TEST

static uint64_t seen;

static void on_progress(void *data, const Digest *blob, uint64_t bytes) {
        ck_assert_str_eq(blob->hex, text_digest + 7);
        seen = bytes;
}

START_TEST(a_layer_is_read_as_it_arrives)
{
        static const char *const lines[] = { "@{\"bytes\":3}", "{\"bytes\":3}", "{\"bytes\":17}",
                "{\"bytes\":17,\"done\":true}", NULL };
        autostream Stream *stream = NULL;
        Digest digest = digest_of_text();
        char buffer[100];

        play(lines);
        fetch_on_progress(fetch, on_progress, NULL);
        ck_assert_int_eq(fetch_blob(fetch, &digest, 17, &stream, NULL), 0);
        ck_assert_int_eq(stream_read_full(stream, buffer, sizeof(buffer), NULL), 17);
        ck_assert(memcmp(buffer, text, 17) == 0);
        ck_assert_uint_eq(seen, 17);
}
END_TEST

/* What a fetcher could try that is no fetcher of ours any more. */
START_TEST(a_layer_that_is_not_what_it_should_be_is_a_fault)
{
        static const struct {
                const char *lines[4];
                int error;
        } tries[] = {
                { { "@{\"bytes\":18}" }, EFBIG },
                { { "/{\"bytes\":3}" }, EBADF },
                { { "{\"bytes\":3}" }, EBADF },
                { { "@{\"bytes\":3}", "{\"bytes\":0,\"restart\":true}" }, ESTALE },
                { { "@{\"bytes\":3}", "" }, ECONNRESET },
                { { "@{\"bytes\":3}", "{\"bytes\":5,\"error\":{\"kind\":\"system\",\"errno\":28,\"text\":"
                                      "\"x\"}}" },
                                ENOSPC },
        };
        autostream Stream *stream = NULL;
        Digest digest = digest_of_text();
        Fault fault = {};
        char buffer[100];

        play(tries[_i].lines);
        ck_assert_int_eq(fetch_blob(fetch, &digest, 17, &stream, NULL), 0);
        ck_assert_int_eq(stream_read_full(stream, buffer, sizeof(buffer), &fault), -tries[_i].error);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

START_TEST(a_file_that_is_shorter_than_was_said_is_a_fault)
{
        static const char *const lines[] = { "@{\"bytes\":30}", NULL };
        autostream Stream *stream = NULL;
        Digest digest = digest_of_text();
        Fault fault = {};
        char buffer[100];

        play(lines);
        ck_assert_int_eq(fetch_blob(fetch, &digest, 30, &stream, NULL), 0);
        ck_assert_int_eq(stream_read_full(stream, buffer, sizeof(buffer), &fault), -EIO);
}
END_TEST

static void *cancel(void *arg) {
        fetch_cancel(fetch);
        return NULL;
}

/* While it waits, or before it has asked. */
START_TEST(who_waits_can_be_interrupted)
{
        autofetched Fetched fetched = {};
        Fault fault = {};

        if (_i == 0)
                ck_assert_int_eq(pthread_create(&thread, NULL, cancel, NULL), 0);
        else
                fetch_cancel(fetch);
        ck_assert_int_eq(fetch_tags(fetch, &fetched, &fault), -ECANCELED);
}
END_TEST

START_TEST(a_connection_can_be_handed_on)
{
        automessage Message message = MESSAGE_EMPTY;
        autofd int fd = fetch_release(TAKE(fetch));

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(wire_send_new(fd, json_object(), NULL, 0), 0);
        ck_assert_int_eq(wire_receive(fetcher_fd, &message, NULL), 1);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("fetch");
        TCase *tc = tcase_create("fetch");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, a_manifest_comes_with_its_type_and_its_true_digest);
        tcase_add_test(tc, a_manifest_asked_for_by_digest_is_compared_with_it);
        tcase_add_loop_test(tc, unchanged_counts_only_when_something_was_known, 0, 2);
        tcase_add_test(tc, an_error_is_the_caller_s);
        tcase_add_loop_test(tc, what_is_no_document_is_refused, 0, 3);
        tcase_add_test(tc, who_waits_is_told_when_the_fetcher_ends);
        tcase_add_test(tc, a_layer_is_read_as_it_arrives);
        tcase_add_loop_test(tc, a_layer_that_is_not_what_it_should_be_is_a_fault, 0, 6);
        tcase_add_test(tc, a_file_that_is_shorter_than_was_said_is_a_fault);
        tcase_add_loop_test(tc, who_waits_can_be_interrupted, 0, 2);
        tcase_add_test(tc, a_connection_can_be_handed_on);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
