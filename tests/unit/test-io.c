/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "tests/suite.h"

static char root[64];
static int root_fd;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static void set_up(void) {
        (void) strcpy(root, "/tmp/slipway-io-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
}

static void tear_down(void) {
        (void) close(root_fd);
        (void) nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 100000 };

START_TEST(what_was_written_is_read)
{
        size_t size = sizes[_i], read_size;
        autofree char *data = malloc(size + 1), *text = NULL;

        for (size_t i = 0; i < size; i++)
                data[i] = (char) (i * 31 % 256);
        ck_assert_int_eq(io_replace_file(root_fd, "file", data, size, 0640), 0);
        ck_assert_int_eq(io_read_file(root_fd, "file", 100000, &text, &read_size), 0);
        ck_assert_uint_eq(read_size, size);
        if (size > 0)
                ck_assert_mem_eq(text, data, size);
        ck_assert_int_eq(text[size], '\0');
}
END_TEST

START_TEST(a_file_over_the_limit_is_refused)
{
        char *text = NULL;

        ck_assert_int_eq(io_replace_file(root_fd, "file", "12345", 5, 0600), 0);
        ck_assert_int_eq(io_read_file(root_fd, "file", 4, &text, NULL), -EFBIG);
        ck_assert_ptr_null(text);
        ck_assert_int_eq(io_read_file(root_fd, "file", 5, &text, NULL), 0);
        free(text);
}
END_TEST

START_TEST(a_stream_of_unknown_length_is_read_to_its_end)
{
        autofree char *text = NULL;
        char data[10000];
        size_t size;
        int ends[2];

        memset(data, 'x', sizeof(data));
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(io_write_all(ends[1], data, sizeof(data)), 0);
        (void) close(ends[1]);
        ck_assert_int_eq(io_read_fd(ends[0], 20000, &text, &size), 0);
        ck_assert_uint_eq(size, sizeof(data));
        ck_assert_mem_eq(text, data, sizeof(data));
        (void) close(ends[0]);
}
END_TEST

static const struct {
        const char *text, *line;
} lines[] = {
        { "", "" },
        { "\n", "" },
        { "one", "one" },
        { "one\ntwo \n\n", "two" },
        { "one\n0123456789abcdef", "56789abcdef" },
};

START_TEST(the_last_line_is_the_last_that_is_not_empty)
{
        autofd int fd = memfd_create("lines", MFD_CLOEXEC);
        char line[12];

        ck_assert_int_eq(io_write_all(fd, lines[_i].text, strlen(lines[_i].text)), 0);
        io_last_line(fd, line, sizeof(line));
        ck_assert_str_eq(line, lines[_i].line);
        io_last_line(-1, line, sizeof(line));
        ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(what_cannot_be_read_says_why)
{
        char *text = NULL;

        ck_assert_int_eq(io_read_file(root_fd, "missing", 10, &text, NULL), -ENOENT);
        ck_assert_int_eq(io_read_file(root_fd, ".", 10, &text, NULL), -EISDIR);
        ck_assert_ptr_null(text);
}
END_TEST

START_TEST(a_replaced_file_has_its_mode_and_leaves_no_draft)
{
        autoclosedir DIR *directory = NULL;
        struct stat st;
        unsigned n = 0;

        ck_assert_int_eq(io_replace_file(root_fd, "file", "old", 3, 0644), 0);
        ck_assert_int_eq(io_replace_file(root_fd, "file", "new!", 4, 0600), 0);
        ck_assert_int_eq(fstatat(root_fd, "file", &st, 0), 0);
        ck_assert_int_eq(st.st_mode & 07777, 0600);
        ck_assert_int_eq(st.st_size, 4);

        directory = opendir(root);
        ck_assert_ptr_nonnull(directory);
        while (readdir(directory))
                n++;
        ck_assert_uint_eq(n, 3);
}
END_TEST

START_TEST(a_link_is_replaced_and_not_followed)
{
        autofree char *text = NULL;
        struct stat st;

        ck_assert_int_eq(io_replace_file(root_fd, "target", "old", 3, 0644), 0);
        ck_assert_int_eq(symlinkat("target", root_fd, "link"), 0);
        ck_assert_int_eq(io_replace_file(root_fd, "link", "new", 3, 0644), 0);
        ck_assert_int_eq(fstatat(root_fd, "link", &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert(S_ISREG(st.st_mode));
        ck_assert_int_eq(io_read_file(root_fd, "target", 10, &text, NULL), 0);
        ck_assert_str_eq(text, "old");
}
END_TEST

START_TEST(a_file_that_cannot_be_replaced_is_left_as_it_is)
{
        ck_assert_int_eq(mkdirat(root_fd, "directory", 0755), 0);
        ck_assert_int_eq(io_replace_file(root_fd, "directory", "x", 1, 0644), -EISDIR);
        ck_assert_int_eq(faccessat(root_fd, "directory", F_OK, 0), 0);
}
END_TEST

START_TEST(directories_are_made_with_their_parents)
{
        char path[128];
        struct stat st;

        (void) snprintf(path, sizeof(path), "%s/a/b/c", root);
        ck_assert_int_eq(io_mkdir_p(path, 0700), 0);
        ck_assert_int_eq(io_mkdir_p(path, 0700), 0);
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert(S_ISDIR(st.st_mode));

        ck_assert_int_eq(io_replace_file(root_fd, "file", "", 0, 0644), 0);
        (void) snprintf(path, sizeof(path), "%s/file", root);
        ck_assert_int_eq(io_mkdir_p(path, 0700), -ENOTDIR);
        (void) snprintf(path, sizeof(path), "%s/file/below", root);
        ck_assert_int_eq(io_mkdir_p(path, 0700), -ENOTDIR);
}
END_TEST

START_TEST(writing_to_a_full_device_fails)
{
        autofd int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(io_write_all(fd, "x", 1), -ENOSPC);
        ck_assert_int_eq(io_write_all(fd, "", 0), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("io");
        TCase *tc = tcase_create("io");

        tcase_add_checked_fixture(tc, set_up, tear_down);
        tcase_add_loop_test(tc, what_was_written_is_read, 0, ELEMENTS(sizes));
        tcase_add_test(tc, a_file_over_the_limit_is_refused);
        tcase_add_test(tc, a_stream_of_unknown_length_is_read_to_its_end);
        tcase_add_loop_test(tc, the_last_line_is_the_last_that_is_not_empty, 0, ELEMENTS(lines));
        tcase_add_test(tc, what_cannot_be_read_says_why);
        tcase_add_test(tc, a_replaced_file_has_its_mode_and_leaves_no_draft);
        tcase_add_test(tc, a_link_is_replaced_and_not_followed);
        tcase_add_test(tc, a_file_that_cannot_be_replaced_is_left_as_it_is);
        tcase_add_test(tc, directories_are_made_with_their_parents);
        tcase_add_test(tc, writing_to_a_full_device_fails);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
