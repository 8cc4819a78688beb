/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/secret-spec.h"
#include "tests/suite.h"

static const struct {
        const char *text, *name, *target;
        bool is_env;
        uint32_t uid, gid;
        mode_t mode;
} good[] = {
        { "db", "db", "/run/secrets/db", false, 0, 0, 0444 },
        { "db,type=mount,target=pw/db", "db", "/run/secrets/pw/db", false, 0, 0, 0444 },
        { "db,target=/etc/pw,uid=1000,gid=27,mode=0400", "db", "/etc/pw", false, 1000, 27, 0400 },
        { "db,mode=4755", "db", "/run/secrets/db", false, 0, 0, 04755 },
        { "db,type=env", "db", "db", true, 0, 0, 0444 },
        { "d.b-_9,type=env,target=DB_PASSWORD", "d.b-_9", "DB_PASSWORD", true, 0, 0, 0444 },
        { "db,,", "db", "/run/secrets/db", false, 0, 0, 0444 },
};

START_TEST(what_is_not_said_has_podmans_default)
{
        AUTO(secret_spec_done) SecretSpec spec = {};

        ck_assert_int_eq(secret_spec_parse(good[_i].text, &spec, NULL), 0);
        ck_assert_str_eq(spec.name, good[_i].name);
        ck_assert_str_eq(spec.target, good[_i].target);
        ck_assert_int_eq(spec.is_env, good[_i].is_env);
        ck_assert_uint_eq(spec.uid, good[_i].uid);
        ck_assert_uint_eq(spec.gid, good[_i].gid);
        ck_assert_uint_eq(spec.mode, good[_i].mode);
}
END_TEST

static const struct {
        const char *text, *message;
} bad[] = {
        { "", "'' is not the name of a secret: letters, digits, '_', '.' and '-'" },
        { ".db", "'.db' is not the name of a secret: letters, digits, '_', '.' and '-'" },
        { "d/b", "'d/b' is not the name of a secret: letters, digits, '_', '.' and '-'" },
        { "plain@db", "'plain@db' is not the name of a secret: letters, digits, '_', '.' and '-'" },
        { "db,type=file", "'file' is no type of a secret" },
        { "db,mode=9", "'9' is no mode of a secret" },
        { "db,mode=10000", "'10000' is no mode of a secret" },
        { "db,mode=", "'' is no mode of a secret" },
        { "db,uid=-1", "'-1' is no uid of a secret" },
        { "db,uid=4294967295", "'4294967295' is no uid of a secret" },
        { "db,gid=99999999999999999999", "'99999999999999999999' is no gid of a secret" },
        { "db,target=", "'' is no target of a secret" },
        { "db,target=/", "'/' is no path of a file" },
        { "db,target=../db", "'../db' is no path of a file" },
        { "db,target=/a/./b", "'/a/./b' is no path of a file" },
        { "db,target=a/", "'a/' is no path of a file" },
        { "db,target=a//b", "'a//b' is no path of a file" },
        { "db,type=env,uid=0", "uid, gid and mode are for files, not for type=env" },
        { "db,type=env,target=A=B", "'A=B' is no name of a variable" },
        { "db,color=red", "there is no option 'color=red' of a secret" },
        { "db,mode", "there is no option 'mode' of a secret" },
};

START_TEST(a_mistake_is_told)
{
        AUTO(secret_spec_done) SecretSpec spec = {};
        Fault fault = {};

        ck_assert_int_eq(secret_spec_parse(bad[_i].text, &spec, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, bad[_i].message);
        ck_assert_ptr_null(spec.target);
}
END_TEST

START_TEST(a_name_has_room_for_the_prefix_of_the_other_store)
{
        AUTO(secret_spec_done) SecretSpec spec = {};
        char text[SECRET_NAME_MAX + 2];

        memset(text, 'a', sizeof(text));
        text[SECRET_NAME_MAX + 1] = '\0';
        ck_assert_int_eq(secret_spec_parse(text, &spec, NULL), -EINVAL);
        text[SECRET_NAME_MAX] = '\0';
        ck_assert_int_eq(secret_spec_parse(text, &spec, NULL), 0);
        ck_assert_uint_le(strlen(CREDENTIAL_PLAIN) + strlen(spec.name), 255);
}
END_TEST

START_TEST(a_key_of_yaml_is_where_its_file_says)
{
        AUTO(secret_spec_done) SecretSpec spec = {};

        ck_assert_int_eq(yaml_secret_spec_parse("configmap/m/.k,mode=0400,file=/a,b=c", &spec, NULL), 0);
        ck_assert(spec.is_config_map);
        ck_assert_str_eq(spec.object, "m");
        ck_assert_str_eq(spec.name, ".k");
        ck_assert_str_eq(spec.file, "/a,b=c");
        ck_assert_str_eq(spec.target, "/run/secrets/.k");
        ck_assert_uint_eq(spec.mode, 0400);
}
END_TEST

START_TEST(what_is_no_key_of_yaml_is_refused)
{
        static const char *const texts[] = { "", "secret/a/b", "secret/a/b,file=x", "pod/a/b,file=/x",
                "secret/a,file=/x", "secret//b,file=/x", "secret/a/,file=/x", "secret/a/b/c,file=/x",
                "secret/a/b,x=y,file=/x", "secret/a/b,target=../x,file=/x" };
        SecretSpec spec = {};
        Fault fault = {};

        ck_assert_int_eq(yaml_secret_spec_parse(texts[_i], &spec, &fault), -EINVAL);
        ck_assert(fault_is_raised(&fault));
        ck_assert_ptr_null(spec.target);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("secret-spec");
        TCase *tc = tcase_create("secret-spec");

        tcase_add_loop_test(tc, what_is_not_said_has_podmans_default, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_mistake_is_told, 0, ELEMENTS(bad));
        tcase_add_test(tc, a_name_has_room_for_the_prefix_of_the_other_store);
        tcase_add_test(tc, a_key_of_yaml_is_where_its_file_says);
        tcase_add_loop_test(tc, what_is_no_key_of_yaml_is_refused, 0, 10);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
