/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/manifest.h"
#include "tests/suite.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BLOB(type) "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" HEX "\",\"size\":5"
#define IMAGE "\"config\":" BLOB(MEDIA_OCI_CONFIG) "},\"layers\":[" BLOB(MEDIA_OCI_LAYER "+gzip") "}]"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"

static int parse(const char *text, const char *media_type, Manifest *manifest, Fault *fault) {
        return manifest_parse(text, strlen(text), media_type, manifest, fault);
}

START_TEST(a_manifest_has_a_config_and_layers)
{
        automanifest Manifest manifest = {};
        Fault fault = {};

        ck_assert_msg(parse("{\"schemaVersion\":2,\"mediaType\":\"" DOCKER_MANIFEST "\"," IMAGE "}",
                                      DOCKER_MANIFEST, &manifest, &fault) == 0,
                        "%s", fault.text);
        ck_assert_int_eq(manifest.kind, MANIFEST_IMAGE);
        ck_assert_uint_eq(manifest.n_items, 1);
        ck_assert_str_eq(manifest.items[0].digest.hex, HEX);
        ck_assert_int_eq(manifest.items[0].size, 5);
        ck_assert(media_type_is_layer(manifest.items[0].media_type));
        ck_assert(media_type_is_config(manifest.config.media_type));
        ck_assert(!media_type_is_layer(manifest.config.media_type));
}
END_TEST

START_TEST(an_index_has_platforms_names_and_what_is_no_image)
{
        automanifest Manifest index = {};

        ck_assert_int_eq(
                        parse("{\"schemaVersion\":2,\"manifests\":[" BLOB(
                                              MEDIA_OCI_MANIFEST) ",\"platform\":{\"os\":\"linux\","
                                                                  "\"architecture\":\"arm\",\"variant\":"
                                                                  "\"v7\"},"
                                                                  "\"annotations\":{\"org.opencontainers."
                                                                  "image.ref.name\":\"x\"}}," BLOB(
                                                                                  MEDIA_OCI_MANIFEST) ",\"pl"
                                                                                                      "atfor"
                                                                                                      "m\":{"
                                                                                                      "\"os"
                                                                                                      "\":"
                                                                                                      "\"unk"
                                                                                                      "nown"
                                                                                                      "\","
                                                                                                      "\"arc"
                                                                                                      "hitec"
                                                                                                      "ture"
                                                                                                      "\":"
                                                                                                      "\"unk"
                                                                                                      "nown"
                                                                                                      "\"}}]"
                                                                                                      "}",
                                        NULL, &index, NULL),
                        0);
        ck_assert_int_eq(index.kind, MANIFEST_INDEX);
        ck_assert_str_eq(index.items[0].variant, "v7");
        ck_assert_str_eq(index.items[0].ref_name, "x");
        ck_assert(!index.items[0].is_attestation);
        ck_assert(index.items[1].is_attestation);
}
END_TEST

/* clang-format off */
static const struct {
        const char *text, *media_type;
        FaultKind kind;
        const char *why;
} bad[] = {
        { "{}", NULL, FAULT_SYNTAX, "it has no 'config'" },
        { "{" IMAGE ",\"manifests\":[]}", MEDIA_OCI_MANIFEST, FAULT_HOSTILE, "it is a manifest and must not have a field 'manifests'" },
        { "{\"manifests\":[],\"Layers\":[]}", NULL, FAULT_HOSTILE, "it is an index and must not have a field 'Layers'" },
        { "{" IMAGE "}", MEDIA_OCI_INDEX, FAULT_HOSTILE, "it is an index and must not have a field 'config'" },
        { "{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\"," IMAGE "}", DOCKER_MANIFEST, FAULT_HOSTILE, "it says that it is '" MEDIA_OCI_MANIFEST "', but it was announced as '" DOCKER_MANIFEST "'" },
        { "{\"mediaType\":\"text/html\"}", NULL, FAULT_UNSUPPORTED, "'text/html' is not the media type of an image" },
        { "{\"schemaVersion\":1}", NULL, FAULT_UNSUPPORTED, "it is a Docker image of schema 1, which went out of use in 2017; pull and push it with a newer docker" },
        { "{\"schemaVersion\":3}", NULL, FAULT_UNSUPPORTED, "its schema 3 is not known" },
        { "{\"schemaVersion\":\"2\"}", NULL, FAULT_SYNTAX, "'schemaVersion' is not a whole number" },
        { "{\"config\":{},\"layers\":[]}", NULL, FAULT_SYNTAX, "a descriptor has no digest or no size" },
        { "{\"config\":{\"digest\":\"sha256:" HEX "\",\"size\":-1}}", NULL, FAULT_SYNTAX, "a descriptor has no digest or no size" },
        { "{\"config\":" BLOB("x") "},\"layers\":[1]}", NULL, FAULT_SYNTAX, "a descriptor is not an object" },
        { "{\"config\":" BLOB("x") "},\"layers\":{}}", NULL, FAULT_SYNTAX, "'layers' is not an array" },
};
/* clang-format on */

START_TEST(what_is_ambiguous_or_wrong_is_refused)
{
        Manifest manifest = {};
        Fault fault = {};
        char text[600];

        ck_assert_int_lt(parse(bad[_i].text, bad[_i].media_type, &manifest, &fault), 0);
        (void) snprintf(text, sizeof(text), "cannot read the manifest: %s", bad[_i].why);
        ck_assert_str_eq(fault.text, text);
        ck_assert_int_eq(fault.kind, bad[_i].kind);
        ck_assert_ptr_null(manifest.items);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("image-manifest");
        TCase *tc = tcase_create("image-manifest");

        tcase_add_test(tc, a_manifest_has_a_config_and_layers);
        tcase_add_test(tc, an_index_has_platforms_names_and_what_is_no_image);
        tcase_add_loop_test(tc, what_is_ambiguous_or_wrong_is_refused, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
