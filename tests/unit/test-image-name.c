/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/image-name.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { image_name_parse, "nginx", "nginx", NULL },
        { image_name_parse, "nginx:1.27", "nginx:1.27", NULL },
        { image_name_parse, "library/nginx", "library/nginx", NULL },
        { image_name_parse, "localhost/a", "localhost/a", NULL },
        { image_name_parse, "localhost:5000/a/b:c", "localhost:5000/a/b:c", NULL },
        { image_name_parse, "docker.io/library/nginx:1.27-alpine", "docker.io/library/nginx:1.27-alpine",
                        NULL },
        { image_name_parse, "a.b/c__d/e--f:_x", "a.b/c__d/e--f:_x", NULL },
        { image_name_parse, "nginx@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "nginx@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        NULL },
        { image_name_parse,
                        "nginx:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "nginx:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        NULL },
        { image_name_parse, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
        { image_name_parse, "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
        { image_name_parse, "$IMG", "$IMG", NULL },
        { image_name_parse, "r.io/%p:${T}", "r.io/%p:${T}", NULL },
        { image_name_parse, "[::1]:5000/a", "[::1]:5000/a", NULL },
        { image_name_parse, "docker://a/b", "a/b", NULL },
        { image_name_parse, "oci:/x:y", "oci:/x:y",
                        "an image that is not in the store; name it in Image= of a .image file, or "
                        "'slipway import' puts it there" },
        { image_name_parse, "a.image", "a.image", NULL },
        { image_name_parse, "a.build", "a.build", NULL },
        { image_name_parse_tag, "docker://a/b:1", "a/b:1", NULL },
        { image_name_parse_source, "docker://a/b:1", "a/b:1", NULL },
        { image_name_parse_source, "docker-archive:/x.tar:a", "docker-archive:/x.tar:a", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { image_name_parse_tag, "oci:/A",
                        "'oci:/A' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower "
                        "case",
                        NULL },
        { image_name_parse_source, "ostree:a@/b",
                        "not supported, 'ostree' needs another program; 'skopeo copy' makes an oci-archive: "
                        "of it",
                        NULL },
        { image_name_parse_source, "A",
                        "'A' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "",
                        "'' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "A",
                        "'A' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "a//b",
                        "'a//b' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "/a",
                        "'/a' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "a/",
                        "'a/' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "a b",
                        "'a b' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "-a",
                        "'-a' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "a..b",
                        "'a..b' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "r.io/A",
                        "'r.io/A' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower "
                        "case",
                        NULL },
        { image_name_parse, "a?b",
                        "'a?b' is not the name of an image: [REGISTRY/]NAME[:TAG][@DIGEST], in lower case",
                        NULL },
        { image_name_parse, "a:", "'' is not a tag: letters, digits, '_', '.' and '-', at most 128", NULL },
        { image_name_parse, "a@sha512:00",
                        "'sha512:00' is not a digest: sha256: and 64 hexadecimal digits in lower case",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("image-name");
        TCase *tc = tcase_create("image-name");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
