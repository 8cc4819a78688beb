/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "nspawn-glue/yaml-secret.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

static const struct {
        const char *text, *bytes;
} encoded[] = {
        { "", "" },
        { "YQ==", "a" },
        { "YWI=", "ab" },
        { "YWJj", "abc" },
        { "aHVu\n dGVy\tMg==\n", "hunter2" },
        { "/+8=", "\xff\xef" },
};

START_TEST(base64_is_decoded)
{
        char text[64];
        size_t size;

        (void) snprintf(text, sizeof(text), "%s", encoded[_i].text);
        ck_assert_int_eq(yaml_secret_decode(text, &size), 0);
        ck_assert_uint_eq(size, strlen(encoded[_i].bytes));
        ck_assert_str_eq(text, encoded[_i].bytes);
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
        static const char *const texts[] = { "Y", "YQ", "YQ=", "YQ=a", "YQ===", "Y!==", "====", "YWJjZ" };
        char text[64];
        size_t size;

        (void) snprintf(text, sizeof(text), "%s", texts[_i]);
        ck_assert_msg(yaml_secret_decode(text, &size) == -EINVAL, "%s", texts[_i]);
}
END_TEST

static int read_key(const char *key, Credential *ret, Fault *fault) {
        AUTO(secret_spec_done) SecretSpec spec = {};
        char text[PATH_MAX];

        (void) snprintf(text, sizeof(text), "%s,file=%s", key, tree_path("x,y.yaml"));
        ck_assert_int_eq(yaml_secret_spec_parse(text, &spec, fault), 0);
        return yaml_secret_read(&spec, ret, fault);
}

#define YAML                                                                                                \
        "kind: Pod\nmetadata: { name: db }\ndata: { p: bm8= }\n---\nkind: Secret\nmetadata: { name: other " \
        "}\n"                                                                                               \
        "data: { p: bm8= }\n---\nkind: Secret\nmetadata: { name: db }\ndata: { p: cHc=, both: bm8=, bad: "  \
        "\"*\" }\n"                                                                                         \
        "stringData: { both: yes it is, n: 1 }\n---\nkind: ConfigMap\nmetadata: { name: db }\n"             \
        "data: { p: \"cHc=\" }\nbinaryData: { b: AGE= }\n"

static const struct {
        const char *key, *value;
        size_t size;
} good[] = {
        { "secret/db/p", "pw", 2 },
        { "secret/db/both,type=env", "yes it is", 9 },
        { "configmap/db/p", "cHc=", 4 },
        { "configmap/db/b,mode=0400", "\0a", 2 },
};

START_TEST(a_value_is_read_where_it_is_written)
{
        AUTO(credential_done) Credential credential = {};
        Fault fault = {};

        tree_file("x,y.yaml", YAML);
        ck_assert_msg(read_key(good[_i].key, &credential, &fault) == 0, "%s", fault.text);
        ck_assert_uint_eq(credential.size, good[_i].size);
        ck_assert_mem_eq(credential.data, good[_i].value, good[_i].size + 1);
}
END_TEST

static const struct {
        const char *key, *text;
        int error;
} bad[] = {
        { "secret/db/q", "there is no key 'q' in Secret 'db' of '", ENOENT },
        { "secret/web/p", "there is no key 'p' in Secret 'web' of '", ENOENT },
        { "configmap/db/both", "there is no key 'both' in ConfigMap 'db' of '", ENOENT },
        { "secret/db/bad", "key 'bad' in Secret 'db' of '", EINVAL },
        { "secret/db/n", "key 'n' in Secret 'db' of '", EINVAL },
};

START_TEST(what_is_not_there_is_told_and_no_value_is)
{
        AUTO(credential_done) Credential credential = {};
        Fault fault = {};

        tree_file("x,y.yaml", YAML);
        ck_assert_int_eq(read_key(bad[_i].key, &credential, &fault), -bad[_i].error);
        ck_assert_msg(strncmp(fault.text, bad[_i].text, strlen(bad[_i].text)) == 0, "%s", fault.text);
}
END_TEST

START_TEST(what_is_no_file_does_not_keep_a_start_waiting)
{
        AUTO(credential_done) Credential credential = {};
        Fault fault = {};

        ck_assert_int_eq(mkfifo(tree_path("x,y.yaml"), 0600), 0);
        ck_assert_int_lt(read_key("secret/db/p", &credential, &fault), 0);
}
END_TEST

START_TEST(yaml_that_is_none_is_told_with_its_line)
{
        AUTO(credential_done) Credential credential = {};
        Fault fault = {};

        tree_file("x,y.yaml", "a: 1\na: 2\n");
        ck_assert_int_eq(read_key("secret/db/p", &credential, &fault), -EBADMSG);
        ck_assert_uint_eq(fault.line, 2);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("yaml-secret");
        TCase *tcase = tcase_create("yaml-secret");

        tcase_add_checked_fixture(tcase, tree_make, tree_remove);
        tcase_add_loop_test(tcase, base64_is_decoded, 0, ELEMENTS(encoded));
        tcase_add_loop_test(tcase, what_is_no_base64_is_refused, 0, 8);
        tcase_add_loop_test(tcase, a_value_is_read_where_it_is_written, 0, ELEMENTS(good));
        tcase_add_loop_test(tcase, what_is_not_there_is_told_and_no_value_is, 0, ELEMENTS(bad));
        tcase_add_test(tcase, what_is_no_file_does_not_keep_a_start_waiting);
        tcase_add_test(tcase, yaml_that_is_none_is_told_with_its_line);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
