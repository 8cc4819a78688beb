/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/update-memory.h"
#include "cli/update-plan.h"
#include "image/reference.h"
#include "lib/report.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static Record record(const char *image, const char *policy) {
        Record made = { .image_id = A };

        (void) snprintf(made.unit, sizeof(made.unit), "some.service");
        (void) snprintf(made.image, sizeof(made.image), "%s", image);
        (void) snprintf(made.update, sizeof(made.update), "%s", policy);
        return made;
}

static void add(UpdatePlan *plan, const char *container, const Record *made) {
        ck_assert_int_eq(update_plan_add(plan, container, made), 0);
}

START_TEST(containers_of_one_image_are_a_group)
{
        AUTO(update_plan_done) UpdatePlan plan = {};
        Record nginx = record("docker.io/library/nginx", "registry"),
               same = record("docker.io/nginx:latest", "registry"), local = record("nginx", "local"),
               other = record("quay.io/a/b:1", "registry"), none = record("quay.io/a/b:1", "");

        add(&plan, "web", &nginx);
        add(&plan, "app", &same);
        add(&plan, "local", &local);
        add(&plan, "other", &other);
        add(&plan, "none", &none);
        ck_assert_int_eq(update_plan_group(&plan), 0);

        ck_assert_uint_eq(plan.n_units, 4);
        ck_assert_uint_eq(plan.n_groups, 2);
        ck_assert_str_eq(plan.groups[0].name, "docker.io/library/nginx:latest");
        ck_assert_str_eq(plan.groups[0].policy, "registry");
        ck_assert_uint_eq(plan.groups[0].n, 3);
        ck_assert_str_eq(plan.groups[0].units[0]->container, "app");
        ck_assert_str_eq(plan.groups[0].units[1]->container, "local");
        ck_assert_str_eq(plan.groups[0].units[2]->container, "web");
        ck_assert_str_eq(plan.groups[1].name, "quay.io/a/b:1");
}
END_TEST

START_TEST(a_name_is_asked_for_once_with_the_credentials_of_one)
{
        AUTO(update_plan_done) UpdatePlan plan = {};
        Record one = record("quay.io/a/b:1", "registry"), other = one;

        Record local = record("quay.io/a/b:1", "local");

        (void) strcpy(other.authfile, "/etc/auth.json");
        (void) strcpy(local.authfile, "/etc/not-asked.json");
        add(&plan, "alone", &local);
        add(&plan, "one", &one);
        add(&plan, "other", &other);
        ck_assert_int_eq(update_plan_group(&plan), 0);
        ck_assert_uint_eq(plan.n_groups, 1);
        ck_assert_str_eq(plan.groups[0].policy, "registry");
        ck_assert_str_eq(plan.groups[0].authfile, "/etc/auth.json");
}
END_TEST

START_TEST(what_no_registry_can_be_asked_for_has_failed)
{
        AUTO(update_plan_done) UpdatePlan plan = {};
        Record short_name = record("nginx", "registry"), wrong = record("UPPER", "local");

        add(&plan, "short", &short_name);
        add(&plan, "wrong", &wrong);
        ck_assert_int_eq(update_plan_group(&plan), 0);
        ck_assert_uint_eq(plan.n_groups, 0);
        ck_assert_int_eq(plan.units[0].result, UPDATE_FAILED);
        ck_assert_int_eq(plan.units[1].result, UPDATE_FAILED);
}
END_TEST

static Digest digest(const char *hex) {
        Digest made = {};

        ck_assert_int_eq(digest_from_hex(hex, &made), 0);
        return made;
}

START_TEST(what_did_not_do_is_remembered_by_both_digests)
{
        Digest a = digest(A), b = digest(B), c = digest(C), none = {};
        char directory[256];

        (void) snprintf(directory, sizeof(directory), "%s", tree_path("update"));
        ck_assert(!update_is_bad(directory, "quay.io/a/b:1", &a));
        ck_assert_int_eq(update_remember_bad(directory, "quay.io/a/b:1", &a, &b), 0);
        ck_assert(update_is_bad(directory, "quay.io/a/b:1", &a));
        ck_assert(update_is_bad(directory, "quay.io/a/b:1", &b));
        ck_assert(!update_is_bad(directory, "quay.io/a/b:1", &c));
        ck_assert(!update_is_bad(directory, "quay.io/a/b:1", &none));
        ck_assert(!update_is_bad(directory, "quay.io/a/b:2", &a));

        ck_assert_int_eq(update_remember_bad(directory, "quay.io/a/b:1", &c, &none), 0);
        ck_assert(update_is_bad(directory, "quay.io/a/b:1", &a));
        ck_assert(update_is_bad(directory, "quay.io/a/b:1", &c));
        update_forget_bad(directory, "quay.io/a/b:1");
        ck_assert(!update_is_bad(directory, "quay.io/a/b:1", &a));
}
END_TEST

START_TEST(the_oldest_are_forgotten)
{
        Digest first = digest(A), none = {};
        char directory[256], hex[DIGEST_HEX + 1] = B;

        (void) snprintf(directory, sizeof(directory), "%s", tree_path("update"));
        ck_assert_int_eq(update_remember_bad(directory, "a:1", &first, &none), 0);
        for (int i = 0; i < 16; i++) {
                Digest next;

                hex[0] = "0123456789abcdef"[i];
                next = digest(hex);
                ck_assert_int_eq(update_remember_bad(directory, "a:1", &next, &none), 0);
        }
        ck_assert(!update_is_bad(directory, "a:1", &first));
        hex[0] = '0';
        first = digest(hex);
        ck_assert(update_is_bad(directory, "a:1", &first));
}
END_TEST

START_TEST(a_broken_memory_is_none)
{
        Digest a = digest(A);
        char directory[256];

        (void) snprintf(directory, sizeof(directory), "%s", tree_path("update"));
        tree_file("update/a:1", "{ not json");
        ck_assert(!update_is_bad(directory, "a:1", &a));
        tree_file("update/a:1", "{ \"bad\": [ 1, null, \"x\" ] }");
        ck_assert(!update_is_bad(directory, "a:1", &a));
        ck_assert_int_eq(update_remember_bad(directory, "a:1", &a, &a), 0);
        ck_assert(update_is_bad(directory, "a:1", &a));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("update");
        TCase *tc = tcase_create("update");

        report_init("test-update", REPORT_TERMINAL);
        tcase_add_checked_fixture(tc, tree_make, tree_remove);
        tcase_add_test(tc, containers_of_one_image_are_a_group);
        tcase_add_test(tc, a_name_is_asked_for_once_with_the_credentials_of_one);
        tcase_add_test(tc, what_no_registry_can_be_asked_for_has_failed);
        tcase_add_test(tc, what_did_not_do_is_remembered_by_both_digests);
        tcase_add_test(tc, the_oldest_are_forgotten);
        tcase_add_test(tc, a_broken_memory_is_none);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
