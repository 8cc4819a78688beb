/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/build-bases.h"
#include "cli/build.h"
#include "generator/values/build.h"
#include "lib/cleanup.h"
#include "lib/strv.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { build_parse_context, "unit", "unit", NULL },
        { build_parse_context, "/srv", "/srv", NULL },
        { build_parse_context, "../a", "/etc/a", NULL },
        { build_parse_context, "https://example.com/a.git#main", "https://example.com/a.git#main", NULL },
        { build_parse_context, "https://", "/etc/slip%%way/https:", NULL },
        { build_parse_network, "ns:/run/netns/a", "ns:/run/netns/a", NULL },
        { build_parse_network, "host", "host", NULL },
        { build_parse_pull, "newer", "newer", NULL },
        { build_parse_pull, "yes", "true", NULL },
        { build_parse_pull, "0", "false", NULL },
        { build_parse_secret, "id=a,src=/b", "id=a,src=/b", NULL },
        { build_parse_secret, "type=env,id=a,env=B", "type=env,id=a,env=B", NULL },
        { build_parse_volume, "/a:/b:ro", "/a:/b:ro", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { build_parse_network, "ns:a",
                        "not supported, a build is in no network of containers, so 'ns:a' cannot be had: "
                        "there are host, none and ns:PATH",
                        NULL },
        { build_parse_pull, "maybe",
                        "'maybe' is not when to fetch an image: always, missing, never, newer, or a boolean",
                        NULL },
        { build_parse_secret, "id=,src=/b",
                        "'id=,src=/b' is not a secret of a build: id=NAME,src=PATH or id=NAME,env=NAME",
                        NULL },
        { build_parse_volume, "data:/b",
                        "not supported, a build has no volumes of containers, so 'data:/b' cannot be had: "
                        "name a directory of the host, as /srv/data",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

/* clang-format off */
static const struct {
        const char *text, *option, *expected;
} bases[] = {
        { "FROM debian\nRUN true\n", NULL, "" },
        { "FROM localhost/base:1 AS x\nCOPY --from=localhost/tools /a /b\n", NULL, "localhost/base:1 localhost/tools" },
        { "FROM localhost/a\nFROM localhost/a\n", NULL, "localhost/a" },
        { "RUN --mount=type=bind,from=localhost/in,target=/m true", NULL, "localhost/in" },
        { "ARG base=localhost/base:1\nFROM $base\n", NULL, "localhost/base:1" },
        { "ARG base=localhost/base:1\nFROM ${base}\n", "--build-arg=base=localhost/other", "localhost/base:1 localhost/other" },
        { "arg a=\"x\" V='2'\nFROM localhost/base:${V}\n", NULL, "localhost/base:2" },
        { "ARG V\nFROM localhost/base:$V\n", "--build-arg=V=3", "localhost/base:3" },
        { "FROM localhost/base:${V:-4}\n", NULL, "localhost/base:4" },
        { "FROM ${BASE:-localhost/base}\n", NULL, "localhost/base" },
        { "FROM localhost/base:${V:-4}\n", "--build-arg=V=5", "localhost/base:5" },
        { "FROM localhost:5000/base ${ $ ${V", NULL, "" },
        { "FROM \\\n  localhost/far\r\n", NULL, "localhost/far" },
        { "", NULL, "" },
};
/* clang-format on */

START_TEST(what_may_be_an_image_of_this_machine_is_found)
{
        char *const options[] = { (char *) bases[_i].option, NULL };
        autostrv char **names = NULL;
        autofree char *joined = NULL;

        ck_assert_int_eq(build_bases_find(bases[_i].text, options, &names), 0);
        joined = names ? strv_join(names, " ") : strdup("");
        ck_assert_str_eq(joined, bases[_i].expected);
}
END_TEST

START_TEST(a_command_line_is_read_in_any_order)
{
        char *words[] = { (char *) "--context=/srv", (char *) "a:1", (char *) "b:2", (char *) "--",
                (char *) "--file=/c", (char *) "--", NULL };
        BuildRequest request;

        ck_assert_int_eq(build_request_read(words, &request, NULL), 0);
        ck_assert_uint_eq(strv_length(request.names), 2);
        ck_assert_str_eq(request.names[0], "a:1");
        ck_assert_str_eq(request.names[1], "b:2");
        ck_assert_str_eq(request.context, "/srv");
        ck_assert_str_eq(request.options[0], "--file=/c");
        ck_assert_str_eq(request.options[1], "--");
}
END_TEST

static const struct {
        const char *words[4], *text;
} refused[] = {
        { { NULL }, "a name for the image is missing" },
        { { "--context=/srv" }, "a name for the image is missing" },
        { { "a" }, "--context= is missing" },
        { { "a", "--context=" }, "--context= is missing" },
        { { "a", "--", "--context=/srv" }, "--context= is missing" },
        { { "a", "--context=/srv", "--file=/x" },
                        "there is no option '--file=/x': those for buildah come after \"--\"" },
};

START_TEST(a_wrong_command_line_is_told_so)
{
        char *words[5] = {};
        BuildRequest request;
        Fault fault = {};

        for (size_t i = 0; i < 4 && refused[_i].words[i]; i++)
                words[i] = (char *) refused[_i].words[i];
        ck_assert_int_eq(build_request_read(words, &request, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, refused[_i].text);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("build");
        TCase *tc = tcase_create("build");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        tcase_add_loop_test(tc, what_may_be_an_image_of_this_machine_is_found, 0, ELEMENTS(bases));
        tcase_add_test(tc, a_command_line_is_read_in_any_order);
        tcase_add_loop_test(tc, a_wrong_command_line_is_told_so, 0, ELEMENTS(refused));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
