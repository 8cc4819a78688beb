/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a directory of manifests to a directory of units: what concerns more than one module. */

#include <dirent.h>
#include <sys/wait.h>

#include "generator/generate.h"
#include "generator/unit/writer.h"
#include "lib/report.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define GOOD "[Container]\nImage=docker.io/library/busybox:1\n"

static int run(SearchScope scope) {
        AUTO(workspace_close) Workspace workspace;
        char root[PATH_MAX], out[PATH_MAX];
        char *roots[] = { root, NULL };
        int fd, r;

        /* What is told goes to standard error, which Check leaves alone. */
        (void) snprintf(root, sizeof(root), "%s", tree_path("in"));
        (void) snprintf(out, sizeof(out), "%s", tree_path("out"));
        (void) mkdir(out, 0755);
        fd = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(workspace_open(&workspace, scope, roots), 0);
        r = generate(&workspace, fd);
        (void) close(fd);
        return r;
}

static void assert_fault(const char *unit, const char *text) {
        const char *content = tree_read(unit);

        ck_assert_msg(strstr(content, "Kind=fault") != NULL, "%s is no fault", unit);
        ck_assert_msg(strstr(content, text) != NULL, "%s does not say '%s', but: %s", unit, text, content);
}

static void assert_good(const char *unit) {
        ck_assert_msg(strstr(tree_read(unit), "Kind=container") != NULL, "%s is no container: %s", unit,
                        tree_read(unit));
}

static bool exists(const char *name) {
        struct stat st;

        return lstat(tree_path(name), &st) >= 0;
}

START_TEST(nothing_to_do_is_success)
{ ck_assert_int_eq(run(SEARCH_SYSTEM), 0); }
END_TEST

START_TEST(a_mistake_stays_with_its_manifest)
{
        tree_file("in/a.container", "this is not a manifest\n");
        tree_file("in/b.container", GOOD);
        tree_file("in/c.container", "[Container]\nImgae=x\n");
        tree_link("in/d.container", "nowhere");
        tree_directory("in/e.container");
        tree_file("in/f.container", GOOD "[Foo]\nBar=1\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 5);
        assert_fault("out/a.service", "--line=1 --column=1 --kind=syntax");
        assert_good("out/b.service");
        assert_fault("out/c.service", "--line=2 --column=1 --key=Imgae --kind=unknown-key");
        assert_fault("out/d.service", "the link leads nowhere");
        assert_fault("out/e.service", "this is a directory, where a file was expected");
        assert_fault("out/f.service", "there is no section [Foo] in a .container file");
}
END_TEST

START_TEST(all_mistakes_of_a_manifest_are_told_in_order)
{
        const char *unit, *first, *second, *third;

        tree_file("in/a.container", "[Container]\nReadOnly=maybe\nImgae=x\n[Service]\nUser=joe\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        unit = tree_read("out/a.service");
        first = strstr(unit, "--line=2");
        second = strstr(unit, "--line=3");
        third = strstr(unit, "--line=5");
        ck_assert(first && second && third && first < second && second < third);
}
END_TEST

START_TEST(the_users_lines_come_last_in_their_section)
{
        const char *unit;

        tree_file("in/a.container",
                        GOOD "[Service]\nTimeoutStopSec=1h\n[Unit]\nDescription=Mine\nAfter=x.target\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        unit = tree_read("out/a.service");
        ck_assert_ptr_null(strstr(unit, "Description=Container"));
        ck_assert_ptr_nonnull(strstr(unit, "Description=Mine\nAfter=x.target\n\n[Service]\n"));
        ck_assert_ptr_nonnull(strstr(unit, "\nTimeoutStopSec=1h\n\n[X-Slipway]\n"));
}
END_TEST

START_TEST(dependencies_may_name_manifests)
{
        tree_file("in/a.container",
                        GOOD "[Unit]\nAfter=b.container c@7.container \\\n x.service\nWants=c@.container\n");
        tree_file("in/b.container", GOOD "ServiceName=other\n");
        tree_file("in/c@.container", GOOD);
        tree_file("in/d.container", GOOD "[Unit]\nRequires=x.service missing.network\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        ck_assert_ptr_nonnull(strstr(tree_read("out/a.service"),
                        "After=other.service c@7.service x.service\nWants=c@.service\n"));
        assert_fault("out/d.service",
                        "--line=4 --column=20 --key=Requires --kind=missing \"there is no manifest "
                        "'missing.network'\"");
}
END_TEST

START_TEST(settings_that_break_a_container_are_refused)
{
        static const char *const lines[] = { "ExecStart=/bin/true", "User=joe", "Group=x", "DynamicUser=yes",
                "KillMode=none", "KillMode=process", "Type=simple", "Type=forking", "NotifyAccess=main",
                "PrivateUsers=yes", "RestrictNamespaces=~user", "ExecStart=", "ProtectHostname=1" };
        char manifest[256], key[64];

        (void) snprintf(manifest, sizeof(manifest), GOOD "[Service]\n%s\n", lines[_i]);
        tree_file("in/a.container", manifest);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        (void) snprintf(key, sizeof(key), "--key=%.*s --kind=value", (int) strcspn(lines[_i], "="),
                        lines[_i]);
        assert_fault("out/a.service", key);
}
END_TEST

START_TEST(settings_that_a_container_can_live_with_are_kept)
{
        static const char *const lines[] = { "User=root", "DynamicUser=no", "KillMode=control-group",
                "Type=oneshot", "Restart=on-failure", "ExecStartPre=/bin/true",
                "User=", "ExecStop=", "ExecStop=/bin/true", "NotifyAccess=all", "PrivateDevices=off",
                "DynamicUser=" };
        char manifest[256], line[64];

        (void) snprintf(manifest, sizeof(manifest), GOOD "[Service]\n%s\n", lines[_i]);
        tree_file("in/a.container", manifest);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        (void) snprintf(line, sizeof(line), "\n%s\n", lines[_i]);
        ck_assert_ptr_nonnull(strstr(tree_read("out/a.service"), line));
}
END_TEST

START_TEST(unless_stopped_is_taken_for_always)
{
        tree_file("in/a.container", GOOD "[Service]\nRestart=unless-stopped\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_ptr_nonnull(strstr(tree_read("out/a.service"), "\nRestart=always\n"));
}
END_TEST

START_TEST(two_manifests_of_one_service_make_one_unit_that_names_both)
{
        tree_file("in/a.container", GOOD);
        tree_file("in/a.kube", "[Kube]\nYaml=a.yaml\n");
        tree_file("in/b.container", GOOD "ServiceName=c\n");
        tree_file("in/c.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 4);
        assert_fault("out/a.service", "/in/a.kube': rename one of them");
        assert_fault("out/c.service", "/in/c.container': rename one of them");
        ck_assert_ptr_nonnull(strstr(tree_read("out/c.service"), "/in/b.container --line=3"));
        ck_assert(!exists("out/b.service"));
}
END_TEST

START_TEST(of_two_containers_with_one_name_the_first_is_kept)
{
        tree_file("in/a.container", GOOD "ContainerName=web\n");
        tree_file("in/b.container", GOOD "ContainerName=web\n");
        tree_file("in/web.container", GOOD);
        tree_file("in/x@1.container", GOOD);
        tree_file("in/y.container", GOOD "ContainerName=x_1\n");
        tree_file("in/z.container", GOOD "ContainerName=%N-x\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 3);
        assert_good("out/a.service");
        assert_fault("out/b.service", "the container name 'web' is also that of");
        assert_fault("out/web.service", "/in/a.container': rename one of them");
        assert_good("out/x@1.service");
        assert_fault("out/y.service", "the container name 'x_1' is also that of");
        assert_good("out/z.service");
}
END_TEST

START_TEST(two_files_of_one_name_below_one_directory_are_a_mistake)
{
        tree_file("in/a.container", GOOD);
        tree_file("in/sub/a.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "/in/sub/a.container': rename one of them");
}
END_TEST

START_TEST(a_masked_manifest_is_no_unit)
{
        tree_file("in/a.container", "");
        tree_link("in/b.container", "/dev/null");
        tree_file("in/c.container", GOOD "[Unit]\nAfter=a.container\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        ck_assert(!exists("out/a.service"));
        ck_assert(!exists("out/b.service"));
        assert_fault("out/c.service", "there is no manifest 'a.container'");
}
END_TEST

START_TEST(dropins_continue_their_manifest)
{
        tree_file("in/a.container", GOOD);
        tree_file("in/a.container.d/10.conf", "[Service]\nMemoryMax=1G\n");
        tree_file("in/container.d/20.conf", "[Service]\nMemoryMax=2G\n");
        tree_file("in/a.container.d/30.conf", "");
        tree_file("in/container.d/30.conf", "[Service]\nMemoryMax=3G\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_ptr_nonnull(strstr(tree_read("out/a.service"), "MemoryMax=1G\nMemoryMax=2G\n\n"));
}
END_TEST

START_TEST(a_mistake_in_a_dropin_is_one_of_the_manifest)
{
        tree_file("in/a.container", GOOD);
        tree_file("in/a.container.d/x.conf", "\n[Container\nNoNewPrivileges=yes\n");
        tree_file("in/b.container", GOOD);
        tree_link("in/b.container.d/x.conf", "nowhere");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 2);
        assert_fault("out/a.service", "/in/a.container.d/x.conf --line=2");
        assert_fault("out/b.service", "/in/b.container.d/x.conf --kind=missing");
}
END_TEST

START_TEST(templates_have_instances_and_a_default_one)
{
        tree_file("in/a@.container", GOOD "[Install]\nDefaultInstance=x\nWantedBy=multi-user.target\n");
        tree_link("in/a@1.container", "a@.container");
        tree_file("in/b@.container", GOOD "[Install]\nWantedBy=multi-user.target\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        assert_good("out/a@.service");
        assert_good("out/a@1.service");
        ck_assert_ptr_nonnull(strstr(tree_read("out/a@1.service"), "/in/a@1.container\n"));
        ck_assert_str_eq(tree_read_link("out/multi-user.target.wants/a@x.service"), "../a@.service");
        ck_assert_str_eq(tree_read_link("out/multi-user.target.wants/a@1.service"), "../a@1.service");
        ck_assert(!exists("out/multi-user.target.wants/b@.service"));
}
END_TEST

START_TEST(install_makes_links)
{
        tree_file("in/a.container", GOOD "[Install]\nAlias=x.service \"y.service\" "
                                         "a/b..c/z.service\nWantedBy=old.target\nWantedBy=\n"
                                         "WantedBy=one.target two.target\nRequiredBy=b.container\n"
                                         "UpheldBy=%N-x.target\nAlso=z.service\nX-Mine=1\n");
        tree_file("in/b.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_str_eq(tree_read_link("out/x.service"), "a.service");
        ck_assert_str_eq(tree_read_link("out/y.service"), "a.service");
        ck_assert_str_eq(tree_read_link("out/a/b..c/z.service"), "../../a.service");
        ck_assert_str_eq(tree_read_link("out/one.target.wants/a.service"), "../a.service");
        ck_assert_str_eq(tree_read_link("out/two.target.wants/a.service"), "../a.service");
        ck_assert_str_eq(tree_read_link("out/b.service.requires/a.service"), "../a.service");
        ck_assert_str_eq(tree_read_link("out/a-x.target.upholds/a.service"), "../a.service");
        ck_assert(!exists("out/old.target.wants"));
}
END_TEST

START_TEST(a_mistake_in_install_is_told_and_the_rest_is_linked)
{
        static const char *const lines[] = { "WantedBy=a/b.target", "WantedBy=target",
                "WantedBy=missing.container", "WantedBy=%H.target", "WantedBy=\"x.target",
                "Alias=../x.service", "Alias=/x.service", "Alias=a/./x.service", "Alias=a//x.service",
                "Alias=x.target", "Alias=x@.service", "WWantedBy=x.target" };
        char manifest[256];

        (void) snprintf(manifest, sizeof(manifest), GOOD "[Install]\nWantedBy=good.target\n%s\n", lines[_i]);
        tree_file("in/a.container", manifest);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "--line=5");
        ck_assert_str_eq(tree_read_link("out/good.target.wants/a.service"), "../a.service");
}
END_TEST

START_TEST(an_alias_does_not_take_the_place_of_another_manifest)
{
        tree_file("in/a.container", GOOD "[Install]\nAlias=b.service\n");
        tree_file("in/b.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "'b.service' is the unit of '");
        assert_good("out/b.service");
}
END_TEST

START_TEST(an_alias_of_an_instance_may_be_a_template)
{
        tree_file("in/a@1.container", GOOD "[Install]\nAlias=b@.service\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_str_eq(tree_read_link("out/b@1.service"), "a@1.service");
}
END_TEST

START_TEST(a_file_of_rubbish_is_not_told_line_by_line)
{
        static char rubbish[200000];

        for (size_t i = 0; i + 1 < sizeof(rubbish); i++)
                rubbish[i] = i % 2 ? '\n' : 'x';
        tree_file("in/a.container", rubbish);
        tree_file("in/b.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "--line=1 ");
        assert_good("out/b.service");
}
END_TEST

START_TEST(a_line_that_systemd_would_not_read_is_refused)
{
        static char manifest[900000] = GOOD "Exec=";

        /* Escaped, it is longer than the manifest's. */
        memset(manifest + strlen(manifest), '\'', 1);
        memset(manifest + strlen(manifest), '"', 600000);
        memset(manifest + strlen(manifest), '\'', 1);
        tree_file("in/a.container", manifest);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "cannot write ExecStart= into a unit: the line would be longer");
}
END_TEST

START_TEST(an_alias_that_is_taken_is_told)
{
        tree_file("in/a.container", GOOD "[Install]\nAlias=x.service\n");
        tree_file("in/b.container", GOOD "[Install]\nAlias=x.service\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        ck_assert_str_eq(tree_read_link("out/x.service"), "a.service");
        assert_good("out/b.service");
}
END_TEST

START_TEST(a_second_run_changes_nothing)
{
        char *before;

        tree_file("in/a.container", GOOD "[Install]\nWantedBy=one.target\nAlias=b.service\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        before = strdup(tree_read("out/a.service"));
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_str_eq(tree_read("out/a.service"), before);
        free(before);
}
END_TEST

/* Everything in the tree's "out", names and contents, in the order of names. */
static char *read_output(void) {
        struct dirent **entries = NULL;
        int n = scandir(tree_path("out"), &entries, NULL, alphasort);
        char *text = NULL, name[300];
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        ck_assert_int_ge(n, 0);
        for (int i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "out/%s", entries[i]->d_name);
                (void) fprintf(stream, "== %s\n%s", name,
                                entries[i]->d_type == DT_REG ? tree_read(name) : "");
                free(entries[i]);
        }
        free(entries);
        (void) fclose(stream);
        return text;
}

static void make_many(int first, int step) {
        for (int i = 0; i < 40; i++) {
                int n = (first + i * step) % 40;
                char name[64], text[256];

                (void) snprintf(name, sizeof(name), "in/%s%d.%s", n % 3 == 0 ? "sub/" : "", n,
                                n % 7 == 0 ? "kube" : "container");
                (void) snprintf(text, sizeof(text),
                                GOOD "ContainerName=c%d\n[Install]\nWantedBy=t%d.target\n", n / 2, n % 5);
                tree_file(name, text);
        }
}

START_TEST(the_order_of_directory_entries_does_not_matter)
{
        char *one, *other;
        int r;

        make_many(0, 1);
        r = run(SEARCH_SYSTEM);
        one = read_output();
        ck_assert_int_gt(r, 0);

        tree_remove();
        ck_assert_int_eq(mkdir(tree, 0700), 0);
        make_many(17, 39);
        ck_assert_int_eq(run(SEARCH_SYSTEM), r);
        other = read_output();
        ck_assert_str_eq(one, other);
        free(one);
        free(other);
}
END_TEST

START_TEST(generators_that_run_at_once_do_not_disturb_each_other)
{
        char *alone, *together;
        pid_t children[8];
        int r, status;

        make_many(0, 1);
        r = run(SEARCH_SYSTEM);
        alone = read_output();
        ck_assert_int_eq(rename(tree_path("out"), tree_path("alone")), 0);
        ck_assert_int_eq(mkdir(tree_path("out"), 0755), 0);

        for (size_t i = 0; i < ELEMENTS(children); i++) {
                children[i] = fork();
                if (children[i] == 0)
                        _exit(run(SEARCH_SYSTEM) == r ? 0 : 1);
        }
        for (size_t i = 0; i < ELEMENTS(children); i++) {
                ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
                ck_assert_int_eq(status, 0);
        }

        together = read_output();
        ck_assert_str_eq(alone, together);
        free(alone);
        free(together);
}
END_TEST

START_TEST(what_does_nothing_is_no_error)
{
        tree_file("in/a.container",
                        GOOD "[Install]\nAlso=x.service\nDefaultInstance=1\nWantedBy=x.target\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_str_eq(tree_read_link("out/x.target.wants/a.service"), "../a.service");
}
END_TEST

START_TEST(a_service_name_can_make_a_template)
{
        tree_file("in/a.container",
                        GOOD "ServiceName=b@\n[Install]\nWantedBy=x.target\nDefaultInstance=1\n");
        tree_file("in/c@.container", GOOD "ServiceName=d\n[Install]\nWantedBy=x.target\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_str_eq(tree_read_link("out/x.target.wants/b@1.service"), "../b@.service");
        ck_assert_str_eq(tree_read_link("out/x.target.wants/d.service"), "../d.service");
}
END_TEST

static const struct {
        const char *file, *text, *unit;
} other_types[] = {
        { "in/a@.artifact", "[Artifact]\nArtifact=x\n", "out/a-artifact@.service" },
};

START_TEST(other_types_say_that_they_are_not_supported_yet)
{
        tree_file(other_types[_i].file, other_types[_i].text);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault(other_types[_i].unit, "--kind=unsupported \"not supported yet: .");
}
END_TEST

START_TEST(a_user_is_told_why_containers_do_not_run)
{
        tree_file("in/a.container", GOOD "[Install]\nWantedBy=default.target\n");
        ck_assert_int_eq(run(SEARCH_USER), 1);
        assert_fault("out/a.service", "put the manifest into /etc/slipway instead");
        ck_assert_str_eq(tree_read_link("out/default.target.wants/a.service"), "../a.service");
}
END_TEST

START_TEST(a_file_name_that_is_no_unit_name_is_told_under_an_escaped_one)
{
        tree_file("in/my app.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/my\\x20app.service", "there cannot be a unit 'my app.service'");
}
END_TEST

START_TEST(a_description_is_a_line_of_text)
{
        tree_file("in/a\x1b\nb.container", GOOD);
        tree_file("in/\xff.container", GOOD);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 2);
        assert_fault("out/a\\x1b\\x0ab.service",
                        "\nDescription=a??b.container, which cannot be translated\n");
        assert_fault("out/\\xff.service", "\nDescription=Manifest that cannot be translated\n");
}
END_TEST

START_TEST(a_service_name_that_is_no_unit_name_is_refused)
{
        tree_file("in/a.container", GOOD "ServiceName=x/y\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service",
                        "--key=ServiceName --kind=value \"there cannot be a unit 'x/y.service'\"");
}
END_TEST

START_TEST(sections_for_others_are_copied)
{
        tree_file("in/a.container", GOOD "[X-Mine]\na=b %n\n[X-Slipway-Not]\nc=d\n");
        ck_assert_int_eq(run(SEARCH_SYSTEM), 0);
        ck_assert_ptr_nonnull(
                        strstr(tree_read("out/a.service"), "\n[X-Mine]\na=b %n\n\n[X-Slipway-Not]\nc=d\n"));
}
END_TEST

START_TEST(a_file_over_the_limit_is_refused)
{
        size_t size = 1024 * 1024 + 1;
        char *text = malloc(size + 1);

        memset(text, '#', size);
        text[size] = '\0';
        tree_file("in/a.container", text);
        free(text);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "the file is longer than 1 MiB");
}
END_TEST

START_TEST(a_fifo_does_not_keep_the_boot_waiting)
{
        tree_directory("in");
        ck_assert_int_eq(mkfifo(tree_path("in/a.container"), 0644), 0);
        ck_assert_int_eq(run(SEARCH_SYSTEM), 1);
        assert_fault("out/a.service", "this is neither a file nor a link to one");
}
END_TEST

static Suite *make_suite(void) {
        Suite *suite = suite_create("generate");
        TCase *tc = tcase_create("generate");

        tcase_add_checked_fixture(tc, tree_make, tree_remove);
        tcase_add_test(tc, nothing_to_do_is_success);
        tcase_add_test(tc, a_mistake_stays_with_its_manifest);
        tcase_add_test(tc, all_mistakes_of_a_manifest_are_told_in_order);
        tcase_add_test(tc, the_users_lines_come_last_in_their_section);
        tcase_add_test(tc, dependencies_may_name_manifests);
        tcase_add_loop_test(tc, settings_that_break_a_container_are_refused, 0, 13);
        tcase_add_loop_test(tc, settings_that_a_container_can_live_with_are_kept, 0, 12);
        tcase_add_test(tc, unless_stopped_is_taken_for_always);
        tcase_add_test(tc, two_manifests_of_one_service_make_one_unit_that_names_both);
        tcase_add_test(tc, of_two_containers_with_one_name_the_first_is_kept);
        tcase_add_test(tc, two_files_of_one_name_below_one_directory_are_a_mistake);
        tcase_add_test(tc, a_masked_manifest_is_no_unit);
        tcase_add_test(tc, dropins_continue_their_manifest);
        tcase_add_test(tc, a_mistake_in_a_dropin_is_one_of_the_manifest);
        tcase_add_test(tc, templates_have_instances_and_a_default_one);
        tcase_add_test(tc, install_makes_links);
        tcase_add_loop_test(tc, a_mistake_in_install_is_told_and_the_rest_is_linked, 0, 12);
        tcase_add_test(tc, an_alias_that_is_taken_is_told);
        tcase_add_test(tc, an_alias_does_not_take_the_place_of_another_manifest);
        tcase_add_test(tc, an_alias_of_an_instance_may_be_a_template);
        tcase_add_test(tc, a_file_of_rubbish_is_not_told_line_by_line);
        tcase_add_test(tc, a_line_that_systemd_would_not_read_is_refused);
        tcase_add_test(tc, a_second_run_changes_nothing);
        tcase_add_test(tc, the_order_of_directory_entries_does_not_matter);
        tcase_add_test(tc, generators_that_run_at_once_do_not_disturb_each_other);
        tcase_add_test(tc, what_does_nothing_is_no_error);
        tcase_add_test(tc, a_service_name_can_make_a_template);
        tcase_add_loop_test(tc, other_types_say_that_they_are_not_supported_yet, 0, ELEMENTS(other_types));
        tcase_add_test(tc, a_user_is_told_why_containers_do_not_run);
        tcase_add_test(tc, a_file_name_that_is_no_unit_name_is_told_under_an_escaped_one);
        tcase_add_test(tc, a_description_is_a_line_of_text);
        tcase_add_test(tc, a_service_name_that_is_no_unit_name_is_refused);
        tcase_add_test(tc, sections_for_others_are_copied);
        tcase_add_test(tc, a_file_over_the_limit_is_refused);
        tcase_add_test(tc, a_fifo_does_not_keep_the_boot_waiting);
        suite_add_tcase(suite, tc);
        return suite;
}

int main(void) {
        report_init("test-generate", REPORT_TERMINAL);
        return suite_main(make_suite());
}
