/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>

#include "image/reassemble.h"
#include "image/split-reference.h"
#include "image/split.h"
#include "image/unpack.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "tests/fuzz/memory-stream.h"
#include "tests/suite.h"

#define SIZE (4 << 20)

static char *archive, *back;
static size_t archive_size;
static char place[] = "/tmp/slipway-test-XXXXXX";
static int layer_fd = -1, root_fd = -1;

static void setup(void) {
        archive = malloc(SIZE);
        back = malloc(SIZE);
        ck_assert(archive && back);
        (void) snprintf(place, sizeof(place), "/tmp/slipway-test-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(place));
        layer_fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(layer_fd, "fs", 0700), 0);
        root_fd = openat(layer_fd, "fs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
}

static void teardown(void) {
        autofd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void) close(root_fd);
        (void) close(layer_fd);
        ck_assert_int_eq(remove_tree(tmp, place + strlen("/tmp/")), 0);
        free(archive);
        free(back);
}

static struct archive *begin(int format) {
        struct archive *a = archive_write_new();

        ck_assert(a && archive_write_set_format(a, format) == ARCHIVE_OK);
        ck_assert_int_eq(archive_write_open_memory(a, archive, SIZE, &archive_size), ARCHIVE_OK);
        return a;
}

static void add(struct archive *a, const char *name, mode_t type, const char *link, size_t size) {
        struct archive_entry *entry = archive_entry_new();
        autofree char *data = malloc(size + 1);

        ck_assert(entry && data);
        for (size_t i = 0; i < size; i++)
                data[i] = (char) (i * 7 + i / 256 + (unsigned char) name[0]);
        archive_entry_set_pathname(entry, name);
        archive_entry_set_mode(entry, type | 0644);
        archive_entry_set_uid(entry, geteuid());
        archive_entry_set_gid(entry, getegid());
        archive_entry_set_mtime(entry, 1700000000, 0);
        if (S_ISLNK(type))
                archive_entry_set_symlink(entry, link);
        else if (link)
                archive_entry_set_hardlink(entry, link);
        else
                archive_entry_set_size(entry, (int64_t) size);
        ck_assert_int_eq(archive_write_header(a, entry), ARCHIVE_OK);
        ck_assert_int_eq(archive_write_data(a, data, size), (ssize_t) size);
        archive_entry_free(entry);
}

static void end(struct archive *a) {
        ck_assert_int_eq(archive_write_free(a), ARCHIVE_OK);
}

static int nothing_below(void *data, const int **ret_roots, size_t *ret_n, Fault *fault) {
        *ret_n = 0;
        return 0;
}

static void unpack(size_t piece) {
        UnpackBudget budget = { 10000, 1 << 30 };
        AUTO(readahead_freep) Readahead *readahead = NULL;
        autounpacker Unpacker *unpacker = NULL;
        autosplit Split *split = NULL;
        Passed passed = { .hash = hash_new() };
        UnpackResult result;
        autotar Tar *tar = NULL;
        Fault fault = {};

        ck_assert_int_eq(readahead_start(memory_stream_new(archive, archive_size, piece), &readahead), 0);
        ck_assert_int_eq(tar_open_readahead(readahead, &passed, &tar, &fault), 0);
        ck_assert_int_eq(split_begin(layer_fd, &split), 0);
        tar_split(tar, split);
        ck_assert_int_eq(unpacker_new(root_fd, nothing_below, NULL, &budget, &unpacker), 0);
        ck_assert_msg(unpack_archive(unpacker, tar, &fault) == 0, "%s", fault.text);
        ck_assert_msg(unpack_finish(unpacker, &result, &fault) == 0, "%s", fault.text);
        ck_assert_int_eq(tar_drain(tar, &fault), 0);
        ck_assert_int_eq(split_end(split, root_fd), 0);
        hash_free(passed.hash);
}

static ssize_t reassemble(size_t room, Fault *fault) {
        autostream Stream *stream = NULL;
        size_t done = 0;
        int64_t size;
        ssize_t n;
        int r = reassemble_open(layer_fd, &stream, &size, fault);

        if (r < 0)
                return r;
        do {
                n = stream_read(stream, back + done, room < SIZE - done ? room : SIZE - done, fault);
                done += n > 0 ? (size_t) n : 0;
        } while (n > 0);
        ck_assert(n < 0 || (int64_t) done == size);
        return n < 0 ? n : (ssize_t) done;
}

static void check_same(void) {
        static const size_t rooms[] = { 1 << 20, 1000, 97 };

        for (size_t i = 0; i < ELEMENTS(rooms); i++) {
                Fault fault = {};

                ck_assert_msg(reassemble(rooms[i], &fault) == (ssize_t) archive_size, "%s", fault.text);
                ck_assert(memcmp(archive, back, archive_size) == 0);
        }
}

/* How many contents are not kept but referred to. */
static size_t count_files(void) {
        autostream Stream *stream = NULL;
        ReassembledFile file;
        size_t n = 0;

        ck_assert_int_eq(reassemble_open(layer_fd, &stream, NULL, NULL), 0);
        while (reassemble_next_file(stream, &file) > 0)
                n++;
        return n;
}

static const int formats[] = { ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE,
        ARCHIVE_FORMAT_TAR_GNUTAR };

START_TEST(an_archive_comes_back_byte_for_byte)
{
        struct archive *a = begin(formats[_i % 3]);
        char name[40];

        add(a, "d", S_IFDIR, NULL, 0);
        for (size_t i = 0; i < 300; i++) {
                (void) snprintf(name, sizeof(name), "d/%zu-%.*s", i, (int) (i % 20), "xxxxxxxxxxxxxxxxxxxx");
                add(a, name, S_IFREG, NULL, i * i % 3000);
        }
        add(a, "large", S_IFREG, NULL, 1000001);
        add(a, "link", S_IFLNK, "d", 0);
        add(a, "link/through", S_IFREG, NULL, 700);
        add(a, "hard", S_IFREG, "large", 0);
        end(a);
        unpack(_i / 3 == 0 ? 4096 : _i / 3 == 1 ? 512 : SIZE_MAX);
        check_same();
        ck_assert_uint_eq(count_files(), 299 + 2);
}
END_TEST

START_TEST(what_is_replaced_in_the_archive_is_kept)
{
        struct archive *a = begin(formats[_i % 3]);

        add(a, "file", S_IFREG, NULL, 100);
        add(a, "dir/a/b", S_IFREG, NULL, 2000);
        add(a, "dir/a/c", S_IFREG, NULL, 3000);
        add(a, "to", S_IFDIR, NULL, 0);
        add(a, "link", S_IFLNK, "to", 0);
        add(a, "link/x", S_IFREG, NULL, 400);
        add(a, "twice", S_IFREG, NULL, 500);
        add(a, "other", S_IFREG, "twice", 0);
        add(a, "file", S_IFREG, NULL, 200);
        add(a, "file", S_IFREG, NULL, 300);
        add(a, "dir", S_IFREG, NULL, 600);
        add(a, "twice", S_IFLNK, "other", 0);
        end(a);
        unpack(4096);
        check_same();
        ck_assert_uint_eq(count_files(), 8);
}
END_TEST

START_TEST(what_cannot_be_found_again_leaves_nothing_behind)
{
        struct archive *a = begin(ARCHIVE_FORMAT_TAR_USTAR);

        /* The way to x leads elsewhere by the end, and nobody knows where it lies. */
        add(a, "to", S_IFDIR, NULL, 0);
        add(a, "link", S_IFLNK, "to", 0);
        add(a, "link/x", S_IFREG, NULL, 400);
        add(a, "link", S_IFREG, NULL, 500);
        end(a);
        unpack(4096);
        ck_assert_int_eq(reassemble(1000, NULL), -ENODATA);
        ck_assert(!reassemble_is_possible(layer_fd));
}
END_TEST

START_TEST(a_file_that_was_changed_is_named)
{
        struct archive *a = begin(ARCHIVE_FORMAT_TAR_USTAR);
        Fault fault = {};

        add(a, "a", S_IFREG, NULL, 100);
        add(a, "b", S_IFREG, NULL, 200);
        end(a);
        unpack(4096);
        ck_assert_int_eq(io_replace_file(root_fd, "b", "short", 5, 0644), 0);
        ck_assert_int_eq(reassemble(1000, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "'b' has 5 bytes and not 200");
        ck_assert_int_eq(unlinkat(root_fd, "b", 0), 0);
        fault_clear(&fault);
        ck_assert_int_eq(reassemble(1000, &fault), -ENOENT);
}
END_TEST

/* Not as io_replace_file() does it, which waits for the disk. */
static void write_recipe(const char *data, size_t size) {
        autofd int fd = openat(layer_fd, SPLIT_FILE, O_WRONLY | O_TRUNC | O_CLOEXEC);

        ck_assert_int_eq(io_write_all(fd, data, size), 0);
}

START_TEST(a_recipe_that_is_cut_off_or_changed_is_refused)
{
        struct archive *a = begin(ARCHIVE_FORMAT_TAR_USTAR);
        autofree char *whole = NULL;
        size_t size;

        add(a, "a", S_IFREG, NULL, 100);
        add(a, "b", S_IFREG, NULL, 200);
        end(a);
        unpack(4096);
        ck_assert_int_eq(io_read_file(layer_fd, SPLIT_FILE, 1 << 20, &whole, &size), 0);
        for (size_t cut = 0; cut < size; cut++) {
                write_recipe(whole, cut);
                ck_assert_int_lt(reassemble(1000, NULL), 0);
        }
        for (size_t i = 0; i < size; i++) {
                whole[i] = (char) ~whole[i];
                write_recipe(whole, size);
                ck_assert(reassemble(1000, NULL) != (ssize_t) archive_size ||
                                memcmp(archive, back, archive_size) != 0);
                whole[i] = (char) ~whole[i];
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("split");
        TCase *tc = tcase_create("split");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_set_timeout(tc, 60);
        tcase_add_loop_test(tc, an_archive_comes_back_byte_for_byte, 0, 9);
        tcase_add_loop_test(tc, what_is_replaced_in_the_archive_is_kept, 0, 3);
        tcase_add_test(tc, what_cannot_be_found_again_leaves_nothing_behind);
        tcase_add_test(tc, a_file_that_was_changed_is_named);
        tcase_add_test(tc, a_recipe_that_is_cut_off_or_changed_is_refused);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
