/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "cli/tree-receive.h"
#include "cli/tree-send.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

static int open_dir(const char *name) {
        int fd = open(tree_path(name), O_PATH | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        return fd;
}

/* An open file without a name: archives of tests are too long for a pipe that nobody reads yet. */
static int draft(void) {
        int fd = open(tree, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

        ck_assert_int_ge(fd, 0);
        return fd;
}

static int send(const char *from, const char *as, int fd) {
        autofd int top = open(tree_path(from), O_PATH | O_NOFOLLOW | O_CLOEXEC);
        unsigned left_out = 0;
        int r = tree_send(&(TreeSend){ .top_fd = top, .as = as }, fd, &left_out, NULL);

        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        return r < 0 ? r : (int) left_out;
}

static int receive(int fd, const char *to, bool follows_links, Fault *fault) {
        autofd int root = open_dir(to);
        unsigned left_out = 0;
        TreeReceive receive = {
                .root_fd = root,
                .base = ".",
                .follows_links = follows_links,
                .uid = geteuid(),
                .gid = getegid(),
                .place = "to:",
        };
        int r = tree_receive(&receive, fd, &left_out, fault);

        return r < 0 ? r : (int) left_out;
}

static char *content(const char *name) {
        char *text = NULL;

        ck_assert_int_eq(io_read_file(AT_FDCWD, tree_path(name), 1 << 20, &text, NULL), 0);
        return text;
}

static void put(struct archive *archive, const char *name, mode_t type, const char *link) {
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, name);
        archive_entry_set_mode(entry, type | 0755);
        archive_entry_set_uid(entry, geteuid());
        archive_entry_set_gid(entry, getegid());
        archive_entry_set_size(entry, type == S_IFREG && !link ? 4 : 0);
        if (link && type == S_IFLNK)
                archive_entry_set_symlink(entry, link);
        else if (link)
                archive_entry_set_hardlink(entry, link);
        ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
        if (type == S_IFREG && !link)
                ck_assert_int_eq(archive_write_data(archive, "evil", 4), 4);
        archive_entry_free(entry);
}

/* A hostile archive of one or two entries, unpacked in "root". */
typedef struct Entry {
        const char *name;
        mode_t type;
        const char *link;
} Entry;

static int unpack(const Entry *entries, size_t n, bool follows_links, Fault *fault) {
        autofd int fd = draft();
        struct archive *archive = archive_write_new();

        ck_assert_int_eq(archive_write_set_format_pax(archive), ARCHIVE_OK);
        ck_assert_int_eq(archive_write_open_fd(archive, fd), ARCHIVE_OK);
        for (size_t i = 0; i < n && entries[i].name; i++)
                put(archive, entries[i].name, entries[i].type, entries[i].link);
        ck_assert_int_eq(archive_write_free(archive), ARCHIVE_OK);
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        return receive(fd, "root", follows_links, fault);
}

START_TEST(a_tree_comes_out_as_it_went_in)
{
        autofree char *text = NULL, *hard = NULL;
        autofd int fd = draft();
        char target[64] = "";
        struct stat a, b, st;

        tree_file("from/sub/file", "text");
        tree_file("from/odd \xff \n name", "odd");
        ck_assert_int_eq(link(tree_path("from/sub/file"), tree_path("from/hard")), 0);
        ck_assert_int_eq(symlink("../nowhere", tree_path("from/link")), 0);
        ck_assert_int_eq(mkfifo(tree_path("from/fifo"), 0640), 0);
        ck_assert_int_eq(chmod(tree_path("from/sub"), 0510), 0);
        tree_file("from/hole", "");
        ck_assert_int_eq(truncate(tree_path("from/hole"), 10 << 20), 0);
        ck_assert_int_eq(mkdir(tree_path("to"), 0755), 0);

        ck_assert_int_eq(send("from", "name", fd), 0);
        ck_assert_int_eq(receive(fd, "to", false, NULL), 0);

        text = content("to/name/sub/file");
        hard = content("to/name/odd \xff \n name");
        ck_assert_str_eq(text, "text");
        ck_assert_str_eq(hard, "odd");
        ck_assert_int_eq(stat(tree_path("to/name/sub/file"), &a), 0);
        ck_assert_int_eq(stat(tree_path("to/name/hard"), &b), 0);
        ck_assert_uint_eq(a.st_ino, b.st_ino);
        ck_assert_int_eq(stat(tree_path("to/name/sub"), &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0510);
        ck_assert_int_eq(lstat(tree_path("to/name/fifo"), &st), 0);
        ck_assert(S_ISFIFO(st.st_mode));
        ck_assert_int_eq(readlink(tree_path("to/name/link"), target, sizeof(target)), 10);
        ck_assert_int_eq(stat(tree_path("to/name/hole"), &st), 0);
        ck_assert_int_eq(st.st_size, 10 << 20);
        ck_assert_int_lt(st.st_blocks * 512, 1 << 20);
}
END_TEST

START_TEST(one_file_has_the_name_that_was_asked_for)
{
        autofree char *text = NULL;
        autofd int fd = draft();

        tree_file("from", "text");
        ck_assert_int_eq(mkdir(tree_path("to"), 0755), 0);
        tree_file("to/name", "before");
        ck_assert_int_eq(send("from", "name", fd), 0);
        ck_assert_int_eq(receive(fd, "to", false, NULL), 0);
        text = content("to/name");
        ck_assert_str_eq(text, "text");
}
END_TEST

START_TEST(contents_go_into_a_directory_that_stays_as_it_is)
{
        autofd int fd = draft();
        struct stat st;

        tree_file("from/sub/new", "new");
        ck_assert_int_eq(chmod(tree_path("from/sub"), 0777), 0);
        tree_file("to/sub/old", "old");
        ck_assert_int_eq(chmod(tree_path("to/sub"), 0700), 0);
        ck_assert_int_eq(send("from", ".", fd), 0);
        ck_assert_int_eq(receive(fd, "to", false, NULL), 0);
        ck_assert_int_eq(access(tree_path("to/sub/new"), F_OK), 0);
        ck_assert_int_eq(access(tree_path("to/sub/old"), F_OK), 0);
        ck_assert_int_eq(stat(tree_path("to/sub"), &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0700);
}
END_TEST

static const struct {
        Entry entries[2];
        int r; /* without following links */
        const char *text;
} hostile[] = {
        { { { "../evil", S_IFREG, NULL } }, -EXDEV, "the archive has a name that leads upwards: '../evil'" },
        { { { "a/../../evil", S_IFREG, NULL } }, -EXDEV,
                        "the archive has a name that leads upwards: 'a/../../evil'" },
        { { { "l", S_IFLNK, "../outside" }, { "l/evil", S_IFREG, NULL } }, -ENOTDIR,
                        "'to:l/evil' is to be a directory, or to be in one, and something else is in the "
                        "way" },
        { { { "up/evil", S_IFREG, NULL } }, -ENOTDIR,
                        "'to:up/evil' is to be a directory, or to be in one, and something else is in the "
                        "way" },
        { { { "hard", S_IFREG, "../outside/file" } }, -ENOTDIR,
                        "'to:hard' is to be a directory, or to be in one, and something else is in the "
                        "way" },
        { { { "hard", S_IFREG, "up/file" } }, -ENOTDIR,
                        "'to:hard' is to be a directory, or to be in one, and something else is in the "
                        "way" },
        { { { "up", S_IFDIR, NULL } }, -ENOTDIR,
                        "'to:up' is to be a directory, or to be in one, and something else is in the way" },
        { { { "directory", S_IFREG, NULL } }, -EISDIR,
                        "'to:directory' is a directory, and cannot become something else" },
};

static void make_victim(void) {
        autofree char *target = NULL;

        tree_file("outside/file", "safe");
        tree_file("root/directory/file", "there");
        ck_assert_int_ge(asprintf(&target, "%s/outside", tree), 0);
        ck_assert_int_eq(symlink(target, tree_path("root/up")), 0);
}

static void check_victim(void) {
        autofree char *text = content("outside/file");

        ck_assert_str_eq(text, "safe");
        ck_assert_int_lt(access(tree_path("outside/evil"), F_OK), 0);
        ck_assert_int_lt(access(tree_path("evil"), F_OK), 0);
        ck_assert_int_eq(access(tree_path("root/directory/file"), F_OK), 0);
}

START_TEST(an_archive_cannot_leave_its_directory)
{
        Fault fault = {};

        make_victim();
        ck_assert_int_eq(unpack(hostile[_i].entries, 2, false, &fault), hostile[_i].r);
        ck_assert_str_eq(fault.text, hostile[_i].text);
        check_victim();
}
END_TEST

START_TEST(nor_can_it_where_links_are_followed)
{
        make_victim();
        (void) unpack(hostile[_i].entries, 2, true, NULL);
        check_victim();
}
END_TEST

START_TEST(a_link_in_the_place_of_a_file_is_replaced)
{
        autofree char *text = NULL;
        struct stat st;

        make_victim();
        ck_assert_int_eq(unpack((Entry[]){ { "up", S_IFREG, NULL } }, 1, true, NULL), 0);
        check_victim();
        ck_assert_int_eq(lstat(tree_path("root/up"), &st), 0);
        ck_assert(S_ISREG(st.st_mode));
        text = content("root/up");
        ck_assert_str_eq(text, "evil");
}
END_TEST

START_TEST(directories_that_the_archive_does_not_mention_are_made)
{
        autofree char *text = NULL;

        make_victim();
        ck_assert_int_eq(unpack((Entry[]){ { "/x/./y//z", S_IFREG, NULL } }, 1, false, NULL), 0);
        text = content("root/x/y/z");
        ck_assert_str_eq(text, "evil");
}
END_TEST

START_TEST(nobody_becomes_somebody_else_by_a_copy)
{
        autofd int fd = draft();
        struct stat st;

        tree_file("from", "program");
        ck_assert_int_eq(chmod(tree_path("from"), 06755), 0);
        ck_assert_int_eq(mkdir(tree_path("to"), 0755), 0);
        ck_assert_int_eq(send("from", "name", fd), 0);
        ck_assert_int_eq(receive(fd, "to", false, NULL), 0);
        ck_assert_int_eq(stat(tree_path("to/name"), &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0755);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("tree-copy");
        TCase *tc = tcase_create("tree-copy");

        tcase_add_checked_fixture(tc, tree_make, tree_remove);
        tcase_add_test(tc, a_tree_comes_out_as_it_went_in);
        tcase_add_test(tc, one_file_has_the_name_that_was_asked_for);
        tcase_add_test(tc, contents_go_into_a_directory_that_stays_as_it_is);
        tcase_add_loop_test(tc, an_archive_cannot_leave_its_directory, 0, ELEMENTS(hostile));
        tcase_add_loop_test(tc, nor_can_it_where_links_are_followed, 0, ELEMENTS(hostile));
        tcase_add_test(tc, a_link_in_the_place_of_a_file_is_replaced);
        tcase_add_test(tc, directories_that_the_archive_does_not_mention_are_made);
        tcase_add_test(tc, nobody_becomes_somebody_else_by_a_copy);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
