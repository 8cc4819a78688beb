/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "lib/strv.h"
#include "nspawn-glue/net/cni-config.h"
#include "nspawn-glue/net/cni-result.h"
#include "tests/suite.h"

/* --- configurations --- */

static const char list_text[] =
                "{\"cniVersion\":\"0.4.0\",\"name\":\"front\",\"plugins\":["
                "{\"type\":\"bridge\",\"name\":\"other\",\"capabilities\":{\"ips\":true,\"mac\":false}},"
                "{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}}]}";

START_TEST(a_plugin_reads_what_the_list_and_those_before_it_say)
{
        AUTO(json_decrefp) json_t *list = NULL, *told = NULL, *result = NULL, *first = NULL, *second = NULL;
        AUTO(json_decrefp) json_t *wanted_first = NULL, *wanted_second = NULL;

        ck_assert_int_eq(cni_config_parse(list_text, strlen(list_text), &list, NULL), 0);
        told = json_pack("{s:[s], s:s, s:[i]}", "ips", "10.0.0.2", "mac", "02:00:00:00:00:01",
                        "portMappings", 80);
        result = json_pack("{s:s}", "cniVersion", "0.4.0");
        ck_assert_int_eq(cni_config_of_plugin(list, 0, told, NULL, &first), 0);
        ck_assert_int_eq(cni_config_of_plugin(list, 1, told, result, &second), 0);
        wanted_first = json_pack("{s:s, s:s, s:s, s:{s:b, s:b}, s:{s:[s]}}", "cniVersion", "0.4.0", "name",
                        "front", "type", "bridge", "capabilities", "ips", 1, "mac", 0, "runtimeConfig",
                        "ips", "10.0.0.2");
        wanted_second = json_pack("{s:s, s:s, s:s, s:{s:b}, s:{s:[i]}, s:{s:s}}", "cniVersion", "0.4.0",
                        "name", "front", "type", "portmap", "capabilities", "portMappings", 1,
                        "runtimeConfig", "portMappings", 80, "prevResult", "cniVersion", "0.4.0");
        ck_assert(json_equal(first, wanted_first));
        ck_assert(json_equal(second, wanted_second));
        ck_assert(cni_config_has(list, "portMappings") && !cni_config_has(list, "mac"));
}
END_TEST

START_TEST(a_single_plugin_is_a_list_of_one)
{
        static const char text[] = "{\"name\":\"old\",\"type\":\"ptp\",\"mtu\":1400}";
        AUTO(json_decrefp) json_t *list = NULL, *plugin = NULL, *wanted = NULL;

        ck_assert_int_eq(cni_config_parse(text, strlen(text), &list, NULL), 0);
        ck_assert_int_eq(cni_config_of_plugin(list, 0, NULL, NULL, &plugin), 0);
        wanted = json_pack("{s:s, s:s, s:s, s:i}", "name", "old", "type", "ptp", "cniVersion", "0.1.0",
                        "mtu", 1400);
        ck_assert(json_equal(plugin, wanted));
}
END_TEST

START_TEST(versions_are_compared_as_numbers)
{
        static const struct {
                const char *version;
                bool is_of;
        } versions[] = { { "0.1.0", false }, { "0.3.1", false }, { "0.4.0", true }, { "0.10.0", true },
                { "1.0.0", true }, { "10.0.0", true } };

        for (size_t i = 0; i < ELEMENTS(versions); i++) {
                AUTO(json_decrefp) json_t *list = json_pack("{s:s}", "cniVersion", versions[i].version);

                ck_assert_int_eq(cni_config_is_of(list, 0, 4), versions[i].is_of);
        }
}
END_TEST

static const struct {
        const char *text, *why;
} wrong[] = {
        { "", "is no JSON" },
        { "[]", "is no object" },
        { "{\"name\":\"a\"}", "plugin 1 of the list has no 'type'" },
        { "{\"type\":\"ptp\"}", "no 'name' of letters" },
        { "{\"name\":\"a/b\",\"type\":\"ptp\"}", "no 'name' of letters" },
        { "{\"name\":\"a\",\"plugins\":[]}", "no list of 'plugins'" },
        { "{\"name\":\"a\",\"plugins\":{}}", "no list of 'plugins'" },
        { "{\"name\":\"a\",\"plugins\":[{\"type\":\"ptp\"},7]}", "plugin 2 of the list has no 'type'" },
        { "{\"name\":\"a\",\"type\":\"../ptp\"}", "has no 'type'" },
        { "{\"name\":\"a\",\"type\":\"ptp\",\"cniVersion\":\"1\"}", "'cniVersion' is no version" },
        { "{\"name\":\"a\",\"type\":\"ptp\",\"cniVersion\":\"1.0.0x\"}", "'cniVersion' is no version" },
        { "{\"name\":\"a\",\"name\":\"b\",\"type\":\"ptp\"}", "is no JSON" },
};

START_TEST(what_is_no_configuration_is_told_why)
{
        json_t *list = NULL;
        Fault fault = {};

        ck_assert_int_eq(cni_config_parse(wrong[_i].text, strlen(wrong[_i].text), &list, &fault), -EINVAL);
        ck_assert_ptr_null(list);
        ck_assert_msg(strstr(fault.text, wrong[_i].why), "'%s' lacks '%s'", fault.text, wrong[_i].why);
}
END_TEST

static void put(const char *directory, const char *name, const char *text) {
        autofree char *path = NULL;
        FILE *file;

        ck_assert_int_ge(asprintf(&path, "%s/%s", directory, name), 0);
        file = fopen(path, "we");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_ge(fputs(text, file), 0);
        ck_assert_int_eq(fclose(file), 0);
}

static int note_visit(const char *path, const json_t *list, void *data) {
        FILE *to = data;

        return fprintf(to, "%s %s\n", strrchr(path, '/') + 1,
                               json_string_value(json_object_get(list, "name"))) < 0
                               ? -EIO
                               : 0;
}

static int stop_at_once(const char *path, const json_t *list, void *data) {
        (*(int *) data)++;
        return 7;
}

START_TEST(a_visit_shows_each_network_once)
{
        char directory[] = "/tmp/test-cni-XXXXXX";
        autofree char *seen = NULL;
        autofd int parent = -1;
        size_t size;
        int n = 0;
        FILE *to;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        put(directory, "00-broken.conf", "{");
        put(directory, "10-a.json", "{\"name\":\"a\",\"type\":\"first\"}");
        put(directory, "20-a.conflist", "{\"name\":\"a\",\"plugins\":[{\"type\":\"second\"}]}");
        put(directory, "30-b.conf", "{\"name\":\"b\",\"type\":\"third\"}");
        to = open_memstream(&seen, &size);
        ck_assert_ptr_nonnull(to);
        ck_assert_int_eq(cni_config_visit(directory, note_visit, to, NULL), 0);
        ck_assert_int_eq(fclose(to), 0);
        ck_assert_str_eq(seen, "10-a.json a\n30-b.conf b\n");
        ck_assert_int_eq(cni_config_visit(directory, stop_at_once, &n, NULL), 7);
        ck_assert_int_eq(n, 1);
        parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(remove_tree(parent, strrchr(directory, '/') + 1), 0);
        ck_assert_int_eq(cni_config_visit(directory, stop_at_once, &n, NULL), 0);
        ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(the_first_file_that_has_the_name_counts)
{
        char directory[] = "/tmp/test-cni-XXXXXX";
        autofd int parent = -1;
        json_t *list = NULL;
        Fault fault = {};

        ck_assert_ptr_nonnull(mkdtemp(directory));
        put(directory, "00-broken.conf", "{");
        put(directory, "05-other.txt", "{\"name\":\"a\",\"type\":\"no-configuration\"}");
        put(directory, "10-a.json", "{\"name\":\"a\",\"type\":\"first\"}");
        put(directory, "20-a.conflist", "{\"name\":\"a\",\"plugins\":[{\"type\":\"second\"}]}");
        put(directory, "30-b.conf", "{\"name\":\"b\",\"type\":\"third\"}");
        ck_assert_int_eq(cni_config_find(directory, "a", &list, NULL), 0);
        ck_assert_str_eq(json_string_value(json_object_get(
                                         json_array_get(json_object_get(list, "plugins"), 0), "type")),
                        "first");
        json_decref(list);

        /* One that cannot be read may be the one that is wanted. */
        ck_assert_int_eq(cni_config_find(directory, "c", &list, &fault), -EINVAL);
        ck_assert_ptr_nonnull(strstr(fault.text, "00-broken.conf"));
        fault = (Fault){};
        put(directory, "00-broken.conf", "{\"name\":\"d\",\"type\":\"fourth\"}");
        ck_assert_int_eq(cni_config_find(directory, "c", &list, &fault), -ENOENT);
        ck_assert_ptr_nonnull(strstr(fault.text, "there are: d, a, b"));
        parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(remove_tree(parent, strrchr(directory, '/') + 1), 0);
        fault = (Fault){};
        ck_assert_int_eq(cni_config_find(directory, "a", &list, &fault), -ENOENT);
}
END_TEST

/* --- results --- */

static int parse(const char *text, CniResult *ret, Fault *fault) {
        AUTO(json_decrefp) json_t *document = NULL;

        return cni_result_parse(text, strlen(text), "eth0", ret, &document, fault);
}

static const char *format(const CniResult *result) {
        static char text[512];
        char one[ADDRESS_TEXT_MAX];
        size_t n = 0;

        for (size_t i = 0; i < result->n_prefixes; i++)
                n += (size_t) snprintf(
                                text + n, sizeof(text) - n, "%s ", prefix_format(&result->prefixes[i], one));
        for (size_t i = 0; i < 2; i++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s ",
                                address_is_set(&result->gateways[i])
                                                ? address_format(&result->gateways[i], one)
                                                : "-");
        (void) snprintf(text + n, sizeof(text) - n, "%02x", result->mac[5]);
        return text;
}

#define INTERFACES                                                         \
        "\"interfaces\":[{\"name\":\"br\",\"mac\":\"02:00:00:00:00:01\"}," \
        "{\"name\":\"eth0\",\"mac\":\"02:00:00:00:00:02\",\"sandbox\":\"/x\"}],"

static const struct {
        const char *text, *wanted;
} results[] = {
        { "{}", "- - 00" },
        { "{" INTERFACES "\"ips\":[{\"interface\":1,\"address\":\"10.0.0.2/24\",\"gateway\":\"10.0.0.1\"},"
          "{\"interface\":0,\"address\":\"10.9.0.1/24\"},{\"interface\":1,\"address\":\"fd00::2/"
          "64\",\"gateway\":\"fd00::1\"}]}",
                        "10.0.0.2/24 fd00::2/64 10.0.0.1 fd00::1 02" },
        { "{\"ips\":[{\"address\":\"10.0.0.2/24\"},{\"interface\":7,\"address\":\"10.0.0.3/24\"},"
          "{\"interface\":-1,\"address\":\"10.0.0.4/24\"}]}",
                        "10.0.0.2/24 - - 00" },
        { "{\"ip4\":{\"ip\":\"10.0.0.2/24\",\"gateway\":\"10.0.0.1\"},\"ip6\":{\"ip\":\"fd00::2/64\"}}",
                        "10.0.0.2/24 fd00::2/64 10.0.0.1 - 00" },
};

START_TEST(a_result_is_what_the_containers_interface_has)
{
        AUTO(cni_result_done) CniResult result = {};

        ck_assert_int_eq(parse(results[_i].text, &result, NULL), 0);
        ck_assert_str_eq(format(&result), results[_i].wanted);
}
END_TEST

START_TEST(only_words_of_resolv_conf_are_taken)
{
        AUTO(cni_result_done) CniResult result = {};
        autofree char *servers = NULL, *searches = NULL, *options = NULL;

        ck_assert_int_eq(parse("{\"dns\":{\"nameservers\":[\"10.0.0.1\",\"x\",\"fd00::1\\nsearch "
                               "x\",7,\"fd00::1\"],"
                               "\"search\":[\"a.example\",\"b "
                               "c\"],\"domain\":\"d.example\",\"options\":[\"ndots:3\",\"a\\nb\"]}}",
                                         &result, NULL),
                        0);
        servers = strv_join(result.servers, " ");
        searches = strv_join(result.searches, " ");
        options = strv_join(result.options, " ");
        ck_assert_str_eq(servers, "10.0.0.1 fd00::1");
        ck_assert_str_eq(searches, "a.example");
        ck_assert_str_eq(options, "ndots:3");
}
END_TEST

static const char *const broken[] = { "", "7", "[]", "{\"ips\":[{\"address\":\"10.0.0.2\"}]}",
        "{\"ips\":[{\"address\":\"10.0.0.2/33\"}]}", "{\"ips\":[{}]}",
        "{\"ips\":[{\"address\":\"10.0.0.2/24\",\"gateway\":\"x\"}]}",
        "{\"ips\":[{\"address\":\"1.0.0.1/8\"},{\"address\":\"1.0.0.2/8\"},{\"address\":\"1.0.0.3/8\"},"
        "{\"address\":\"1.0.0.4/8\"},{\"address\":\"1.0.0.5/8\"},{\"address\":\"1.0.0.6/"
        "8\"},{\"address\":\"1.0.0.7/8\"},"
        "{\"address\":\"1.0.0.8/8\"},{\"address\":\"1.0.0.9/8\"}]}" };

START_TEST(a_result_that_is_none_is_refused)
{
        CniResult result = {};
        Fault fault = {};

        ck_assert_int_eq(parse(broken[_i], &result, &fault), -EBADMSG);
        ck_assert(fault_is_raised(&fault));
        ck_assert_ptr_null(result.servers);
}
END_TEST

static const struct {
        const char *text, *words, *wanted;
} errors[] = {
        { "{\"code\":7,\"msg\":\"no\",\"details\":\"of it\"}", "x",
                        "the plugin 'p' has failed: no: of it (code 7, the configuration is wrong)" },
        { "{\"code\":999,\"msg\":\"no\"}", "x", "the plugin 'p' has failed: no (code 999)" },
        { "{\"code\":-1,\"msg\":\"a\\nb\"}", "x", "the plugin 'p' has failed: a?b (code -1)" },
        { "not JSON", "its last line", "the plugin 'p' has failed: its last line" },
        { "{}", "", "the plugin 'p' has failed: it has not said why" },
};

START_TEST(an_error_is_told_in_the_plugins_words)
{
        Fault fault = {};

        ck_assert_int_eq(cni_error_raise("p", errors[_i].text, strlen(errors[_i].text), errors[_i].words,
                                         &fault),
                        -EIO);
        ck_assert_str_eq(fault.text, errors[_i].wanted);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("cni");
        TCase *tc = tcase_create("cni");

        tcase_add_test(tc, a_plugin_reads_what_the_list_and_those_before_it_say);
        tcase_add_test(tc, a_single_plugin_is_a_list_of_one);
        tcase_add_test(tc, versions_are_compared_as_numbers);
        tcase_add_loop_test(tc, what_is_no_configuration_is_told_why, 0, ELEMENTS(wrong));
        tcase_add_test(tc, the_first_file_that_has_the_name_counts);
        tcase_add_test(tc, a_visit_shows_each_network_once);
        tcase_add_loop_test(tc, a_result_is_what_the_containers_interface_has, 0, ELEMENTS(results));
        tcase_add_test(tc, only_words_of_resolv_conf_are_taken);
        tcase_add_loop_test(tc, a_result_that_is_none_is_refused, 0, ELEMENTS(broken));
        tcase_add_loop_test(tc, an_error_is_told_in_the_plugins_words, 0, ELEMENTS(errors));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
