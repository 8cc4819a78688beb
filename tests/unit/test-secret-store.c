/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "cli/secret-store.h"
#include "lib/cleanup.h"
#include "lib/credentials.h"
#include "lib/io.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

static char root[64];

static void make(const char *directory) {
        char path[128];

        (void) snprintf(path, sizeof(path), "%s%s", root, directory);
        ck_assert_int_eq(io_mkdir_p(path, 0755), 0);
}

static void set_up(void) {
        (void) strcpy(root, "/tmp/slipway-secrets-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        make("/etc");
}

static void tear_down(void) {
        remove_scratch(root);
}

static void put_file(const char *name, const char *text) {
        char path[512];
        autofclose FILE *stream = NULL;

        (void) snprintf(path, sizeof(path), "%s%s", root, name);
        stream = fopen(path, "we");
        ck_assert_ptr_nonnull(stream);
        (void) fputs(text, stream);
}

static bool has_file(const char *name) {
        char path[512];

        (void) snprintf(path, sizeof(path), "%s%s", root, name);
        return access(path, F_OK) >= 0;
}

static void put(const char *name, SecretKind kind) {
        AUTO(secret_store_close) SecretStore store = SECRET_STORE_CLOSED;

        ck_assert_int_eq(secret_store_open(root, &store, NULL), 0);
        ck_assert_int_eq(secret_store_put(&store, name, kind, name, strlen(name), NULL), 0);
}

START_TEST(the_stores_are_for_root_only)
{
        char path[128];
        struct stat st;

        put("db", SECRET_PLAIN);
        (void) snprintf(path, sizeof(path), "%s" CREDSTORE_DIR, root);
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0700);
        (void) strcat(path, "/db");
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0600);
        ck_assert(has_file(CREDSTORE_ENCRYPTED_DIR));
}
END_TEST

START_TEST(a_name_is_taken_in_whichever_store_it_is)
{
        AUTO(secret_store_close) SecretStore store = SECRET_STORE_CLOSED;
        Fault fault = {};

        put("plain", SECRET_PLAIN);
        put("encrypted", SECRET_ENCRYPTED);
        ck_assert_int_eq(secret_store_open(root, &store, NULL), 0);
        ck_assert_int_eq(secret_store_check(&store, "plain", false, &fault), -EEXIST);
        ck_assert_str_eq(fault.text,
                        "there is a secret 'plain' already; --replace puts another in its place");
        ck_assert_int_eq(secret_store_check(&store, "encrypted", false, NULL), -EEXIST);
        ck_assert_int_eq(secret_store_check(&store, "plain", true, NULL), 0);
        ck_assert_int_eq(secret_store_check(&store, "new", false, NULL), 0);
}
END_TEST

START_TEST(of_two_kinds_only_the_last_is_left)
{
        put("db", SECRET_PLAIN);
        put("db", SECRET_ENCRYPTED);
        ck_assert(has_file(CREDSTORE_ENCRYPTED_DIR "/db") && !has_file(CREDSTORE_DIR "/db"));
        put("db", SECRET_PLAIN);
        ck_assert(!has_file(CREDSTORE_ENCRYPTED_DIR "/db") && has_file(CREDSTORE_DIR "/db"));
}
END_TEST

START_TEST(what_is_removed_is_gone)
{
        AUTO(secret_store_close) SecretStore store = SECRET_STORE_CLOSED;
        Fault fault = {};

        put("db", SECRET_ENCRYPTED);
        ck_assert_int_eq(secret_store_open(root, &store, NULL), 0);
        ck_assert_int_eq(secret_store_remove(&store, "db", NULL), 0);
        ck_assert(!has_file(CREDSTORE_ENCRYPTED_DIR "/db"));
        ck_assert_int_eq(secret_store_remove(&store, "db", &fault), -ENOENT);
        ck_assert_str_eq(
                        fault.text, "there is no secret 'db' in /etc/credstore.encrypted or /etc/credstore");
}
END_TEST

START_TEST(what_a_killed_writer_left_is_removed)
{
        put("db", SECRET_PLAIN);
        put_file(CREDSTORE_DIR "/.db.4711~", "half a sec");
        put("other", SECRET_PLAIN);
        ck_assert(!has_file(CREDSTORE_DIR "/.db.4711~") && has_file(CREDSTORE_DIR "/db"));
}
END_TEST

START_TEST(the_longest_name_can_be_kept)
{
        char name[SECRET_NAME_MAX + 1];

        memset(name, 'n', SECRET_NAME_MAX);
        name[SECRET_NAME_MAX] = '\0';
        put(name, SECRET_ENCRYPTED);
}
END_TEST

START_TEST(a_list_has_what_a_unit_would_find)
{
        AUTO(secret_list_done) SecretList list = {};

        ck_assert_int_eq(secret_list_load(root, &list, NULL), 0);
        ck_assert_uint_eq(list.n, 0);

        put("b", SECRET_PLAIN);
        put("a", SECRET_ENCRYPTED);
        put_file(CREDSTORE_DIR "/a", "hidden by the encrypted one");
        put_file(CREDSTORE_DIR "/no secret", "");
        make("/run/credstore");
        put_file("/run/credstore/b", "hidden");
        put_file("/run/credstore/c", "x");
        make("/run/credstore/directory");

        ck_assert_int_eq(secret_list_load(root, &list, NULL), 0);
        ck_assert_uint_eq(list.n, 3);
        ck_assert_str_eq(list.items[0].name, "a");
        ck_assert_int_eq(list.items[0].kind, SECRET_ENCRYPTED);
        ck_assert_str_eq(list.items[1].name, "b");
        ck_assert_str_eq(list.items[1].path + strlen(root), "/etc/credstore/b");
        ck_assert_str_eq(list.items[2].path + strlen(root), "/run/credstore/c");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("secret-store");
        TCase *tc = tcase_create("secret-store");

        tcase_add_checked_fixture(tc, set_up, tear_down);
        tcase_add_test(tc, the_stores_are_for_root_only);
        tcase_add_test(tc, a_name_is_taken_in_whichever_store_it_is);
        tcase_add_test(tc, of_two_kinds_only_the_last_is_left);
        tcase_add_test(tc, what_is_removed_is_gone);
        tcase_add_test(tc, what_a_killed_writer_left_is_removed);
        tcase_add_test(tc, the_longest_name_can_be_kept);
        tcase_add_test(tc, a_list_has_what_a_unit_would_find);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
