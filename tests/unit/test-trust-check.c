/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "image/trust/check.h"
#include "image/trust/places.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define IMAGE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY "29255fd395f177b61bcec6596abc03926e9a2506"
#define NAME "docker.io/acme/app:1"
#define ORIGIN "store/origins/docker.io%2Facme%2Fapp:1/" IMAGE
#define ACCEPT "[{\"type\":\"insecureAcceptAnything\"}]"

static Store store;
static Digest image;

static void setup(void) {
        tree_make();
        tree_directory("trust");
        tree_directory("store");
        store = (Store){ .path = strdup(tree_path("store")), .lock_fd = -1 };
        store.fd = open(store.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(store.fd, 0);
        ck_assert_int_eq(digest_from_hex(IMAGE, &image), 0);
        ck_assert_int_eq(setenv("SLIPWAY_TRUST_DIR", tree_path("trust"), 1), 0);
}

static void teardown(void) {
        store_close(&store);
        tree_remove();
}

static const char *now(void) {
        static char digest[65];
        Fault fault = {};

        ck_assert_msg(trust_policy_digest(NULL, digest, &fault) == 0, "%s", fault.text);
        return digest;
}

static void decided(const char *digest) {
        autofree char *text = NULL;

        ck_assert_int_gt(asprintf(&text, "{\"policy\": \"%s\", \"rule\": \"x\"}", digest), 0);
        tree_file(ORIGIN "/verdict.json", text);
}

static int check(const char *name) {
        Fault fault = {};
        int r = trust_check(&store, &image, name, &fault);

        ck_assert_msg(r != -EAGAIN || !fault_is_raised(&fault), "%s", fault.text);
        return r;
}

START_TEST(where_nothing_is_wanted_nothing_is_asked)
{
        ck_assert_int_eq(check(NAME), 0);
        tree_file("trust/policy.json",
                        "{\"default\":" ACCEPT ",\"transports\":{\"docker\":{\"a.b\":" ACCEPT "}}}");
        ck_assert_int_eq(check(NAME), 0);
        tree_file("trust/policy.json", "{\"default\":" ACCEPT
                                       ",\"transports\":{\"docker\":{\"a.b\":[{\"type\":\"reject\"}]}}}");
        ck_assert_int_eq(check(NAME), -EAGAIN);
        tree_file("trust/policy.json", "{\"default\":" ACCEPT ",\"what\":1}");
        ck_assert_int_eq(check(NAME), -EAGAIN);
        tree_file("trust/policy.json", "{\"default\":" ACCEPT ",\"transports\":{\"docker\":{\"a.b\":[]}}}");
        ck_assert_int_eq(check(NAME), -EAGAIN);
}
END_TEST

/* That file is refused at a pull; at a start it must not count as one that wants nothing. */
START_TEST(a_policy_with_something_of_another_type_does_not_accept_all)
{
        static const char *const transports[] = {
                "1",
                "null",
                "[]",
                "{\"docker\":[{\"type\":\"reject\"}]}",
                "{\"docker\":[]}",
                "{\"docker\":null}",
                "{\"docker\":{\"a.b\":{\"type\":\"reject\"}}}",
                "{\"docker\":{\"a.b\":\"reject\"}}",
                "{\"atomic\":{\"\":" ACCEPT "},\"docker\":true}",
        };

        for (size_t i = 0; i < ELEMENTS(transports); i++) {
                autofree char *text = NULL;

                ck_assert_int_gt(
                                asprintf(&text, "{\"default\":" ACCEPT ",\"transports\":%s}", transports[i]),
                                0);
                tree_file("trust/policy.json", text);
                ck_assert_msg(check(NAME) == -EAGAIN, "%s accepts all", text);
        }
}
END_TEST

START_TEST(a_verdict_holds_as_long_as_what_it_rests_on)
{
        autofree char *before = NULL;

        tree_file("trust/prefix.d/docker.io/acme/" KEY, "key");
        ck_assert_int_eq(check(NAME), -EAGAIN);
        before = strdup(now());
        decided(before);
        ck_assert_int_eq(check(NAME), 0);
        ck_assert_int_eq(check(NULL), 0);
        ck_assert_int_eq(check("docker.io/acme/app:2"), -EAGAIN);

        tree_file("trust/prefix.d/docker.io/acme/" KEY, "another");
        ck_assert_int_eq(check(NAME), -EAGAIN);
        ck_assert_int_eq(check(NULL), -EAGAIN);
        tree_file("trust/prefix.d/docker.io/acme/" KEY, "key");
        ck_assert_int_eq(check(NAME), 0);
        tree_file("trust/policy.json", "{\"default\":" ACCEPT "}");
        ck_assert_int_eq(check(NAME), -EAGAIN);
        decided(now());
        ck_assert_int_eq(check(NAME), 0);
        tree_file(ORIGIN "/verdict.json", "{");
        ck_assert_int_eq(check(NAME), -EAGAIN);
}
END_TEST

START_TEST(everything_that_matters_is_in_the_digest)
{
        static const struct {
                const char *file, *text;
        } steps[] = {
                { "trust/root.d/" KEY, "key" },
                { "trust/vendor/prefix.d/a.b/" KEY, "key" },
                { "trust/prefix.d/a.b/" KEY, "" },
                { "trust/prefix.d/a.b/c/" KEY, "key" },
                { "trust/vendor/policy.json", "{\"default\":" ACCEPT "}" },
                { "trust/policy.json", "{\"default\":" ACCEPT "}" },
        };
        char last[65] = "";

        for (size_t i = 0; i < ELEMENTS(steps); i++) {
                tree_file(steps[i].file, steps[i].text);
                ck_assert_str_ne(now(), last);
                memcpy(last, now(), sizeof(last));
        }
}
END_TEST

START_TEST(a_key_that_the_policy_names_is_in_the_digest)
{
        autofree char *text = NULL;
        char last[65];

        ck_assert_int_gt(asprintf(&text,
                                         "{\"default\":" ACCEPT
                                         ",\"transports\":{\"docker\":{\"\":[{\"type\":\"signedBy\","
                                         "\"keyType\":\"GPGKeys\",\"keyPaths\":[\"%s/key\"]}]}}}",
                                         tree),
                        0);
        tree_file("trust/policy.json", text);
        memcpy(last, now(), sizeof(last));
        tree_file("key", "");
        ck_assert_str_ne(now(), last);
        memcpy(last, now(), sizeof(last));
        tree_file("key", "x");
        ck_assert_str_ne(now(), last);
}
END_TEST

START_TEST(a_policy_that_is_no_json_lets_nothing_start)
{
        Fault fault = {};

        tree_file("trust/policy.json", "{");
        ck_assert_int_eq(trust_check(&store, &image, NAME, &fault), -EINVAL);
        ck_assert_ptr_nonnull(strstr(fault.path, "policy.json"));
}
END_TEST

START_TEST(keys_have_a_file_each)
{
        autokeys KeyFiles keys = {};
        autofree char *directory = NULL;
        Fault fault = {};

        tree_file("trust/root.d/" KEY, "root");
        tree_file("trust/root.d/.draft~", "no key");
        tree_file("trust/vendor/root.d/" KEY, "hidden");
        tree_file("trust/prefix.d/docker.io/acme/" KEY, "acme");
        tree_file("trust/vendor/prefix.d/docker.io/" KEY, "vendor");
        ck_assert_msg(key_files_load(NULL, &keys, &fault) == 0, "%s", fault.text);
        ck_assert_uint_eq(keys.n, 3);
        ck_assert_str_eq(keys.items[0].prefix, "");
        ck_assert_str_eq(keys.items[0].data, "root");
        ck_assert(!keys.items[0].is_vendor);
        ck_assert_str_eq(keys.items[1].prefix, "docker.io");
        ck_assert(keys.items[1].is_vendor);
        ck_assert_str_eq(keys.items[2].prefix, "docker.io/acme");
        ck_assert(key_files_have(&keys, "docker.io/acme"));
        ck_assert(!key_files_have(&keys, "docker.io/acm"));
        ck_assert_int_eq(key_directory(NULL, "docker.io/acme", &directory), 0);
        ck_assert_str_eq(directory, tree_path("trust/prefix.d/docker.io/acme"));
}
END_TEST

/* What a link leads to may be on a mount that did not come up. */
START_TEST(a_link_that_leads_nowhere_is_not_taken_for_nothing)
{
        static const char *const links[] = {
                "trust/policy.json",
                "trust/vendor/policy.json",
                "trust/prefix.d",
                "trust/root.d",
                "trust/vendor/prefix.d",
                "trust/vendor/root.d",
                "trust/prefix.d/docker.io",
                ("trust/root.d/" KEY),
                "trust/vendor",
        };

        for (size_t i = 0; i < ELEMENTS(links); i++) {
                Fault fault = {};

                tree_remove();
                ck_assert_int_eq(mkdir(tree, 0700), 0);
                tree_directory("trust");
                ck_assert_int_eq(check(NAME), 0);
                tree_link(links[i], "/nonexistent/slipway");
                ck_assert_msg(trust_check(&store, &image, NAME, &fault) < 0 && fault_is_raised(&fault),
                                "%s counts as nothing", links[i]);
                ck_assert_msg(strstr(fault.text, tree_path(links[i])) != NULL, "%s", fault.text);
        }
}
END_TEST

START_TEST(a_directory_that_is_a_link_that_leads_nowhere_is_not_taken_for_nothing)
{
        Fault policy_fault = {}, keys_fault = {};
        autopolicytext PolicyText policy = {};
        autokeys KeyFiles keys = {};

        ck_assert_int_eq(rmdir(tree_path("trust")), 0);
        ck_assert_int_eq(check(NAME), 0);
        tree_link("trust", "/nonexistent/slipway");
        ck_assert_int_eq(policy_text_load(NULL, &policy, &policy_fault), -ENOLINK);
        ck_assert_ptr_nonnull(strstr(policy_fault.text, "trust' leads to is not there"));
        ck_assert_int_eq(key_files_load(NULL, &keys, &keys_fault), -ENOLINK);
        ck_assert_ptr_nonnull(strstr(keys_fault.text, "trust' leads to is not there"));
}
END_TEST

START_TEST(a_directory_below_another_one_may_not_lead_nowhere)
{
        autokeys KeyFiles keys = {};
        Fault fault = {};

        tree_file("trust/prefix.d/docker.io/" KEY, "key");
        tree_link("trust/vendor/prefix.d/docker.io", "/nonexistent/slipway");
        ck_assert_int_eq(key_files_load(NULL, &keys, &fault), -ENOLINK);
        ck_assert_ptr_nonnull(strstr(fault.text, tree_path("trust/vendor/prefix.d/docker.io")));
}
END_TEST

START_TEST(a_link_that_leads_somewhere_is_as_good_as_a_directory)
{
        tree_directory("elsewhere");
        ck_assert_int_eq(rmdir(tree_path("trust")), 0);
        tree_link("trust", "elsewhere");
        ck_assert_int_eq(check(NAME), 0);
        tree_file("elsewhere/root.d/" KEY, "key");
        ck_assert_int_eq(check(NAME), -EAGAIN);
}
END_TEST

START_TEST(only_a_mask_stands_for_no_directory)
{
        autokeys KeyFiles none = {}, keys = {};
        Fault fault = {}, vendor_fault = {};

        tree_file("trust/vendor/root.d/" KEY, "key");
        tree_link("trust/root.d", "/dev/null");
        ck_assert_int_eq(key_files_load(NULL, &none, &fault), 0);
        ck_assert_uint_eq(none.n, 0);
        ck_assert_int_eq(unlink(tree_path("trust/root.d")), 0);
        tree_file("trust/root.d", "");
        ck_assert_int_eq(key_files_load(NULL, &none, &fault), 0);
        ck_assert_uint_eq(none.n, 0);

        tree_file("trust/root.d", "a key that was meant to be in it");
        ck_assert_int_eq(key_files_load(NULL, &keys, &fault), -ENOTDIR);
        ck_assert_ptr_nonnull(strstr(fault.text, tree_path("trust/root.d")));
        ck_assert_int_eq(unlink(tree_path("trust/root.d")), 0);
        tree_file("trust/vendor/prefix.d", "x");
        ck_assert_int_eq(key_files_load(NULL, &keys, &vendor_fault), -ENOTDIR);
}
END_TEST

START_TEST(a_prefix_covers_whole_components)
{
        ck_assert(key_prefix_covers("docker.io/acme", "docker.io/acme/app"));
        ck_assert(key_prefix_covers("docker.io/acme", "docker.io/acme"));
        ck_assert(key_prefix_covers("", "docker.io/acme"));
        ck_assert(!key_prefix_covers("docker.io/acme", "docker.io/acmeapp"));
        ck_assert(key_prefix_is_valid("localhost:5000"));
        ck_assert(key_prefix_is_valid("docker.io"));
        ck_assert(!key_prefix_is_valid(""));
        ck_assert(!key_prefix_is_valid("acme"));
        ck_assert(!key_prefix_is_valid("index.docker.io/acme"));
        ck_assert(!key_prefix_is_valid("docker.io/acme/"));
        ck_assert(!key_prefix_is_valid("docker.io/acme/app:1"));
        ck_assert(!key_prefix_is_valid("docker://docker.io"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("trust-check");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, where_nothing_is_wanted_nothing_is_asked);
        tcase_add_test(tcase, a_policy_with_something_of_another_type_does_not_accept_all);
        tcase_add_test(tcase, a_verdict_holds_as_long_as_what_it_rests_on);
        tcase_add_test(tcase, everything_that_matters_is_in_the_digest);
        tcase_add_test(tcase, a_key_that_the_policy_names_is_in_the_digest);
        tcase_add_test(tcase, a_policy_that_is_no_json_lets_nothing_start);
        tcase_add_test(tcase, keys_have_a_file_each);
        tcase_add_test(tcase, a_link_that_leads_nowhere_is_not_taken_for_nothing);
        tcase_add_test(tcase, a_directory_that_is_a_link_that_leads_nowhere_is_not_taken_for_nothing);
        tcase_add_test(tcase, a_directory_below_another_one_may_not_lead_nowhere);
        tcase_add_test(tcase, a_link_that_leads_somewhere_is_as_good_as_a_directory);
        tcase_add_test(tcase, only_a_mask_stands_for_no_directory);
        tcase_add_test(tcase, a_prefix_covers_whole_components);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
