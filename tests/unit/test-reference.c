/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/reference.h"
#include "tests/suite.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* clang-format off */
static const struct {
        const char *text, *name;
} good[] = {
        { "nginx", "docker.io/library/nginx:latest" },
        { "nginx:1.27", "docker.io/library/nginx:1.27" },
        { "docker://nginx:1.27", "docker.io/library/nginx:1.27" },
        { "docker.io/nginx", "docker.io/library/nginx:latest" },
        { "index.docker.io/library/nginx", "docker.io/library/nginx:latest" },
        { "grafana/grafana", "docker.io/grafana/grafana:latest" },
        { "quay.io/a/b/c:v1", "quay.io/a/b/c:v1" },
        { "localhost/web", "localhost/web:latest" },
        { "localhost:5000/web", "localhost:5000/web:latest" },
        { "registry:5000/web:tag", "registry:5000/web:tag" },
        { "[::1]:5000/web", "[::1]:5000/web:latest" },
        { "Registry/web", "Registry/web:latest" },
        { "a_b/c__d--e.f", "docker.io/a_b/c__d--e.f:latest" },
        { "nginx@sha256:" HEX, "docker.io/library/nginx@sha256:" HEX },
        { "nginx:1.27@sha256:" HEX, "docker.io/library/nginx@sha256:" HEX },
        { "web:_x.Y-z", "docker.io/library/web:_x.Y-z" },
};

static const struct {
        const char *text, *why;
} bad[] = {
        { "", "'' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "Nginx", "'Nginx' is not an image name: it must be in lower case" },
        { "../etc/passwd", "'../etc/passwd' is not an image name: '..' is not a host" },
        { "a/../b", "'a/../b' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "/a", "'/a' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a//b", "'a//b' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a/", "'a/' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a-", "'a-' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a___b", "'a___b' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a b", "'a b' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a%2fb", "'a%2fb' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "a\nb", "'a?b' is not an image name, which is [HOST/]PATH[:TAG][@DIGEST]" },
        { "host.:80/a", "'host.:80/a' is not an image name: 'host.:80' is not a host" },
        { "-h.x/a", "'-h.x/a' is not an image name: '-h.x' is not a host" },
        { "h:port/a", "'h:port/a' is not an image name: 'h:port' is not a host" },
        { "a:", "'' is not a tag" },
        { "a:-x", "'-x' is not a tag" },
        { "a:x/y", "'a:x/y' is not an image name: 'a:x' is not a host" },
        { "a:../../x", "'a:../../x' is not an image name: 'a:..' is not a host" },
        { HEX, "'" HEX "' is an image id, not a name" },
        { "a@sha256:abc", "'sha256:abc' is not a digest, which is 'sha256:' and 64 lower-case hexadecimal digits" },
        { "a@sha256:../../../x", "'sha256:../../../x' is not a digest, which is 'sha256:' and 64 lower-case hexadecimal digits" },
        { "a@sha512:abc", "digest 'sha512:abc' is not supported, only sha256 is" },
};
/* clang-format on */

START_TEST(a_name_is_read_as_docker_reads_it)
{
        autofree char *name = NULL;

        ck_assert_int_eq(reference_normalise(good[_i].text, &name, NULL), 0);
        ck_assert_str_eq(name, good[_i].name);
}
END_TEST

START_TEST(normalising_twice_changes_nothing)
{
        autofree char *again = NULL;

        ck_assert_int_eq(reference_normalise(good[_i].name, &again, NULL), 0);
        ck_assert_str_eq(again, good[_i].name);
}
END_TEST

START_TEST(what_is_no_name_is_refused_with_a_reason)
{
        autofree char *name = NULL;
        Fault fault = {};

        ck_assert_int_lt(reference_normalise(bad[_i].text, &name, &fault), 0);
        ck_assert_str_eq(fault.text, bad[_i].why);
        ck_assert_ptr_null(name);
}
END_TEST

START_TEST(a_name_survives_the_way_through_a_file_name)
{
        autofree char *file = NULL, *name = NULL;

        ck_assert_int_eq(reference_escape(good[_i].name, &file), 0);
        ck_assert_ptr_null(strchr(file, '/'));
        ck_assert_int_eq(reference_unescape(file, &name), 0);
        ck_assert_str_eq(name, good[_i].name);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
        autofree char *name = NULL;
        char text[600];
        Fault fault = {};

        memset(text, 'a', 300);
        text[300] = '\0';
        ck_assert_int_eq(reference_normalise(text, &name, &fault), -ENAMETOOLONG);
        ck_assert_ptr_nonnull(strstr(fault.text, "longer than 255 characters"));

        fault = (Fault){};
        memset(text, 'a', 200);
        memcpy(text + 200, ":", 1);
        memset(text + 201, 'b', 100);
        text[301] = '\0';
        ck_assert_int_eq(reference_normalise(text, &name, &fault), -ENAMETOOLONG);
        ck_assert_ptr_nonnull(strstr(fault.text, "too long for the store"));
}
END_TEST

START_TEST(a_file_name_that_we_did_not_make_is_no_name)
{
        autofree char *name = NULL;

        ck_assert_int_eq(reference_unescape("a%2", &name), -EINVAL);
        ck_assert_int_eq(reference_unescape("a%00b", &name), -EINVAL);
        ck_assert_ptr_null(name);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("reference");
        TCase *tc = tcase_create("reference");

        tcase_add_loop_test(tc, a_name_is_read_as_docker_reads_it, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, normalising_twice_changes_nothing, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, what_is_no_name_is_refused_with_a_reason, 0, ELEMENTS(bad));
        tcase_add_loop_test(tc, a_name_survives_the_way_through_a_file_name, 0, ELEMENTS(good));
        tcase_add_test(tc, a_name_that_is_too_long_is_refused);
        tcase_add_test(tc, a_file_name_that_we_did_not_make_is_no_name);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
