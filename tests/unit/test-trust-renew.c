/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdarg.h>

#include "image/trust/check.h"
#include "tests/suite.h"
#include "tests/unit/trust-tree.h"

/* Of the image; what was signed has DIGEST. */
#define IMAGE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ORIGIN "store/origins/docker.io%2Facme%2Fapp:1/" IMAGE

static Store store;
static Digest image;

static void setup(void) {
        tree_make();
        tree_directory("trust");
        tree_directory("store");
        tree_directory("store/images");
        tree_directory("store/images/" IMAGE);
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

/* As if it had been pulled when nothing was wanted, or with the signature of a fixture. */
static void pulled(const char *fixture) {
        Origin origin = { .name = (char *) NAME, .transport = (char *) "docker", .image = image };
        AUTO(signature_list_done) SignatureList signatures = {};
        autoverdict TrustVerdict verdict = { .rule = strdup("was") };
        autofd int fd = -1;

        memset(verdict.policy, '0', 64);
        tree_file(ORIGIN "/x", "");
        fd = open(tree_path(ORIGIN), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(digest_from_hex(DIGEST, &origin.top), 0);
        ck_assert_int_eq(origin_write(fd, &origin), 0);
        if (fixture) {
                signatures.items = calloc(1, sizeof(Signature));
                signatures.n = 1;
                read_fixture(fixture, &signatures.items[0].data, &signatures.items[0].size);
        }
        ck_assert_int_eq(trust_record(fd, &signatures, &verdict, NULL), 0);
}

static int renew(const char *name, Fault *fault) {
        autoverdict TrustVerdict verdict = {};
        autotrust TrustPolicy *policy = NULL;
        int r = trust_load(NULL, &policy, fault);

        return r < 0 ? r : trust_renew(policy, &store, &image, name, &verdict, fault);
}

static void starts(const char *name) {
        Fault fault = {};

        ck_assert_int_eq(trust_check(&store, &image, name, &fault), -EAGAIN);
        ck_assert_msg(renew(name, &fault) == 0, "%s", fault.text);
        ck_assert_int_eq(trust_check(&store, &image, name, &fault), 0);
}

static void does_not_start(const char *name, const char *why) {
        Fault fault = {};
        int r;

        ck_assert_int_eq(trust_check(&store, &image, name, &fault), -EAGAIN);
        r = renew(name, &fault);
        ck_assert_msg(r == -EKEYREJECTED, "%d %s", r, fault.text);
        ck_assert_msg(strstr(fault.text, why) != NULL, "'%s' is not in: %s", why, fault.text);
        ck_assert_int_eq(trust_check(&store, &image, name, &(Fault){}), -EAGAIN);
}

START_TEST(what_was_signed_when_it_was_pulled_still_is)
{
        pulled("good.sig");
        install_key("signer.asc", "trust/prefix.d/docker.io/acme", SIGNER);
        starts(NAME);
        install_key("other.asc", "trust/prefix.d/docker.io/acme", OTHER);
        starts(NAME);
        ck_assert_int_eq(unlink(tree_path("trust/prefix.d/docker.io/acme/" SIGNER)), 0);
        does_not_start(NAME, "it is by another key");
        does_not_start(NULL, "it is by another key");
}
END_TEST

START_TEST(what_was_not_signed_then_has_to_be_pulled_again)
{
        pulled(NULL);
        install_key("signer.asc", "trust/prefix.d/docker.io/acme", SIGNER);
        does_not_start(NAME, "pull it again if it has been signed since");
        tree_file("trust/policy.json", "{\"default\":[{\"type\":\"reject\"}]}");
        does_not_start("docker.io/other/name:1", "rejects it");
}
END_TEST

START_TEST(any_name_will_do_for_who_starts_by_id)
{
        pulled("good.sig");
        tree_link("store/names/docker.io%2Facme%2Fwrong:1", "../images/" IMAGE);
        install_key("signer.asc", "trust/prefix.d/docker.io/acme", SIGNER);
        starts(NULL);
        does_not_start("docker.io/acme/wrong:1", "\"unknown\"");
}
END_TEST

START_TEST(an_image_that_came_before_gets_an_origin)
{
        autoorigin Origin origin = {};

        install_key("signer.asc", "trust/prefix.d/docker.io/acme", SIGNER);
        starts("docker.io/library/nginx:1");
        ck_assert_int_eq(origin_read(&store, "docker.io/library/nginx:1", &image, &origin, NULL), 0);
        ck_assert_str_eq(origin.transport, "unknown");
}
END_TEST

START_TEST(an_image_without_a_name_is_decided_by_what_holds_for_all)
{
        install_key("signer.asc", "trust/prefix.d/docker.io/acme", SIGNER);
        starts(NULL);
        install_key("signer.asc", "trust/root.d", SIGNER);
        does_not_start(NULL, "the image is not trusted");
}
END_TEST

START_TEST(an_import_gets_no_name_that_has_to_be_signed)
{
        char *names[] = { (char *) "docker.io/library/x:1", (char *) NAME, NULL };
        AUTO(trust_verdicts_done) TrustVerdicts verdicts = {};
        Fault fault = {};

        install_key("signer.asc", "trust/prefix.d/docker.io/acme", SIGNER);
        ck_assert_int_eq(trust_import_decide(&verdicts, "dir", names, &(Digest){}, &fault), -EKEYREJECTED);
        ck_assert_ptr_nonnull(strstr(fault.text, NAME));
        names[1] = NULL;
        ck_assert_int_eq(trust_import_decide(&verdicts, "dir", names, &(Digest){}, NULL), 0);
        ck_assert_uint_eq(verdicts.n, 1);
        ck_assert_int_eq(trust_import_record(&verdicts, 0, store.fd, NULL), 0);
        ck_assert_ptr_nonnull(strstr(tree_read("store/verdict.json"), "(default)"));
}
END_TEST

/* As if it had been pulled as an index that is not signed itself, when the manifest's signature was good. */
static int pulled_by_manifest(Origin *origin) {
        TrustVerdict verdict = {};
        int fd;

        pulled("good.sig");
        fd = open(tree_path(ORIGIN), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(digest_from_hex(DIGEST, &verdict.digest), 0);
        memset(verdict.policy, '0', 64);
        ck_assert_int_eq(trust_record(fd, NULL, &verdict, NULL), 0);
        ck_assert_int_eq(digest_from_hex(IMAGE, &origin->top), 0);
        return fd;
}

START_TEST(a_signature_of_the_manifest_will_do_for_another_name)
{
        Origin origin = { .name = (char *) "docker.io/acme/app:2", .transport = (char *) "docker" };
        autofd int from_fd = pulled_by_manifest(&origin), to_fd = -1;
        autofree char *text = NULL;
        Fault fault = {};

        tree_directory("to");
        to_fd = open(tree_path("to"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        install_key("signer.asc", "trust", "signer.asc");
        ck_assert_int_gt(asprintf(&text,
                                         "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\","
                                         "\"keyPath\":\"%s\",\"signedIdentity\":{\"type\":"
                                         "\"matchRepository\"}}]}",
                                         tree_path("trust/signer.asc")),
                        0);
        tree_file("trust/policy.json", text);
        ck_assert_msg(trust_tag_record(NULL, &origin, from_fd, to_fd, &fault) == 0, "%s", fault.text);
        ck_assert_ptr_nonnull(strstr(tree_read("to/verdict.json"), DIGEST));

        origin.name = (char *) "docker.io/other/app:2";
        ck_assert_int_eq(trust_tag_record(NULL, &origin, from_fd, to_fd, &fault), -EKEYREJECTED);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("trust-renew");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, what_was_signed_when_it_was_pulled_still_is);
        tcase_add_test(tcase, what_was_not_signed_then_has_to_be_pulled_again);
        tcase_add_test(tcase, any_name_will_do_for_who_starts_by_id);
        tcase_add_test(tcase, an_image_that_came_before_gets_an_origin);
        tcase_add_test(tcase, an_image_without_a_name_is_decided_by_what_holds_for_all);
        tcase_add_test(tcase, an_import_gets_no_name_that_has_to_be_signed);
        tcase_add_test(tcase, a_signature_of_the_manifest_will_do_for_another_name);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
