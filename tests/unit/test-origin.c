/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>

#include "image/origin.h"
#include "lib/io.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

#define NAME "registry.example:5000/a/b:1"
#define HEX "abababababababababababababababababababababababababababababababab"
#define DIRECTORY "origins/registry.example:5000%2Fa%2Fb:1/" HEX

static char root[] = "/tmp/slipway-test-XXXXXX";
static Store store;
static Digest image;

static void setup(void) {
        char path[256];

        (void) snprintf(root, sizeof(root), "/tmp/slipway-test-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        (void) snprintf(path, sizeof(path), "%s/%s", root, DIRECTORY);
        ck_assert_int_eq(io_mkdir_p(path, 0700), 0);
        ck_assert_int_eq(store_open(root, &store, NULL), 0);
        ck_assert_int_eq(digest_from_hex(HEX, &image), 0);
}

static void teardown(void) {
        store_close(&store);
        remove_scratch(root);
}

static void write_text(const char *text) {
        autofd int fd = openat(store.fd, DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(io_replace_file(fd, "origin.json", text, strlen(text), 0600), 0);
}

static void write_and_read(const Origin *origin, Origin *ret) {
        autofd int fd = origin_open(&store, NAME, &image, NULL);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(origin_write(fd, origin), 0);
        ck_assert_int_eq(origin_read(&store, NAME, &image, ret, NULL), 0);
}

START_TEST(what_was_written_is_read)
{
        Origin origin = { (char *) NAME, (char *) "docker", image, image, (char *) "linux/amd64",
                1795863679 };
        autoorigin Origin back = {};

        write_and_read(&origin, &back);
        ck_assert_str_eq(back.name, NAME);
        ck_assert_str_eq(back.transport, "docker");
        ck_assert(digest_equal(&back.image, &image) && digest_equal(&back.top, &image));
        ck_assert_str_eq(back.platform, "linux/amd64");
        ck_assert_int_eq(back.time, 1795863679);
}
END_TEST

START_TEST(there_need_be_no_document_above)
{
        Origin origin = { (char *) NAME, (char *) "tarball", image, {}, NULL, 1 };
        autoorigin Origin back = {};

        write_and_read(&origin, &back);
        ck_assert(!digest_is_set(&back.top));
        ck_assert_ptr_null(back.platform);
}
END_TEST

START_TEST(what_is_not_known_is_no_fault)
{
        autoorigin Origin back = {};
        Fault fault = {};

        ck_assert_int_eq(origin_read(&store, "other", &image, &back, &fault), -ENOENT);
        ck_assert_int_eq(origin_read(&store, NAME, &image, &back, &fault), -ENOENT);
        ck_assert(!fault_is_raised(&fault));
}
END_TEST

static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"name\":\"a\",\"transport\":\"docker\"}",
        "{\"name\":\"a\",\"transport\":\"docker\",\"image\":\"sha256:12\"}",
        "{\"name\":7,\"transport\":\"docker\",\"image\":\"sha256:" HEX "\"}",
        "{\"name\":\"a\",\"transport\":\"docker\",\"image\":\"sha256:" HEX "\",\"top\":\"x\"}",
};

START_TEST(what_cannot_be_read_is_said)
{
        autoorigin Origin back = {};
        Fault fault = {};

        write_text(wrong[_i]);
        ck_assert_int_lt(origin_read(&store, NAME, &image, &back, &fault), 0);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("origin");
        TCase *tc = tcase_create("origin");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, what_was_written_is_read);
        tcase_add_test(tc, there_need_be_no_document_above);
        tcase_add_test(tc, what_is_not_known_is_no_fault);
        tcase_add_loop_test(tc, what_cannot_be_read_is_said, 0, ELEMENTS(wrong));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
