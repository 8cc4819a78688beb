/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <jansson.h>

#include "cli/trust-show.h"
#include "image/doc.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

#define KEY "29255fd395f177b61bcec6596abc03926e9a2506"

static void setup(void) {
        tree_make();
        tree_directory("trust");
        ck_assert_int_eq(setenv("SLIPWAY_TRUST_DIR", tree_path("trust"), 1), 0);
}

/* What is printed about an image, as a document. */
static json_t *show(const char *name) {
        const char *path = tree_path("output");
        json_t *document;
        Fault fault = {};

        ck_assert_ptr_nonnull(freopen(path, "we", stdout));
        ck_assert_msg(trust_show(name, true, &fault) == 0, "%s", fault.text);
        ck_assert_int_eq(fflush(stdout), 0);
        document = json_load_file(path, 0, NULL);
        ck_assert_ptr_nonnull(document);
        return document;
}

START_TEST(json_has_the_keys_that_the_text_has)
{
        autojson json_t *with = NULL, *without = NULL;
        const json_t *keys;

        tree_file("trust/prefix.d/docker.io/acme/" KEY, "key");
        with = show("docker.io/acme/app:1");
        keys = json_object_get(with, "keys");
        ck_assert_uint_eq(json_array_size(keys), 1);
        ck_assert_str_eq(json_string_value(json_array_get(keys, 0)),
                        tree_path("trust/prefix.d/docker.io/acme/" KEY));

        without = show("docker.io/other/app:1");
        ck_assert(json_is_array(json_object_get(without, "keys")));
        ck_assert_uint_eq(json_array_size(json_object_get(without, "keys")), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("trust-show");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, setup, tree_remove);
        tcase_add_test(tcase, json_has_the_keys_that_the_text_has);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
