/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/credentials.h"
#include "lib/strv.h"
#include "nspawn-glue/credential.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

static char root[64];
static int scratch;

static void set_up(void) {
        (void) strcpy(root, "/tmp/slipway-credential-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        scratch = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(scratch, 0);
}

static void tear_down(void) {
        (void) close(scratch);
        remove_scratch(root);
}

static void put(const char *name, const char *data, size_t size) {
        autofd int fd = openat(scratch, name, O_WRONLY | O_CREAT | O_EXCL, 0400);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, data, size), size);
}

START_TEST(a_secret_is_read_whole)
{
        AUTO(credential_done) Credential credential = {};

        put("key", "a\0b\n", 4);
        ck_assert_int_eq(credential_read_secret(scratch, "key", &credential), 0);
        ck_assert_uint_eq(credential.size, 4);
        ck_assert_mem_eq(credential.data, "a\0b\n", 5);
}
END_TEST

START_TEST(an_encrypted_one_comes_before_a_plain_one)
{
        AUTO(credential_done) Credential credential = {};

        put("db", "encrypted", 9);
        put("plain@db", "plain", 5);
        ck_assert_int_eq(credential_read_secret(scratch, "db", &credential), 0);
        ck_assert_str_eq(credential.data, "encrypted");
}
END_TEST

START_TEST(what_stands_for_nothing_makes_way_for_a_plain_one)
{
        AUTO(credential_done) Credential credential = {};

        put("db", CREDENTIAL_ABSENT, strlen(CREDENTIAL_ABSENT));
        ck_assert_int_eq(credential_read_secret(scratch, "db", &credential), -ENOENT);
        put("plain@db", "plain", 5);
        ck_assert_int_eq(credential_read_secret(scratch, "db", &credential), 0);
        ck_assert_str_eq(credential.data, "plain");
}
END_TEST

START_TEST(what_is_no_file_is_not_read)
{
        AUTO(credential_done) Credential credential = {};

        ck_assert_int_eq(credential_read_secret(scratch, "none", &credential), -ENOENT);
        ck_assert_int_eq(mkdirat(scratch, "directory", 0700), 0);
        ck_assert_int_eq(credential_read_secret(scratch, "directory", &credential), -EBADF);
        ck_assert_int_eq(symlinkat("directory", scratch, "link"), 0);
        ck_assert_int_eq(credential_read_secret(scratch, "link", &credential), -ELOOP);
        ck_assert_ptr_null(credential.data);
}
END_TEST

START_TEST(the_rest_of_a_units_credentials_is_listed)
{
        char *const secrets[] = { (char *) "db,type=env", (char *) "key", NULL };
        autostrv char **list = NULL;

        put("db", "x", 1);
        put("plain@db", "x", 1);
        put("plain@key", "x", 1);
        ck_assert_int_eq(credential_list(scratch, secrets, &list), 0);
        ck_assert_ptr_null(list);

        put("tls", "x", 1);
        put("d", "x", 1);
        put("plain@other", "x", 1);
        ck_assert_int_eq(credential_list(scratch, secrets, &list), 0);
        ck_assert_uint_eq(strv_length(list), 3);
        ck_assert_str_eq(list[0], "d");
        ck_assert_str_eq(list[1], "plain@other");
        ck_assert_str_eq(list[2], "tls");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("credential");
        TCase *tc = tcase_create("credential");

        tcase_add_checked_fixture(tc, set_up, tear_down);
        tcase_add_test(tc, a_secret_is_read_whole);
        tcase_add_test(tc, an_encrypted_one_comes_before_a_plain_one);
        tcase_add_test(tc, what_stands_for_nothing_makes_way_for_a_plain_one);
        tcase_add_test(tc, what_is_no_file_is_not_read);
        tcase_add_test(tc, the_rest_of_a_units_credentials_is_listed);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
