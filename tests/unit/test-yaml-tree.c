/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/yaml-tree.h"
#include "tests/suite.h"

static int read_text(const char *text, YamlTree *tree, Fault *fault) {
        return yaml_tree_read(text, strlen(text), "x.yaml", tree, fault);
}

static const struct {
        const char *text;
        YamlKind kind;
        int64_t integer;
} scalars[] = {
        { "v: a b", YAML_TEXT, 0 },
        { "v: \"8080\"", YAML_TEXT, 0 },
        { "v: '~'", YAML_TEXT, 0 },
        { "v: |\n  12\n", YAML_TEXT, 0 },
        { "v: 2001-01-01", YAML_TEXT, 0 },
        { "v: 0.1.2", YAML_TEXT, 0 },
        { "v: 128Mi", YAML_TEXT, 0 },
        { "v: 10:30", YAML_TEXT, 0 },
        { "v: 1e", YAML_TEXT, 0 },
        { "v: _1", YAML_TEXT, 0 },
        { "v: 0x", YAML_TEXT, 0 },
        { "v:", YAML_NULL, 0 },
        { "v: ~", YAML_NULL, 0 },
        { "v: Null", YAML_NULL, 0 },
        { "v: yes", YAML_BOOLEAN, 1 },
        { "v: Off", YAML_BOOLEAN, 0 },
        { "v: TRUE", YAML_BOOLEAN, 1 },
        { "v: 8080", YAML_NUMBER, 8080 },
        { "v: 0", YAML_NUMBER, 0 },
        { "v: 0644", YAML_NUMBER, 0644 },
        { "v: 0o644", YAML_NUMBER, 0644 },
        { "v: 0x1F", YAML_NUMBER, 31 },
        { "v: 0b101", YAML_NUMBER, 5 },
        { "v: -1_000", YAML_NUMBER, -1000 },
        { "v: 9223372036854775807", YAML_NUMBER, INT64_MAX },
        { "v: 9223372036854775808", YAML_NUMBER, -1 },
        { "v: 1.5", YAML_NUMBER, -1 },
        { "v: .5e-3", YAML_NUMBER, -1 },
        { "v: -.inf", YAML_NUMBER, -1 },
};

START_TEST(a_scalar_has_the_type_that_kubernetes_gives_it)
{
        AUTO(yaml_tree_done) YamlTree tree = {};
        const YamlNode *node;

        ck_assert_int_eq(read_text(scalars[_i].text, &tree, NULL), 0);
        node = tree.documents[0]->items[0];
        ck_assert_msg(node->kind == scalars[_i].kind, "%s is %s", scalars[_i].text,
                        yaml_kind_to_string(node->kind));
        if (node->kind == YAML_BOOLEAN)
                ck_assert_int_eq(node->is_true, scalars[_i].integer);
        if (node->kind == YAML_NUMBER)
                ck_assert_int_eq(node->is_integer ? node->integer : -1, scalars[_i].integer);
}
END_TEST

START_TEST(every_value_knows_its_place_and_path)
{
        static const char text[] = "# two\n---\nkind: Pod\nspec:\n  containers:\n  - name: \"a\"\n    "
                                   "ports: [ 1, {x: 2} ]\n"
                                   "---\n\n---\n\"\u00e4\u00e4\": { \u20ac: \u00fc, z: 1 }\n";
        AUTO(yaml_tree_done) YamlTree tree = {};
        const YamlNode *ports, *other;
        char path[64];

        ck_assert_int_eq(read_text(text, &tree, NULL), 0);
        ck_assert_uint_eq(tree.n, 2);
        ports = yaml_get(yaml_get(yaml_get(tree.documents[0], "spec"), "containers")->items[0], "ports");
        ck_assert_uint_eq(ports->line, 7);
        ck_assert_uint_eq(ports->column, 12);
        ck_assert_uint_eq(ports->items[1]->column, 17);
        yaml_path(ports->items[1]->items[0], path, sizeof(path));
        ck_assert_str_eq(path, "spec.containers[0].ports[1].x");
        yaml_path(tree.documents[0], path, sizeof(path));
        ck_assert_str_eq(path, "");

        /* Columns are bytes. */
        other = yaml_get(tree.documents[1]->items[0], "z");
        ck_assert_uint_eq(other->line, 11);
        ck_assert_uint_eq(other->column, 23);
        yaml_path(other, path, 8);
        ck_assert_str_eq(path, "\u00e4\u00e4.z");
}
END_TEST

START_TEST(json_is_read_as_well)
{
        AUTO(yaml_tree_done) YamlTree tree = {};

        ck_assert_int_eq(read_text("\xef\xbb\xbf{\"a\": [1, null, \"\\u00e9\"], \"b\": false}", &tree, NULL),
                        0);
        ck_assert_str_eq(yaml_get(tree.documents[0], "a")->items[2]->text, "\u00e9");
        ck_assert_uint_eq(yaml_get(tree.documents[0], "a")->column, 7);
        ck_assert_ptr_null(yaml_get(yaml_get(tree.documents[0], "a"), "a"));
        ck_assert_ptr_null(yaml_get(NULL, "a"));
}
END_TEST

START_TEST(an_alias_is_the_same_node)
{
        AUTO(yaml_tree_done) YamlTree tree = {};
        const YamlNode *root, *merged;
        char path[64];

        ck_assert_int_eq(read_text("a: &x { p: 1, q: 2 }\nb: *x\nc: { <<: [*x, {r: 3, p: 9}], q: 5 }\n",
                                         &tree, NULL),
                        0);
        root = tree.documents[0];
        ck_assert_ptr_eq(yaml_get(root, "a"), yaml_get(root, "b"));
        yaml_path(yaml_get(root, "b"), path, sizeof(path));
        ck_assert_str_eq(path, "a");
        merged = yaml_get(root, "c");
        ck_assert_uint_eq(merged->n, 3);
        ck_assert_int_eq(yaml_get(merged, "p")->integer, 1);
        ck_assert_int_eq(yaml_get(merged, "q")->integer, 5);
        ck_assert_int_eq(yaml_get(merged, "r")->integer, 3);
}
END_TEST

static const struct {
        const char *text, *fault;
        unsigned line, column;
} bad[] = {
        { "a: 1\nb: 2\n\"a\": 3\n", "the key 'a' was there already, in line 1", 3, 1 },
        { "a: !!str 1\n", "tags like 'tag:yaml.org,2002:str' are not supported: leave it out", 1, 4 },
        { "a: !x [1]\n", "tags like '!x' are not supported: leave it out", 1, 4 },
        { "a: *x\n", "there is no anchor '&x' before this", 1, 4 },
        { "a: &x [*x]\n", "'*x' stands inside of itself", 1, 8 },
        { "a: \"x\\0y\"\n", "this text has a NUL byte", 1, 4 },
        { "[a]: 1\n", "a key has to be a text", 1, 1 },
        { "a: {<<: 1}\n", "only a mapping can be merged with '<<'", 1, 9 },
        { "a: {<<: {}, <<: {}}\n", "the key '<<' was there already", 1, 13 },
        { "a: b: c\n", "this is not YAML: mapping values are not allowed in this context", 1, 5 },
        { "a:\n\t- b\n",
                        "this is not YAML: while scanning for the next token, found character that cannot "
                        "start any token",
                        2, 1 },
        { "\u00e4: [\n", "this is not YAML: while parsing a flow node, did not find expected node content",
                        2, 1 },
};

START_TEST(what_is_wrong_is_told_with_its_place)
{
        AUTO(yaml_tree_done) YamlTree tree = {};
        Fault fault = {};

        ck_assert_int_eq(read_text(bad[_i].text, &tree, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, bad[_i].fault);
        ck_assert_uint_eq(fault.line, bad[_i].line);
        ck_assert_uint_eq(fault.column, bad[_i].column);
        ck_assert_str_eq(fault.path, "x.yaml");
}
END_TEST

START_TEST(a_billion_laughs_are_not_laughed)
{
        AUTO(yaml_tree_done) YamlTree tree = {};
        char text[2048] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
        size_t n = strlen(text);
        Fault fault = {};

        for (int i = 1; i < 10; i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n,
                                "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                                i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        ck_assert_int_eq(read_text(text, &tree, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text,
                        "there are more than 200000 values, aliases counted with all behind them");
}
END_TEST

/* Nothing of it is kept, so the weight of the whole does not tell. */
START_TEST(nor_are_keys_merged_for_ever)
{
        AUTO(yaml_tree_done) YamlTree tree = {};
        static char text[65536];
        size_t n = (size_t) snprintf(text, sizeof(text), "a: &a { k0: 1");
        Fault fault = {};

        for (int i = 1; i < 1000; i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, ", k%d: 1", i);
        n += (size_t) snprintf(text + n, sizeof(text) - n, " }\nb: { <<: [ *a");
        for (int i = 1; i < 30; i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, ", *a");
        (void) snprintf(text + n, sizeof(text) - n, " ] }\n");
        ck_assert_int_eq(read_text(text, &tree, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "there are too many keys to be merged");
}
END_TEST

START_TEST(nesting_has_a_limit)
{
        AUTO(yaml_tree_done) YamlTree tree = {};
        char text[1001];
        Fault fault = {};

        memset(text, '[', 1000);
        text[1000] = '\0';
        ck_assert_int_eq(read_text(text, &tree, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "it is nested more than 64 levels deep");
}
END_TEST

START_TEST(bytes_that_are_no_characters_are_refused)
{
        static const char *const texts[] = { "a: \xff", "\xfe\xff", "a: \xc3", "a: \xed\xa0\x80",
                "a: \x01" };
        AUTO(yaml_tree_done) YamlTree tree = {};
        Fault fault = {};

        ck_assert_int_eq(read_text(texts[_i], &tree, &fault), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(fault.text, "this is not YAML: "));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("yaml-tree");
        TCase *tcase = tcase_create("yaml-tree");

        tcase_add_loop_test(tcase, a_scalar_has_the_type_that_kubernetes_gives_it, 0, ELEMENTS(scalars));
        tcase_add_test(tcase, every_value_knows_its_place_and_path);
        tcase_add_test(tcase, json_is_read_as_well);
        tcase_add_test(tcase, an_alias_is_the_same_node);
        tcase_add_loop_test(tcase, what_is_wrong_is_told_with_its_place, 0, ELEMENTS(bad));
        tcase_add_test(tcase, a_billion_laughs_are_not_laughed);
        tcase_add_test(tcase, nor_are_keys_merged_for_ever);
        tcase_add_test(tcase, nesting_has_a_limit);
        tcase_add_loop_test(tcase, bytes_that_are_no_characters_are_refused, 0, 5);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
