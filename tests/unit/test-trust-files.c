/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is signed, and where signatures are. */

#include <errno.h>

#include "image/trust/base64.h"
#include "image/trust/payload.h"
#include "image/trust/registries-d.h"
#include "image/trust/trust.h"
#include "lib/strv.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define IMAGE "\"image\":{\"docker-manifest-digest\":\"sha256:" HEX "\"}"
#define IDENTITY "\"identity\":{\"docker-reference\":\"docker.io/acme/app:1\"}"
#define TYPE "\"type\":\"atomic container signature\""
#define CRITICAL "\"critical\":{" TYPE "," IMAGE "," IDENTITY "}"

static int parse(const char *text, const char *type, Fault *fault) {
        autopayload Payload payload = {};

        return payload_parse(text, strlen(text), type, &payload, fault);
}

static void accept(const char *text, const char *type) {
        Fault fault = {};

        ck_assert_msg(parse(text, type, &fault) == 0, "%s: %s", text, fault.text);
}

static void refuse(const char *text, const char *type) {
        Fault fault = {};

        ck_assert_msg(parse(text, type, &fault) == -EINVAL, "%s is accepted", text);
        ck_assert(fault_is_raised(&fault));
}

START_TEST(a_payload_has_what_it_has_to_have)
{
        accept("{" CRITICAL ",\"optional\":{}}", PAYLOAD_ATOMIC);
        accept("{" CRITICAL ",\"optional\":{\"creator\":\"x\",\"timestamp\":1,\"more\":[]}}",
                        PAYLOAD_ATOMIC);
        accept("{" CRITICAL ",\"optional\":{\"timestamp\":1.458239713e9}}", PAYLOAD_ATOMIC);
        accept("{\"critical\":{\"type\":\"cosign container image signature\"," IMAGE "," IDENTITY
               "},\"optional\":null}",
                        PAYLOAD_COSIGN);
}
END_TEST

START_TEST(a_payload_has_nothing_else)
{
        refuse("{" CRITICAL "}", PAYLOAD_ATOMIC);
        refuse("{" CRITICAL ",\"optional\":null}", PAYLOAD_ATOMIC);
        refuse("{" CRITICAL ",\"optional\":{}}", PAYLOAD_COSIGN);
        refuse("{" CRITICAL ",\"optional\":{},\"more\":1}", PAYLOAD_ATOMIC);
        refuse("{" CRITICAL "," CRITICAL ",\"optional\":{}}", PAYLOAD_ATOMIC);
        refuse("{\"critical\":{" TYPE "," IMAGE "," IDENTITY ",\"x\":1},\"optional\":{}}", PAYLOAD_ATOMIC);
        refuse("{\"critical\":{" TYPE "," IMAGE "},\"optional\":{}}", PAYLOAD_ATOMIC);
        refuse("{\"critical\":{" TYPE "," IMAGE ",\"identity\":{}},\"optional\":{}}", PAYLOAD_ATOMIC);
        refuse("{\"critical\":{" TYPE "," IMAGE ",\"identity\":{\"docker-reference\":1}},\"optional\":{}}",
                        PAYLOAD_ATOMIC);
        refuse("{\"critical\":{" TYPE ",\"image\":{\"docker-manifest-digest\":\"sha256:00\"}," IDENTITY
               "},\"optional\":{}}",
                        PAYLOAD_ATOMIC);
        refuse("{" CRITICAL ",\"optional\":{\"timestamp\":1.5}}", PAYLOAD_ATOMIC);
        refuse("{" CRITICAL ",\"optional\":{\"creator\":1}}", PAYLOAD_ATOMIC);
        refuse("{" CRITICAL ",\"optional\":{}}x", PAYLOAD_ATOMIC);
        refuse("", PAYLOAD_ATOMIC);
}
END_TEST

START_TEST(base64_has_one_form)
{
        static const char *const wrong[] = { "YQ", "YQ=", "YR==", "YWJ=", "Y Q==", "YQ==\n",
                "====", "YQ==YQ==", "_w==" };
        autofree char *text = NULL, *data = NULL;
        size_t size;

        ck_assert_int_eq(base64_encode("a\0b", 3, &text), 0);
        ck_assert_str_eq(text, "YQBi");
        ck_assert_int_eq(base64_decode(text, &data, &size), 0);
        ck_assert_uint_eq(size, 3);
        ck_assert_mem_eq(data, "a\0b", 4);
        for (size_t i = 0; i < ELEMENTS(wrong); i++)
                ck_assert_msg(base64_decode(wrong[i], &data, &size) == -EINVAL, "%s", wrong[i]);
}
END_TEST

/* --- registries.d --- */

static void find(const char *name, const char *lookaside, int attachments) {
        autoregistries RegistriesD registries = {};
        autofree char *is = NULL;
        Fault fault = {};
        int n;

        ck_assert_msg(registries_d_load(tree, &registries, &fault) == 0, "%s", fault.text);
        ck_assert_int_eq(registries_d_find(&registries, name, &is, &n), 0);
        ck_assert_str_eq(is, lookaside);
        ck_assert_int_eq(n, attachments);
}

START_TEST(the_most_specific_scope_that_says_something_decides)
{
        find("docker.io/acme/app:1", LOOKASIDE_DEFAULT, -1);
        tree_file("default.yaml",
                        "default-docker:\n  sigstore: file:///old\n  use-sigstore-attachments: no\n");
        tree_file("other.conf", "nothing: [");
        tree_file("acme.yaml",
                        "docker:\n  docker.io/acme:\n    lookaside: https://s.example.com/x\n"
                        "    lookaside-staging: file:///staging\n"
                        "  docker.io/acme/app:\n    use-sigstore-attachments: true\n"
                        "  '*.example.com':\n    lookaside: https://new\n    sigstore: https://old\n");
        find("docker.io/acme/app:1", "https://s.example.com/x", 1);
        find("docker.io/acme/other:1", "https://s.example.com/x", 0);
        find("quay.io/x:1", "file:///old", 0);
        find("a.example.com:5000/x:1", "https://new", 0);
}
END_TEST

START_TEST(a_scope_stands_in_one_file)
{
        autoregistries RegistriesD registries = {};
        Fault fault = {};

        tree_file("a.yaml", "docker:\n  a.b:\n    lookaside: file:///a\n");
        tree_file("b.yaml", "docker:\n  a.b:\n    lookaside: file:///b\n");
        ck_assert_int_eq(registries_d_load(tree, &registries, &fault), -EEXIST);
        ck_assert_ptr_nonnull(strstr(fault.text, "b.yaml': 'a.b' is in another file"));
}
END_TEST

START_TEST(what_is_no_registries_d_is_refused)
{
        static const char *const wrong[] = {
                "a: [",
                "- a",
                "docker: text\n",
                "docker:\n  a.b: [1]\n",
                "docker:\n  a.b:\n    lookaside: [x]\n",
                "docker:\n  a.b:\n    use-sigstore-attachments: perhaps\n",
                "default-docker: &a\n  lookaside: *a\n",
                "docker:\n  a.b:\n    lookaside: x\n  a.b:\n    lookaside: y\n",
                "default-docker: {}\ndefault-docker: {}\n",
        };
        static const char *const empty[] = { "", "# remark\n", "docker:\n", "docker: {}\n", "other: 1\n",
                "---\n" };

        for (size_t i = 0; i < ELEMENTS(wrong) + ELEMENTS(empty); i++) {
                const char *text = i < ELEMENTS(wrong) ? wrong[i] : empty[i - ELEMENTS(wrong)];
                autoregistries RegistriesD registries = {};
                Fault fault = {};
                int r = registries_d_parse(text, strlen(text), &registries, &fault);

                ck_assert_msg(i < ELEMENTS(wrong) ? r < 0 : r == 0, "%s: %d %s", text, r, fault.text);
                ck_assert(fault_is_raised(&fault) == (r < 0));
        }
}
END_TEST

START_TEST(only_what_is_behind_a_url_is_for_the_fetcher)
{
        autostrv char **list = NULL;
        Fault fault = {};

        ck_assert_int_eq(setenv("SLIPWAY_REGISTRIES_D", tree, 1), 0);
        ck_assert_int_eq(trust_lookasides("a.b/c:1", &list, &fault), 0);
        ck_assert_uint_eq(strv_length(list), 0);
        tree_file("a.yaml", "docker:\n  a.b:\n    lookaside: http://s.example.com/x\n");
        ck_assert_int_eq(trust_lookasides("a.b/c:1", &list, &fault), 0);
        ck_assert_uint_eq(strv_length(list), 1);
        ck_assert_str_eq(list[0], "http://s.example.com/x");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("trust-files");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, tree_make, tree_remove);
        tcase_add_test(tcase, a_payload_has_what_it_has_to_have);
        tcase_add_test(tcase, a_payload_has_nothing_else);
        tcase_add_test(tcase, base64_has_one_form);
        tcase_add_test(tcase, the_most_specific_scope_that_says_something_decides);
        tcase_add_test(tcase, a_scope_stands_in_one_file);
        tcase_add_test(tcase, what_is_no_registries_d_is_refused);
        tcase_add_test(tcase, only_what_is_behind_a_url_is_for_the_fetcher);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
