/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <jansson.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/health/log.h"
#include "tests/suite.h"

static HealthResult result_of(const char *output, size_t size) {
        char *copy = malloc(size + 1);

        memcpy(copy, output, size);
        return (HealthResult){ .began = 1500000, .ended = 2000001, .output = copy, .size = size };
}

static json_t *to_json(const HealthLog *log) {
        autofree char *text = NULL;
        json_error_t error;
        size_t size;
        json_t *json;

        ck_assert_int_eq(health_log_to_json(log, HEALTH_UNHEALTHY, 4, &text, &size), 0);
        ck_assert_uint_eq(strlen(text), size);
        json = json_loadb(text, size, 0, &error);
        ck_assert_msg(json != NULL, "%s: %s", error.text, text);
        return json;
}

static const char *output_of(const json_t *json, size_t i) {
        return json_string_value(json_object_get(json_array_get(json_object_get(json, "Log"), i), "Output"));
}

START_TEST(the_log_is_that_of_docker)
{
        AUTO(health_log_done) HealthLog log = {};
        HealthResult result = result_of("no\n", 3);
        autofree char *text = NULL;
        size_t size;

        result.exit_status = -1;
        ck_assert_int_eq(health_log_init(&log, 5), 0);
        health_log_add(&log, &result);
        ck_assert_int_eq(health_log_to_json(&log, HEALTH_HEALTHY, 1, &text, &size), 0);
        ck_assert_str_eq(text, "{\"Status\":\"healthy\",\"FailingStreak\":1,\"Log\":[{\"Start\":"
                               "\"1970-01-01T00:00:01.500000Z\",\"End\":\"1970-01-01T00:00:02.000001Z\","
                               "\"ExitCode\":-1,\"Output\":\"no\\n\"}]}\n");
}
END_TEST

START_TEST(the_oldest_results_go)
{
        AUTO(health_log_done) HealthLog log = {};
        json_t *json;

        ck_assert_int_eq(health_log_init(&log, 2), 0);
        for (int i = 0; i < 5; i++) {
                HealthResult result = result_of(&"01234"[i], 1);

                result.is_cut = i == 4;
                health_log_add(&log, &result);
        }
        json = to_json(&log);
        ck_assert_uint_eq(json_array_size(json_object_get(json, "Log")), 2);
        ck_assert_str_eq(output_of(json, 0), "3");
        ck_assert_str_eq(output_of(json, 1), "4...");
        json_decref(json);
}
END_TEST

/* clang-format off */
static const struct {
        const char *output, *json, *last;
} outputs[] = {
        { "",                          "",                              "" },
        { "fine\n",                    "fine\n",                        "fine" },
        { "one\ntwo \r\n\n \n",        "one\ntwo \r\n\n \n",            "two" },
        { "  \t at once",              "  \t at once",                  "at once" },
        { "a\x1b[31m\"\\\x7f",         "a\x1b[31m\"\\\x7f",             "a?[31m\"\\?" },
        { "a\xc2\x9b" "2J\xc2\xa9",      "a\xc2\x9b" "2J\xc2\xa9",         "a?2J\xc2\xa9" },
        { "gr\xc3\xbc\xc3\x9f",        "gr\xc3\xbc\xc3\x9f",            "gr\xc3\xbc\xc3\x9f" },
        { "\xf0\x9f\x9a\xa2!",         "\xf0\x9f\x9a\xa2!",             "\xf0\x9f\x9a\xa2!" },
        { "\xc3",                      "\xef\xbf\xbd",                  "?" },
        { "\xff-\xc0\x80",             "\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd", "?-??" },
        { "\xed\xa0\x80",              "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",  "???" },
        { "\xf4\x90\x80\x80",          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "????" },
};
/* clang-format on */

START_TEST(any_bytes_become_text)
{
        HealthResult result = result_of(outputs[_i].output, strlen(outputs[_i].output));
        AUTO(health_log_done) HealthLog log = {};
        char line[64];
        json_t *json;

        health_last_line(&result, line, sizeof(line));
        ck_assert_str_eq(line, outputs[_i].last);
        ck_assert_int_eq(health_log_init(&log, 1), 0);
        health_log_add(&log, &result);
        json = to_json(&log);
        ck_assert_str_eq(output_of(json, 0), outputs[_i].json);
        json_decref(json);
}
END_TEST

/* Who prints the file has a terminal. */
START_TEST(no_control_character_is_in_the_file)
{
        HealthResult result = result_of("\x1b\x7f\xc2\x9b", 4);
        AUTO(health_log_done) HealthLog log = {};
        autofree char *text = NULL;
        size_t size;

        ck_assert_int_eq(health_log_init(&log, 1), 0);
        health_log_add(&log, &result);
        ck_assert_int_eq(health_log_to_json(&log, HEALTH_UNHEALTHY, 4, &text, &size), 0);
        ck_assert_ptr_nonnull(strstr(text, "\"\\u001b\\u007f\\u009b\""));
}
END_TEST

START_TEST(no_character_is_cut_in_half)
{
        HealthResult result = result_of("a\xc3\xbc\xc3\xbc", 5);
        char line[5];

        health_last_line(&result, line, sizeof(line));
        ck_assert_str_eq(line, "a\xc3\xbc");
        health_last_line(&result, line, 1);
        ck_assert_str_eq(line, "");
        free(result.output);
}
END_TEST

START_TEST(a_field_of_the_journal_keeps_its_lines)
{
        HealthResult result = result_of("a\n\tb\0c\r\n", 8);
        char text[32];

        health_output(&result, text, sizeof(text));
        ck_assert_str_eq(text, "a\n\tb?c?\n");
        free(result.output);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("health-log");
        TCase *tc = tcase_create("health-log");

        tcase_add_test(tc, the_log_is_that_of_docker);
        tcase_add_test(tc, the_oldest_results_go);
        tcase_add_loop_test(tc, any_bytes_become_text, 0, ELEMENTS(outputs));
        tcase_add_test(tc, no_control_character_is_in_the_file);
        tcase_add_test(tc, no_character_is_cut_in_half);
        tcase_add_test(tc, a_field_of_the_journal_keeps_its_lines);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
