/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/remove-tree.h"
#include "nspawn-glue/copy-tree.h"
#include "nspawn-glue/inside.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

/* A hostile image: each link wants to lead out of it. */
static char top[] = "/tmp/test-inside-XXXXXX";
static int outside, root;

static void setup(void) {
        ck_assert_ptr_nonnull(mkdtemp(top));
        outside = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(outside, "root", 0755), 0);
        ck_assert_int_eq(mkdirat(outside, "secret", 0755), 0);
        root = openat(outside, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(root, "etc", 0755), 0);
        ck_assert_int_eq(symlinkat("../../secret", root, "up"), 0);
        ck_assert_int_eq(symlinkat("/etc", root, "absolute"), 0);
        ck_assert_int_eq(symlinkat("/proc/self/fd/1", root, "magic"), 0);
        ck_assert_int_eq(symlinkat("/no/where", root, "dangling"), 0);
        ck_assert_int_eq(symlinkat("loop", root, "loop"), 0);
}

static void teardown(void) {
        (void) close(root);
        (void) close(outside);
        remove_scratch(top);
        (void) strcpy(top, "/tmp/test-inside-XXXXXX");
}

static bool is_there(int dir_fd, const char *path) {
        return faccessat(dir_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

START_TEST(links_stay_within_the_root)
{
        autofd int fd = -1;

        ck_assert_int_eq(inside_make(root, "/up/data", INSIDE_DIRECTORY, &fd), 0);
        ck_assert(is_there(root, "secret"));
        ck_assert(!is_there(outside, "secret/data"));
        ck_assert(is_there(root, "secret/data"));
}
END_TEST

START_TEST(an_absolute_link_begins_at_the_root)
{
        autofd int fd = -1;

        ck_assert_int_eq(inside_make(root, "absolute/a/b/c", INSIDE_FILE, &fd), 0);
        ck_assert(is_there(root, "etc/a/b/c"));
}
END_TEST

START_TEST(dots_lead_nowhere_else)
{
        autofd int fd = -1;

        ck_assert_int_eq(inside_make(root, "/../../secret/x", INSIDE_DIRECTORY, &fd), 0);
        ck_assert(!is_there(outside, "secret/x"));
        ck_assert_int_eq(inside_make(root, "/etc/missing/..", INSIDE_DIRECTORY, &fd), -EINVAL);
}
END_TEST

START_TEST(what_a_link_leads_to_is_made)
{
        autofd int fd = -1, file = -1;

        ck_assert_int_eq(inside_make(root, "/dangling/deep", INSIDE_DIRECTORY, &fd), 0);
        ck_assert(is_there(root, "no/where/deep"));
        ck_assert_int_eq(symlinkat("../far/file", root, "etc/link"), 0);
        ck_assert_int_eq(inside_make(root, "/etc/link", INSIDE_FILE, &file), 0);
        ck_assert(is_there(root, "far/file"));
}
END_TEST

START_TEST(links_in_a_circle_are_no_place)
{
        autofd int fd = -1;

        ck_assert_int_eq(symlinkat("b", root, "a"), 0);
        ck_assert_int_eq(symlinkat("a/x", root, "b"), 0);
        ck_assert_int_eq(inside_make(root, "/loop", INSIDE_DIRECTORY, &fd), -ELOOP);
        ck_assert_int_eq(inside_make(root, "/a", INSIDE_DIRECTORY, &fd), -ELOOP);
        ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(a_file_replaces_a_link_and_not_what_it_leads_to)
{
        autofd int fd = -1, target = -1;
        struct stat st;

        ck_assert_int_eq(symlinkat("../secret", root, "etc/hosts"), 0);
        ck_assert_int_eq(inside_replace(root, "/etc/hosts", &fd), 0);
        ck_assert_int_eq(fstat(fd, &st), 0);
        ck_assert(S_ISREG(st.st_mode));
        ck_assert(!is_there(root, "secret"));

        ck_assert_int_eq(mkfifoat(root, "etc/fifo", 0666), 0);
        ck_assert_int_eq(inside_replace(root, "/etc/fifo", &target), 0);
        ck_assert_int_eq(fstat(target, &st), 0);
        ck_assert(S_ISREG(st.st_mode));
}
END_TEST

START_TEST(a_directory_replaces_a_link)
{
        struct stat st;

        ck_assert_int_eq(symlinkat("/etc", root, "dev"), 0);
        ck_assert_int_eq(inside_force_directory(root, "dev", 0755), 0);
        ck_assert_int_eq(fstatat(root, "dev", &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert(S_ISDIR(st.st_mode));
        ck_assert_int_eq(inside_force_directory(root, "dev", 0755), 0);
        ck_assert_int_eq(inside_force_directory(root, "new", 0755), 0);
}
END_TEST

START_TEST(only_plain_files_are_read)
{
        autofree char *text = NULL;
        autofd int fd = openat(root, "etc/passwd", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        ck_assert_int_eq(write(fd, "root:x:0:0", 10), 10);
        ck_assert_int_eq(inside_read(root, "/etc/passwd", 10, &text), 0);
        ck_assert_str_eq(text, "root:x:0:0");
        ck_assert_int_eq(inside_read(root, "/etc/passwd", 9, &text), -EFBIG);

        ck_assert_int_eq(mkfifoat(root, "etc/group", 0666), 0);
        ck_assert_int_eq(inside_read(root, "/etc/group", 10, &text), -EBADF);
        ck_assert_int_eq(inside_read(root, "/etc", 10, &text), -EBADF);
        ck_assert_int_eq(inside_read(root, "/no", 10, &text), -ENOENT);
}
END_TEST

START_TEST(magic_links_are_not_followed)
{
        autofd int fd = -1;

        autofd int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(inside_open(slash, "/proc/self/fd/1", O_PATH, &fd), -ELOOP);
        ck_assert_int_eq(inside_open(outside, "root/magic", O_PATH, &fd), -ENOENT);
}
END_TEST

START_TEST(a_copy_has_what_the_original_has)
{
        autofd int to = -1, file = openat(root, "etc/file", O_WRONLY | O_CREAT | O_CLOEXEC, 04751);
        autofree char *text = NULL;
        struct stat st;

        ck_assert_int_eq(write(file, "text", 4), 4);
        ck_assert_int_eq(fchmod(file, 04751), 0);
        ck_assert_int_eq(mkfifoat(root, "etc/fifo", 0666), 0);
        ck_assert_int_eq(mkdirat(outside, "copy", 0755), 0);
        to = openat(outside, "copy", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(copy_tree(root, to), 0);
        ck_assert_int_eq(fstatat(to, "etc/file", &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 04751);
        ck_assert_int_eq(inside_read(to, "etc/file", 100, &text), 0);
        ck_assert_str_eq(text, "text");
        ck_assert_int_eq(fstatat(to, "up", &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert(S_ISLNK(st.st_mode));
        ck_assert(!is_there(to, "etc/fifo"));
}
END_TEST

START_TEST(a_tree_of_any_depth_is_removed_and_links_are_not_followed)
{
        int fd = dup(root);

        for (int i = 0; i < 1500; i++) {
                int next;

                ck_assert_int_eq(mkdirat(fd, "d", 0755), 0);
                next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                ck_assert_int_ge(next, 0);
                (void) close(fd);
                fd = next;
        }
        ck_assert_int_eq(symlinkat("/tmp", fd, "link"), 0);
        (void) close(fd);

        ck_assert_int_eq(remove_tree(outside, "root"), 0);
        ck_assert(!is_there(outside, "root"));
        ck_assert(is_there(outside, "secret"));
        ck_assert_int_eq(remove_tree(outside, "root"), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("inside");
        TCase *tc = tcase_create("inside");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_set_timeout(tc, 30);
        tcase_add_test(tc, links_stay_within_the_root);
        tcase_add_test(tc, an_absolute_link_begins_at_the_root);
        tcase_add_test(tc, dots_lead_nowhere_else);
        tcase_add_test(tc, what_a_link_leads_to_is_made);
        tcase_add_test(tc, links_in_a_circle_are_no_place);
        tcase_add_test(tc, a_file_replaces_a_link_and_not_what_it_leads_to);
        tcase_add_test(tc, a_directory_replaces_a_link);
        tcase_add_test(tc, only_plain_files_are_read);
        tcase_add_test(tc, magic_links_are_not_followed);
        tcase_add_test(tc, a_copy_has_what_the_original_has);
        tcase_add_test(tc, a_tree_of_any_depth_is_removed_and_links_are_not_followed);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
