/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "nspawn-glue/verity/verity.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

#define ID "cafe000000000000000000000000000000000000000000000000000000000001"

/* By `veritysetup format --no-superblock --salt=ID` of 64 blocks of which each has its number in every byte.
 */
#define BLOCKS 64
#define ROOT_HASH "2a831e2bc3a97fffdba025a51e0f2d590b194027bd5b298ada59f59998c3e961"

static char root[64], path[96];
static Store store = STORE_CLOSED;
static const VerityTell nobody = { -1 };

static void setup(void) {
        (void) strcpy(root, "/tmp/slipway-verity-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        (void) snprintf(path, sizeof(path), "%s/image.erofs", root);
        ck_assert_int_eq(store_open(root, &store, NULL), 0);
}

static void teardown(void) {
        store_close(&store);
        remove_scratch(root);
}

static void put_blocks(void) {
        autofd int fd = openat(store.fd, "image.erofs", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        unsigned char block[VERITY_BLOCK];

        ck_assert_int_ge(fd, 0);
        for (int i = 0; i < BLOCKS; i++) {
                memset(block, i, sizeof(block));
                ck_assert_int_eq(io_write_all(fd, block, sizeof(block)), 0);
        }
}

static Verity format(void) {
        Verity verity = { .data_blocks = BLOCKS };
        Fault fault = {};

        put_blocks();
        ck_assert_int_eq(digest_from_hex(ID, &verity.image), 0);
        ck_assert_msg(verity_format(path, &verity, &fault) == 0, "%s", fault.text);
        return verity;
}

static void flip(off_t at) {
        autofd int fd = openat(store.fd, "image.erofs", O_RDWR | O_CLOEXEC);
        unsigned char byte;

        ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
        byte ^= 1;
        ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
}

START_TEST(the_hashes_are_those_of_the_bytes_and_the_image)
{
        Verity verity = format(), again = format();
        Fault fault = {};

        ck_assert_str_eq(verity.root_hash.hex, ROOT_HASH);
        ck_assert_str_eq(again.root_hash.hex, ROOT_HASH);
        ck_assert_msg(verity_compare(path, &verity, &fault) == 0, "%s", fault.text);
}
END_TEST

/* In the data, first and last, and in the hashes. */
static const off_t places[] = { 0, 5000, BLOCKS *VERITY_BLOCK - 1, BLOCKS *VERITY_BLOCK + 10 };

START_TEST(a_bit_that_flips_is_found)
{
        Verity verity = format();
        Fault fault = {};

        flip(places[_i]);
        ck_assert_int_lt(verity_compare(path, &verity, &fault), 0);
        flip(places[_i]);
        ck_assert_int_eq(verity_compare(path, &verity, NULL), 0);
}
END_TEST

START_TEST(another_root_hash_is_refused)
{
        Verity verity = format();

        verity.root_hash.hex[0] ^= 1;
        ck_assert_int_lt(verity_compare(path, &verity, NULL), 0);
}
END_TEST

START_TEST(a_file_that_is_too_short_is_refused)
{
        Verity verity = format();

        ck_assert_int_eq(truncate(path, 10 * VERITY_BLOCK), 0);
        ck_assert_int_lt(verity_compare(path, &verity, NULL), 0);
}
END_TEST

static void put_record(const char *text) {
        autofd int dir_fd = -1;

        (void) mkdirat(store.fd, "verity", 0700);
        (void) mkdirat(store.fd, "verity/" ID, 0700);
        dir_fd = openat(store.fd, "verity/" ID, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(io_replace_file(dir_fd, "verity.json", text, strlen(text), 0600), 0);
}

START_TEST(what_was_saved_is_loaded)
{
        Verity verity = { .data_blocks = 12345 }, loaded = {};
        Digest id;
        autofd int dir_fd = -1;

        ck_assert_int_eq(digest_from_hex(ID, &id), 0);
        ck_assert_int_eq(verity_load(&store, &id, &loaded, NULL), -ENOENT);
        put_record("");
        dir_fd = openat(store.fd, "verity/" ID, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(digest_from_hex(ID, &verity.root_hash), 0);
        ck_assert_int_eq(verity_save(dir_fd, &verity), 0);
        ck_assert_int_eq(verity_load(&store, &id, &loaded, NULL), 0);
        ck_assert_uint_eq(loaded.data_blocks, 12345);
        ck_assert_str_eq(loaded.root_hash.hex, ID);
        ck_assert_str_eq(loaded.image.hex, ID);
}
END_TEST

static const char *const broken[] = {
        "",
        "[]",
        "{}",
        "{\"root_hash\": \"" ID "\"}",
        "{\"root_hash\": \"../../etc\", \"data_blocks\": 1}",
        "{\"root_hash\": \"" ID "\", \"data_blocks\": 0}",
        "{\"root_hash\": \"" ID "\", \"data_blocks\": -1}",
};

START_TEST(what_is_broken_is_not_loaded)
{
        Verity loaded = {};
        Fault fault = {};
        Digest id;

        ck_assert_int_eq(digest_from_hex(ID, &id), 0);
        put_record(broken[_i]);
        ck_assert_int_lt(verity_load(&store, &id, &loaded, &fault), 0);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

START_TEST(a_program_that_is_missing_or_fails_says_so)
{
        char *missing[] = { (char *) "slipway-no-such-program", NULL };
        char *fails[] = { (char *) "sh", (char *) "-c", (char *) "echo first; echo the reason >&2; exit 3",
                NULL };
        char *works[] = { (char *) "true", NULL };
        Fault fault = {};

        ck_assert_int_eq(verity_run(works, "none", &nobody, "", NULL), 0);
        ck_assert_int_eq(verity_run(missing, "some-package", &nobody, "", &fault), -ENOENT);
        ck_assert_ptr_nonnull(strstr(fault.text, "install the package some-package"));
        fault = (Fault){};
        ck_assert_int_eq(verity_run(fails, "none", &nobody, "", &fault), -EPROTO);
        ck_assert_ptr_nonnull(strstr(fault.text, "sh has failed: the reason"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("verity");
        TCase *tcase = tcase_create("verity");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, the_hashes_are_those_of_the_bytes_and_the_image);
        tcase_add_loop_test(tcase, a_bit_that_flips_is_found, 0, ELEMENTS(places));
        tcase_add_test(tcase, another_root_hash_is_refused);
        tcase_add_test(tcase, a_file_that_is_too_short_is_refused);
        tcase_add_test(tcase, what_was_saved_is_loaded);
        tcase_add_loop_test(tcase, what_is_broken_is_not_loaded, 0, ELEMENTS(broken));
        tcase_add_test(tcase, a_program_that_is_missing_or_fails_says_so);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
