/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/search.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

/* All that is found below "etc" and "usr", a line each: paths without the tree's own; then the faults. */
static const char *search_tree(void) {
        static char lines[8192];
        AUTO(arena_freep) Arena *arena = arena_new();
        AUTO(search_done) Search search = {};
        AUTO(faults_done) FaultList faults = {};
        char one[PATH_MAX], other[PATH_MAX], text[1024];
        char *roots[] = { one, other, NULL };
        size_t used = 0;

        (void) snprintf(one, sizeof(one), "%s/", tree_path("etc"));
        (void) snprintf(other, sizeof(other), "%s", tree_path("usr"));
        ck_assert_int_eq(search_run(&search, arena, roots, SEARCH_SYSTEM, &faults), 0);

        *lines = '\0';
        for (size_t i = 0; i < search.n_manifests; i++)
                used += (size_t) snprintf(lines + used, sizeof(lines) - used, "%s\n",
                                search.manifests[i].path + strlen(tree) + 1);
        for (size_t i = 0; i < faults.n_entries; i++) {
                (void) report_format(text, sizeof(text), &faults.entries[i].fault);
                used += (size_t) snprintf(
                                lines + used, sizeof(lines) - used, "%s\n", text + strlen(tree) + 1);
        }
        return lines;
}

START_TEST(manifests_are_sorted_by_name_and_importance)
{
        tree_file("etc/b.container", "");
        tree_file("etc/a.network", "");
        tree_file("usr/b.container", "");
        tree_file("usr/a.container", "");
        ck_assert_str_eq(
                        search_tree(), "usr/a.container\netc/a.network\netc/b.container\nusr/b.container\n");
}
END_TEST

START_TEST(only_names_of_manifests_count)
{
        tree_file("etc/a.container~", "");
        tree_file("etc/a.container.bak", "");
        tree_file("etc/container", "");
        tree_file("etc/a.Container", "");
        tree_file("etc/compose.yaml", "");
        tree_file("etc/.hidden.container", "");
        tree_file("etc/x.y.container", "");
        tree_file("etc/a.kube", "");
        tree_file("etc/a.artifact", "");
        ck_assert_str_eq(search_tree(),
                        "etc/.hidden.container\netc/a.artifact\netc/a.kube\netc/x.y.container\n");
}
END_TEST

START_TEST(directories_below_are_searched_after_the_files_above)
{
        tree_file("etc/a/x.container", "");
        tree_file("etc/b/c/y.container", "");
        tree_file("etc/x.container", "");
        ck_assert_str_eq(search_tree(), "etc/x.container\netc/a/x.container\netc/b/c/y.container\n");
}
END_TEST

START_TEST(directories_of_dropins_have_no_manifests)
{
        tree_file("etc/a.d/x.container", "");
        tree_file("etc/x.container.d/y.container", "");
        ck_assert_str_eq(search_tree(), "");
}
END_TEST

START_TEST(links_in_circles_end)
{
        tree_file("etc/x.container", "");
        tree_link("etc/again", ".");
        tree_link("etc/sub", "../usr");
        tree_file("usr/y.container", "");
        tree_link("usr/back", "../etc");
        ck_assert_str_eq(search_tree(), "etc/x.container\netc/sub/y.container\n");
}
END_TEST

START_TEST(links_and_directories_with_the_name_of_a_manifest_are_found)
{
        tree_link("etc/a.container", "nowhere");
        tree_link("etc/b.container", "/dev/null");
        tree_directory("etc/c.container");
        tree_file("etc/c.container/inside.container", "");
        ck_assert_str_eq(search_tree(), "etc/a.container\netc/b.container\netc/c.container\n");
}
END_TEST

START_TEST(what_is_not_there_is_empty)
{ ck_assert_str_eq(search_tree(), ""); }
END_TEST

START_TEST(a_file_in_the_place_of_a_directory_is_told)
{
        tree_file("etc", "");
        ck_assert_str_eq(search_tree(), "etc: cannot read the directory: Not a directory\n");
}
END_TEST

static void assert_roots(SearchScope scope, const char *expected) {
        autostrv char **roots = NULL;
        autofree char *joined = NULL;

        ck_assert_int_eq(search_roots(scope, &roots), 0);
        joined = strv_join(roots, " ");
        ck_assert_str_eq(joined, expected);
}

START_TEST(the_system_searches_etc_run_and_usr)
{
        (void) unsetenv("SLIPWAY_UNIT_DIRS");
        assert_roots(SEARCH_SYSTEM, "/etc/slipway /run/slipway/manifests /usr/share/slipway/manifests");
}
END_TEST

START_TEST(a_user_searches_their_own_and_what_the_system_has_for_them)
{
        char expected[512];
        unsigned uid = (unsigned) getuid();

        (void) unsetenv("SLIPWAY_UNIT_DIRS");
        (void) unsetenv("XDG_CONFIG_HOME");
        (void) setenv("HOME", "/home/u", 1);
        (void) setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
        (void) snprintf(expected, sizeof(expected),
                        "/home/u/.config/slipway /run/user/1/slipway/manifests /etc/slipway/users "
                        "/etc/slipway/users/%u /usr/share/slipway/manifests/users "
                        "/usr/share/slipway/manifests/users/%u",
                        uid, uid);
        assert_roots(SEARCH_USER, expected);

        (void) setenv("XDG_CONFIG_HOME", "/c", 1);
        (void) unsetenv("XDG_RUNTIME_DIR");
        (void) snprintf(expected, sizeof(expected),
                        "/c/slipway /etc/slipway/users /etc/slipway/users/%u "
                        "/usr/share/slipway/manifests/users "
                        "/usr/share/slipway/manifests/users/%u",
                        uid, uid);
        assert_roots(SEARCH_USER, expected);
}
END_TEST

START_TEST(the_environment_replaces_them_all)
{
        (void) setenv("SLIPWAY_UNIT_DIRS", "/a::/b:", 1);
        assert_roots(SEARCH_SYSTEM, "/a /b");
        assert_roots(SEARCH_USER, "/a /b");
}
END_TEST

START_TEST(a_relative_directory_is_refused)
{
        AUTO(arena_freep) Arena *arena = arena_new();
        AUTO(search_done) Search search = {};
        AUTO(faults_done) FaultList faults = {};
        char root[] = "relative";
        char *roots[] = { root, NULL };

        ck_assert_int_eq(search_run(&search, arena, roots, SEARCH_SYSTEM, &faults), 0);
        ck_assert_uint_eq(faults.n_errors, 1);
        ck_assert_str_eq(faults.entries[0].fault.text,
                        "cannot search for manifests here: the path is not absolute");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("search");
        TCase *files = tcase_create("files"), *roots = tcase_create("roots");

        tcase_add_checked_fixture(files, tree_make, tree_remove);
        tcase_add_test(files, manifests_are_sorted_by_name_and_importance);
        tcase_add_test(files, only_names_of_manifests_count);
        tcase_add_test(files, directories_below_are_searched_after_the_files_above);
        tcase_add_test(files, directories_of_dropins_have_no_manifests);
        tcase_add_test(files, links_in_circles_end);
        tcase_add_test(files, links_and_directories_with_the_name_of_a_manifest_are_found);
        tcase_add_test(files, what_is_not_there_is_empty);
        tcase_add_test(files, a_file_in_the_place_of_a_directory_is_told);
        suite_add_tcase(suite, files);

        tcase_add_test(roots, the_system_searches_etc_run_and_usr);
        tcase_add_test(roots, a_user_searches_their_own_and_what_the_system_has_for_them);
        tcase_add_test(roots, the_environment_replaces_them_all);
        tcase_add_test(roots, a_relative_directory_is_refused);
        suite_add_tcase(suite, roots);
        return suite_main(suite);
}
