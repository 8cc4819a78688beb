/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/dropins.h"
#include "lib/strv.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

static const struct {
        const char *name, *directories;
} cases[] = {
        { "web.container", "web.container container" },
        { "sample-unit.container", "sample-unit.container sample-.container container" },
        { "a-b-c.container", "a-b-c.container a-b-.container a-.container container" },
        { "a-.container", "a-.container container" },
        { "-a.container", "-a.container -.container container" },
        { "sample-template-unit@.container", "sample-template-unit@.container sample-template-@.container "
                                             "sample-template-.container "
                                             "sample-@.container sample-.container container" },
        { "sample-template-unit@base-instance.container",
                        "sample-template-unit@base-instance.container sample-template-unit@.container "
                        "sample-template-@.container sample-template-.container sample-@.container "
                        "sample-.container "
                        "container" },
        { "a.b.network", "a.b.network network" },
};

START_TEST(directories_go_from_the_most_specific_to_the_least)
{
        autostrv char **directories = NULL;
        autofree char *joined = NULL;

        ck_assert_int_eq(dropins_directories(cases[_i].name, &directories), 0);
        joined = strv_join(directories, " ");
        ck_assert_str_eq(joined, cases[_i].directories);
}
END_TEST

/* Paths of the drop-ins of web-app.container, without the tree's own, joined by blanks. */
static void find(char *joined, size_t size) {
        AUTO(arena_freep) Arena *arena = arena_new();
        AUTO(search_done) Search search = {};
        AUTO(faults_done) FaultList faults = {};
        autofree const SearchFile **files = NULL;
        char one[PATH_MAX], other[PATH_MAX];
        char *roots[] = { one, other, NULL };
        size_t n, used = 0;

        (void) snprintf(one, sizeof(one), "%s", tree_path("etc"));
        (void) snprintf(other, sizeof(other), "%s", tree_path("usr"));
        ck_assert_int_eq(search_run(&search, arena, roots, SEARCH_SYSTEM, &faults), 0);
        ck_assert_int_eq(dropins_find(&search, "web-app.container", &files, &n), 0);

        *joined = '\0';
        for (size_t i = 0; i < n; i++)
                used += (size_t) snprintf(joined + used, size - used, "%s%s", i > 0 ? " " : "",
                                files[i]->path + strlen(tree) + 1);
}

START_TEST(they_are_read_in_the_order_of_their_names)
{
        char joined[1024];

        tree_file("etc/web-app.container.d/20-b.conf", "");
        tree_file("etc/container.d/10-a.conf", "");
        tree_file("usr/web-.container.d/30-c.conf", "");
        find(joined, sizeof(joined));
        ck_assert_str_eq(joined, "etc/container.d/10-a.conf etc/web-app.container.d/20-b.conf "
                                 "usr/web-.container.d/30-c.conf");
}
END_TEST

START_TEST(of_one_name_the_most_specific_is_taken_and_then_the_most_important)
{
        char joined[1024];

        tree_file("etc/container.d/x.conf", "");
        tree_file("usr/web-app.container.d/x.conf", "");
        find(joined, sizeof(joined));
        ck_assert_str_eq(joined, "usr/web-app.container.d/x.conf");

        tree_file("etc/web-app.container.d/x.conf", "");
        find(joined, sizeof(joined));
        ck_assert_str_eq(joined, "etc/web-app.container.d/x.conf");
}
END_TEST

START_TEST(only_conf_files_of_its_own_directories_count)
{
        char joined[1024];

        tree_file("etc/web-app.container.d/x.config", "");
        tree_file("etc/web-app.container.d/x", "");
        tree_file("etc/web-app.container.d/.conf", "");
        tree_file("etc/other.container.d/x.conf", "");
        tree_file("etc/web-app.network.d/x.conf", "");
        tree_file("etc/sub/web-app.container.d/y.conf", "");
        find(joined, sizeof(joined));
        ck_assert_str_eq(joined, "etc/sub/web-app.container.d/y.conf");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("dropins");
        TCase *names = tcase_create("names"), *files = tcase_create("files");

        tcase_add_loop_test(
                        names, directories_go_from_the_most_specific_to_the_least, 0, (int) ELEMENTS(cases));
        suite_add_tcase(suite, names);

        tcase_add_checked_fixture(files, tree_make, tree_remove);
        tcase_add_test(files, they_are_read_in_the_order_of_their_names);
        tcase_add_test(files, of_one_name_the_most_specific_is_taken_and_then_the_most_important);
        tcase_add_test(files, only_conf_files_of_its_own_directories_count);
        suite_add_tcase(suite, files);
        return suite_main(suite);
}
