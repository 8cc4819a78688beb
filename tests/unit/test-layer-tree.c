/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "image/attributes.h"
#include "image/layer-tree.h"
#include "lib/cleanup.h"
#include "lib/remove-tree.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
        const char *raw, *path;
} normal[] = {
        { "a", "a" }, { "./a", "a" }, { "/a", "a" }, { "a/", "a" }, { "a//b", "a/b" }, { "./", "" }, { ".", "" },
        { "/", "" }, { "", "" }, { "a/./b/.", "a/b" }, { "...", "..." }, { "..a/b..", "..a/b.." }, { "///a", "a" },
};

static const char *const hostile[] = { "..", "../a", "a/..", "a/../b", "/..", "./..", "a//../b", "../" };

static const struct {
        const char *name;
        size_t size;
        bool kept;
} xattrs[] = {
        { "user.note", 1, true },
        { "user.overlay.opaque", 1, false },
        { "trusted.overlay.opaque", 1, false },
        { "trusted.x", 1, false },
        { "security.selinux", 5, false },
        { "security.ima", 5, false },
        { "system.posix_acl_access", 28, true },
        { "security.capability", 20, true },
        { "security.capability", 12, false },
        { "security.capability", 24, false },
        { "security.capabilityx", 20, false },
        { "user", 1, false },
        { "", 1, false },
};
/* clang-format on */

static char root[] = "/tmp/slipway-test-XXXXXX";
static int root_fd = -1, layers[3];

static void make(int fd, const char *path, mode_t type) {
        if (S_ISDIR(type))
                ck_assert_int_eq(mkdirat(fd, path, 0755), 0);
        else
                ck_assert_int_eq(mknodat(fd, path, type | 0644, 0), 0);
}

/* Three layers, the uppermost first. */
static void setup(void) {
        (void) snprintf(root, sizeof(root), "/tmp/slipway-test-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; i < 3; i++) {
                char name[8];

                (void) snprintf(name, sizeof(name), "%d", i);
                make(root_fd, name, S_IFDIR);
                layers[i] = openat(root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                make(layers[i], "d", S_IFDIR);
        }
        make(layers[2], "base", S_IFREG);
        make(layers[2], "d/base", S_IFREG);
        make(layers[2], "gone", S_IFDIR);
        make(layers[2], "gone/inside", S_IFREG);
        make(layers[1], "gone", S_IFCHR); /* a whiteout is a device 0:0, which anybody may make */
        make(layers[0], "file", S_IFREG);
        make(layers[1], "file", S_IFDIR);
        make(layers[1], "file/inside", S_IFREG);
        ck_assert_int_eq(symlinkat("d", layers[1], "link"), 0);
}

static void teardown(void) {
        autofd int tmp_fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        for (int i = 0; i < 3; i++)
                (void) close(layers[i]);
        (void) close(root_fd);
        ck_assert_int_eq(remove_tree(tmp_fd, root + strlen("/tmp/")), 0);
}

static int find(const char *path) {
        autofd int fd = tree_find(layers, 3, path);

        return fd < 0 ? fd : 0;
}

START_TEST(a_path_is_brought_into_one_form)
{
        char path[PATH_MAX];

        ck_assert_int_eq(tree_normalise(normal[_i].raw, path, NULL), 0);
        ck_assert_str_eq(path, normal[_i].path);
}
END_TEST

START_TEST(a_path_that_leads_out_is_hostile)
{
        char path[PATH_MAX];
        Fault fault = {};

        ck_assert_int_eq(tree_normalise(hostile[_i], path, &fault), -EPERM);
        ck_assert_int_eq(fault.kind, FAULT_HOSTILE);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_hostile)
{
        char raw[2 * PATH_MAX], path[PATH_MAX];
        Fault fault = {};

        for (size_t i = 0; i < sizeof(raw); i++)
                raw[i] = i % 100 == 99 ? '/' : 'a';
        raw[sizeof(raw) - 1] = '\0';
        ck_assert_int_eq(tree_normalise(raw, path, &fault), -ENAMETOOLONG);

        /* The longest that fits. */
        raw[PATH_MAX - 1] = '\0';
        ck_assert_int_eq(tree_normalise(raw, path, NULL), 0);
        ck_assert_uint_lt(strlen(path), PATH_MAX);
}
END_TEST

START_TEST(what_a_container_would_see_is_found)
{
        ck_assert_int_eq(find("base"), 0);
        ck_assert_int_eq(find("d/base"), 0);
        ck_assert_int_eq(find("file"), 0);
        ck_assert_int_eq(find("link"), 0);
        ck_assert_int_eq(find(""), 0);
}
END_TEST

START_TEST(what_is_hidden_is_not_found)
{
        ck_assert_int_eq(find("gone"), -ENOENT);
        ck_assert_int_eq(find("gone/inside"), -ENOENT);
        ck_assert_int_eq(find("file/inside"), -ENOENT);
        ck_assert_int_eq(find("link/base"), -ENOENT); /* links are not followed */
        ck_assert_int_eq(find("never"), -ENOENT);
        ck_assert_int_eq(find("never/x"), -ENOENT);
}
END_TEST

START_TEST(an_opaque_directory_hides_what_is_below)
{
        autofd int fd = openat(layers[1], "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (tree_set_opaque(fd) < 0)
                return; /* only root can, and not on every file system */
        ck_assert_int_eq(find("d/base"), -ENOENT);
        ck_assert_int_eq(find("d"), 0);
        ck_assert_int_eq(find("base"), 0);
}
END_TEST

START_TEST(links_resolve_as_if_the_layer_were_the_whole_world)
{
        autofd int in = -1, up = -1;
        struct stat a, b;

        ck_assert_int_eq(symlinkat("/d", layers[0], "absolute"), 0);
        ck_assert_int_eq(symlinkat("../../../../../../d", layers[0], "upwards"), 0);
        ck_assert_int_eq(symlinkat("/tmp", layers[0], "nowhere"), 0);
        in = tree_open(layers[0], "absolute", O_PATH, true);
        up = tree_open(layers[0], "upwards", O_PATH, true);
        ck_assert_int_eq(fstatat(layers[0], "d", &a, 0), 0);
        ck_assert_int_eq(fstat(in, &b), 0);
        ck_assert_uint_eq(a.st_ino, b.st_ino);
        ck_assert_int_eq(fstat(up, &b), 0);
        ck_assert_uint_eq(a.st_ino, b.st_ino);
        ck_assert_int_eq(tree_open(layers[0], "nowhere", O_PATH, true), -ENOENT);
        ck_assert_int_eq(tree_open(layers[0], "absolute", O_PATH, false), -ELOOP);
}
END_TEST

START_TEST(only_attributes_that_are_the_images_own_are_kept)
{
        /* A file capability of revision 2, with room behind it. */
        static const unsigned char value[64] = { 1, 0, 0, 2, 0, 4 };

        ck_assert_int_eq(xattr_is_kept(xattrs[_i].name, value, xattrs[_i].size), xattrs[_i].kept);
}
END_TEST

START_TEST(a_tree_deeper_than_a_path_is_removed)
{
        int fd = openat(root_fd, "0", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char name[NAME_MAX + 1] = "";

        memset(name, 'x', NAME_MAX);
        for (size_t i = 0; i < 2 * PATH_MAX / NAME_MAX; i++) {
                int next;

                make(fd, name, S_IFDIR);
                make(fd, "beside", S_IFREG);
                next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                (void) close(fd);
                fd = next;
        }
        (void) close(fd);
        ck_assert_int_eq(remove_tree(root_fd, "0"), 0);
        ck_assert_int_eq(faccessat(root_fd, "0", F_OK, 0), -1);
        ck_assert_int_eq(remove_tree(root_fd, "0"), 0);
}
END_TEST

START_TEST(removing_a_tree_leaves_what_its_links_point_to)
{
        ck_assert_int_eq(symlinkat("../1", layers[0], "other"), 0);
        ck_assert_int_eq(remove_tree(root_fd, "0"), 0);
        ck_assert_int_eq(faccessat(root_fd, "1/file/inside", F_OK, 0), 0);
        ck_assert_int_eq(remove_tree(root_fd, "1/link"), 0);
        ck_assert_int_eq(faccessat(root_fd, "1/d", F_OK, 0), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("layer-tree");
        TCase *tc = tcase_create("layer-tree");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_loop_test(tc, a_path_is_brought_into_one_form, 0, ELEMENTS(normal));
        tcase_add_loop_test(tc, a_path_that_leads_out_is_hostile, 0, ELEMENTS(hostile));
        tcase_add_test(tc, a_path_that_is_too_long_is_hostile);
        tcase_add_test(tc, what_a_container_would_see_is_found);
        tcase_add_test(tc, what_is_hidden_is_not_found);
        tcase_add_test(tc, an_opaque_directory_hides_what_is_below);
        tcase_add_test(tc, links_resolve_as_if_the_layer_were_the_whole_world);
        tcase_add_loop_test(tc, only_attributes_that_are_the_images_own_are_kept, 0, ELEMENTS(xattrs));
        tcase_add_test(tc, a_tree_deeper_than_a_path_is_removed);
        tcase_add_test(tc, removing_a_tree_leaves_what_its_links_point_to);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
