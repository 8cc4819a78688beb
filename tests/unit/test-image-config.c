/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/config.h"
#include "lib/strv.h"
#include "tests/suite.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX "\"]}"

static int parse(const char *text, ImageConfig *config, Fault *fault) {
        return image_config_parse(text, strlen(text), config, fault);
}

START_TEST(all_that_a_launcher_needs_is_read)
{
        static const char text[] =
                        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{"
                        "\"Entrypoint\":[\"/app\",\"-x\"],\"Cmd\":[\"serve\"],\"Env\":[\"A=1\",\"B\"],"
                        "\"User\":\"redis:redis\",\"WorkingDir\":\"/data\",\"StopSignal\":\"SIGQUIT\","
                        "\"Volumes\":{\"/data\":{}},\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}},"
                        "\"Labels\":{\"a\":\"b\"},\"Shell\":[\"/bin/ash\",\"-c\"],\"Unknown\":7,"
                        "\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":30000000000,"
                        "\"Timeout\":1500000000,\"StartPeriod\":1000,\"StartInterval\":999,\"Retries\":3}}"
                        "," ROOTFS "}";
        AUTO(image_config_done) ImageConfig config = {};
        Fault fault = {};

        ck_assert_msg(parse(text, &config, &fault) == 0, "%s", fault.text);
        ck_assert_str_eq(config.os, "linux");
        ck_assert_str_eq(config.entrypoint[1], "-x");
        ck_assert_str_eq(config.cmd[0], "serve");
        ck_assert_str_eq(config.env[1], "B=");
        ck_assert_str_eq(config.user, "redis:redis");
        ck_assert_str_eq(config.workdir, "/data");
        ck_assert_str_eq(config.stop_signal, "SIGQUIT");
        ck_assert_str_eq(config.volumes[0], "/data");
        ck_assert_uint_eq(strv_length(config.exposed_ports), 2);
        ck_assert_str_eq(config.labels[0], "a=b");
        ck_assert_str_eq(config.shell[1], "-c");
        ck_assert_str_eq(config.health.test[0], "CMD");
        ck_assert_str_eq(config.health.test[1], "true");
        ck_assert_uint_eq(config.health.interval, 30000000);
        ck_assert_uint_eq(config.health.timeout, 1500000);
        ck_assert_uint_eq(config.health.start_period, 1);
        ck_assert_uint_eq(config.health.start_interval, 0);
        ck_assert_uint_eq(config.health.retries, 3);
        ck_assert_uint_eq(config.n_diff_ids, 1);
        ck_assert_str_eq(config.diff_ids[0].hex, HEX);
}
END_TEST

START_TEST(null_is_the_same_as_absent)
{
        AUTO(image_config_done) ImageConfig config = {};

        ck_assert_int_eq(parse("{\"config\":{\"Cmd\":null,\"Volumes\":null,\"User\":null}," ROOTFS "}",
                                         &config, NULL),
                        0);
        ck_assert_ptr_null(config.cmd);
        ck_assert_ptr_null(config.volumes);
        ck_assert_ptr_null(config.user);

        image_config_done(&config);
        ck_assert_int_eq(parse("{\"config\":null," ROOTFS "}", &config, NULL), 0);
        ck_assert_ptr_null(config.env);
}
END_TEST

START_TEST(an_empty_health_check_is_none)
{
        AUTO(image_config_done) ImageConfig config = {};

        ck_assert_int_eq(parse("{\"config\":{\"Healthcheck\":{\"Test\":[],\"Retries\":null}}," ROOTFS "}",
                                         &config, NULL),
                        0);
        ck_assert_ptr_null(config.health.test);
}
END_TEST

START_TEST(a_single_word_is_a_command_as_old_builders_wrote_it)
{
        AUTO(image_config_done) ImageConfig config = {};

        ck_assert_int_eq(parse("{\"config\":{\"Cmd\":\"/app\"}," ROOTFS "}", &config, NULL), 0);
        ck_assert_str_eq(config.cmd[0], "/app");
        ck_assert_ptr_null(config.cmd[1]);
}
END_TEST

/* clang-format off */
static const struct {
        const char *text, *why;
} bad[] = {
        { "", "config is not valid JSON: line 1: '[' or '{' expected near end of file" },
        { "[]", "config is not a JSON object" },
        { "{}", "cannot read the image's config: there is no 'rootfs', so this is no image" },
        { "{" ROOTFS "}x", "config is not valid JSON: line 1: end of file expected near 'x'" },
        { "{\"os\":1," ROOTFS "}", "cannot read the image's config: 'os' is not a string" },
        { "{\"config\":[]," ROOTFS "}", "cannot read the image's config: 'config' is not an object" },
        { "{\"config\":{\"Env\":{}}," ROOTFS "}", "cannot read the image's config: 'Env' is not a list of strings" },
        { "{\"config\":{\"Env\":[1]}," ROOTFS "}", "cannot read the image's config: 'Env' is not a list of strings" },
        { "{\"config\":{\"Env\":[\"=x\"]}," ROOTFS "}", "cannot read the image's config: 'Env' has a variable without a name: '=x'" },
        { "{\"config\":{\"Labels\":{\"a\":1}}," ROOTFS "}", "cannot read the image's config: 'Labels' is not an object of strings" },
        { "{\"config\":{\"Volumes\":{\"data\":{}}}," ROOTFS "}", "cannot read the image's config: 'Volumes' has 'data', which is relative" },
        { "{\"config\":{\"WorkingDir\":\"x\"}," ROOTFS "}", "cannot read the image's config: 'WorkingDir' is 'x', which is relative" },
        { "{\"config\":{\"User\":\"2147483648\"}," ROOTFS "}", "cannot read the image's config: 'User' is '2147483648', an id larger than 2147483647" },
        { "{\"config\":{\"User\":\"0:4294967296\"}," ROOTFS "}", "cannot read the image's config: 'User' is '0:4294967296', an id larger than 2147483647" },
        { "{\"config\":{\"User\":\"99999999999999999999\"}," ROOTFS "}", "cannot read the image's config: 'User' is '99999999999999999999', an id larger than 2147483647" },
        { "{\"config\":{\"Healthcheck\":[]}," ROOTFS "}", "cannot read the image's config: 'Healthcheck' is not an object" },
        { "{\"config\":{\"Healthcheck\":{\"Test\":\"true\"}}," ROOTFS "}", "cannot read the image's config: 'Test' is not a list of strings" },
        { "{\"config\":{\"Healthcheck\":{\"Interval\":1.5}}," ROOTFS "}", "cannot read the image's config: 'Interval' is not a whole number" },
        { "{\"config\":{\"Healthcheck\":{\"Timeout\":-1}}," ROOTFS "}", "cannot read the image's config: 'Healthcheck' has a negative 'Timeout'" },
        { "{\"config\":{\"Healthcheck\":{\"Retries\":2147483648}}," ROOTFS "}", "cannot read the image's config: 'Healthcheck' cannot be tried 2147483648 times" },
        { "{\"os\":\"a\",\"os\":\"b\"," ROOTFS "}", "config is not valid JSON: line 1: duplicate object key near '\"os\"'" },
        { "{\"os\":\"a\\u0000b\"," ROOTFS "}", "config is not valid JSON: line 1: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"a\\u0000b\"'" },
        { "{\"rootfs\":{\"diff_ids\":[\"sha256:../../x\"]}}", "cannot read the image's config: 'sha256:../../x' is not a digest, which is 'sha256:' and 64 lower-case hexadecimal digits" },
};
/* clang-format on */

START_TEST(what_is_wrong_is_refused_and_leaves_no_half_config)
{
        ImageConfig config = {}, untouched = {};
        Fault fault = {};

        ck_assert_int_lt(parse(bad[_i].text, &config, &fault), 0);
        ck_assert_str_eq(fault.text, bad[_i].why);
        ck_assert_mem_eq(&config, &untouched, sizeof(config));
}
END_TEST

START_TEST(the_largest_sane_user_id_is_accepted)
{
        AUTO(image_config_done) ImageConfig config = {};

        ck_assert_int_eq(parse("{\"config\":{\"User\":\"002147483647:65536\"}," ROOTFS "}", &config, NULL),
                        0);
}
END_TEST

START_TEST(more_layers_than_overlayfs_stacks_are_refused)
{
        autofree char *text = malloc(100 * (IMAGE_LAYERS_LIMIT + 2));
        char *at = stpcpy(text, "{\"rootfs\":{\"diff_ids\":[");
        ImageConfig config = {};
        Fault fault = {};

        for (int i = 0; i <= IMAGE_LAYERS_LIMIT; i++)
                at = stpcpy(at, i > 0 ? ",\"sha256:" HEX "\"" : "\"sha256:" HEX "\"");
        (void) stpcpy(at, "]}}");

        ck_assert_int_eq(parse(text, &config, &fault), -E2BIG);
        ck_assert_str_eq(fault.text, "cannot read the image's config: there are 501 layers, more than 500");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("image-config");
        TCase *tc = tcase_create("image-config");

        tcase_add_test(tc, all_that_a_launcher_needs_is_read);
        tcase_add_test(tc, null_is_the_same_as_absent);
        tcase_add_test(tc, an_empty_health_check_is_none);
        tcase_add_test(tc, a_single_word_is_a_command_as_old_builders_wrote_it);
        tcase_add_loop_test(tc, what_is_wrong_is_refused_and_leaves_no_half_config, 0, ELEMENTS(bad));
        tcase_add_test(tc, the_largest_sane_user_id_is_accepted);
        tcase_add_test(tc, more_layers_than_overlayfs_stacks_are_refused);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
