/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/pull-unit.h"
#include "cli/pull-view.h"
#include "lib/size.h"
#include "lib/strv.h"
#include "tests/suite.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static PullState state;

static void begin(void) {
        state = (PullState){ .name = "quay.io/a:1" };
}

static void end(void) {
        pull_state_done(&state);
}

static int take(const char *text, int64_t now, PullMessage *ret, Fault *fault) {
        static json_t *body; /* a message borrows from it */
        int r;

        json_decref(body);
        body = json_loads(text, 0, NULL);
        ck_assert_ptr_nonnull(body);
        r = pull_state_take(&state, body, now, ret, fault);
        pull_state_look(&state, now);
        return r;
}

static PullNews must_take(const char *text, int64_t now) {
        PullMessage message = {};
        Fault fault = {};

        ck_assert_msg(take(text, now, &message, &fault) == 0, "%s", fault.text);
        return message.news;
}

#define LIST                                                                               \
        "{\"layers\": [{\"digest\": \"sha256:" A "\", \"size\": 1048576, \"have\": true}," \
        "{\"digest\": \"sha256:" B "\", \"size\": 10485760, \"have\": false},"             \
        "{\"digest\": \"sha256:" C "\", \"size\": 2097152, \"have\": false}]}"

START_TEST(messages_add_up)
{
        PullTotal total;

        ck_assert_int_eq(must_take(LIST, 0), PULL_NEWS_LIST);
        ck_assert_int_eq(must_take("{\"layer\": 1, \"fetched\": 1048576, \"unpacked\": 5}", 0),
                        PULL_NEWS_PROGRESS);
        ck_assert_int_eq(must_take("{\"layer\": 2, \"done\": true}", 0), PULL_NEWS_DONE);
        ck_assert_int_eq(must_take("{\"note\": \"x\"}", 0), PULL_NEWS_NOTE);
        ck_assert_int_eq(must_take("{\"later\": 1}", 0), PULL_NEWS_NONE);
        total = pull_state_total(&state);
        ck_assert_uint_eq(total.size, 12 << 20);
        ck_assert_uint_eq(total.fetched, 3 << 20);
        ck_assert_uint_eq(total.n_new, 2);
        ck_assert_uint_eq(total.n_done, 1);
        ck_assert_int_eq(must_take("{\"layer\": 1, \"again\": \"it was wrong\"}", 0), PULL_NEWS_AGAIN);
        ck_assert_uint_eq(pull_state_total(&state).fetched, 2 << 20);
        ck_assert_int_eq(must_take("{\"end\": {\"id\": \"sha256:" A
                                   "\", \"names\": [\"n\"], \"layers\": 3, \"new\": 2,"
                                   "\"devices\": 1, \"attributes\": 4, \"rule\": \"r\", \"key\": null}}",
                                         0),
                        PULL_NEWS_END);
        ck_assert_str_eq(state.id.hex, A);
        ck_assert_str_eq(state.rule, "r");
        ck_assert_ptr_null(state.key);
        ck_assert_uint_eq(state.attributes, 4);
}
END_TEST

/* clang-format off */
static const struct {
        const char *text;
        int error;
        const char *why;
} bad[] = {
        { "{\"layer\": 3, \"done\": true}", EBADMSG, "slipway-store says what makes no sense: a layer that is not in the list" },
        { "{\"layer\": -1, \"done\": true}", EBADMSG, "slipway-store says what makes no sense: a layer that is not in the list" },
        { "{\"layer\": \"x\"}", EBADMSG, "slipway-store says what makes no sense: a layer that is not in the list" },
        { LIST, EBADMSG, "slipway-store says what makes no sense: a list of layers" },
        { "{\"end\": {}}", EBADMSG, "slipway-store says what makes no sense: no image at the end" },
        { "{\"end\": {\"id\": \"sha256:x\"}}", EBADMSG, "slipway-store says what makes no sense: no image at the end" },
        { "{\"error\": {\"kind\": \"integrity\", \"errno\": 74, \"text\": \"it is\\u001b[31m wrong\"}}", EBADMSG, "it is?[31m wrong" },
        { "{\"error\": 1}", EIO, "Input/output error" },
};
/* clang-format on */

START_TEST(what_makes_no_sense_ends_it)
{
        PullMessage message = {};
        Fault fault = {};

        (void) must_take(LIST, 0);
        ck_assert_int_eq(take(bad[_i].text, 0, &message, &fault), -bad[_i].error);
        ck_assert_str_eq(fault.text, bad[_i].why);
}
END_TEST

START_TEST(what_was_there_before_is_no_speed)
{
        char line[200];

        (void) must_take(LIST, 1000);
        (void) must_take("{\"layer\": 1, \"fetched\": 5242880}", 1000);
        pull_view_line(&state, line, sizeof(line));
        ck_assert_str_eq(line, "pulling quay.io/a:1: 5.0 of 12.0 MiB");
        (void) must_take("{\"layer\": 1, \"fetched\": 6291456}", 1100);
        pull_view_line(&state, line, sizeof(line));
        ck_assert_str_eq(line, "pulling quay.io/a:1: 6.0 of 12.0 MiB");
        (void) must_take("{\"layer\": 1, \"fetched\": 7340032}", 2000);
        pull_view_line(&state, line, sizeof(line));
        ck_assert_str_eq(line, "pulling quay.io/a:1: 7.0 of 12.0 MiB, 7.0 MiB/s, 1 s left");
}
END_TEST

START_TEST(a_line_says_how_it_stands)
{
        char line[200];

        pull_view_line(&state, line, sizeof(line));
        ck_assert_str_eq(line, "pulling quay.io/a:1: asking the registry");
        (void) must_take(LIST, 0);
        (void) must_take("{\"layer\": 1, \"done\": true}", 0);
        (void) must_take("{\"layer\": 2, \"fetched\": 2097152}", 0);
        pull_view_line(&state, line, sizeof(line));
        ck_assert_str_eq(line, "pulling quay.io/a:1: 12.0 MiB fetched, unpacking 1 of 2 layers");
        (void) must_take("{\"layer\": 2, \"done\": true}", 0);
        pull_view_summary(&state, 1500, line, sizeof(line));
        ck_assert_str_eq(line, "quay.io/a:1: 3 layers, 2 of them new, 12.0 MiB in 1.5 s");
        for (size_t i = 0; i < state.n_layers; i++)
                state.layers[i].have = true;
        pull_view_summary(&state, 1500, line, sizeof(line));
        ck_assert_str_eq(line, "quay.io/a:1: 3 layers, nothing to fetch");
        state.was_current = true;
        pull_view_summary(&state, 1500, line, sizeof(line));
        ck_assert_str_eq(line, "quay.io/a:1: is here already");
        state.was_asked = true;
        pull_view_summary(&state, 1500, line, sizeof(line));
        ck_assert_str_eq(line, "quay.io/a:1: is up to date");
}
END_TEST

static char *block(unsigned width, unsigned height) {
        autostrv char **lines = pull_view_block(&state, width, height);

        for (char **line = lines; *line; line++)
                ck_assert_uint_le(strlen(*line), width);
        ck_assert_uint_lt(strv_length(lines), height < 4 ? 4 : height);
        return strv_join(lines, "\n");
}

START_TEST(a_terminal_shows_a_line_for_each_layer)
{
        autofree char *text = NULL;

        (void) must_take(LIST, 0);
        (void) must_take("{\"layer\": 1, \"fetched\": 5242880, \"unpacked\": 2621440}", 0);
        (void) must_take("{\"layer\": 2, \"done\": true}", 0);
        text = block(100, 24);
        ck_assert_str_eq(text, "quay.io/a:1\n"
                               "  aaaaaaaaaaaa  1.0 MiB                 here already\n"
                               "  bbbbbbbbbbbb  5.0 of 10.0 MiB                                    "
                               "##########..........\n"
                               "  cccccccccccc  2.0 of 2.0 MiB          done                       "
                               "####################\n"
                               "  7.0 of 12.0 MiB");
        free(text);
        text = block(30, 24);
        ck_assert_str_eq(text, "quay.io/a:1\n"
                               "  aaaaaaaaaaaa  1.0 MiB       \n"
                               "  bbbbbbbbbbbb  5.0 of 10.0 Mi\n"
                               "  cccccccccccc  2.0 of 2.0 MiB\n"
                               "  7.0 of 12.0 MiB");
}
END_TEST

START_TEST(a_low_terminal_shows_those_under_way)
{
        autofree char *text = NULL;

        (void) must_take(LIST, 0);
        (void) must_take("{\"layer\": 1, \"fetched\": 5242880}", 0);
        text = block(60, 4);
        ck_assert_str_eq(text, "quay.io/a:1\n"
                               "  bbbbbbbbbbbb  5.0 of 10.0 MiB\n"
                               "  5.0 of 12.0 MiB; 2 other layers");
        free(text);
        text = block(60, 1);
        ck_assert_ptr_nonnull(strstr(text, "2 other layers"));
        free(text);
        text = block(1, 24);
        ck_assert_str_eq(text, "q\n \n \n \n ");
}
END_TEST

START_TEST(sizes_are_for_people)
{
        ck_assert_str_eq(size_to_text(0).text, "0 B");
        ck_assert_str_eq(size_to_text(999).text, "999 B");
        ck_assert_str_eq(size_to_text(1000).text, "1.0 KiB");
        ck_assert_str_eq(size_to_text(1536).text, "1.5 KiB");
        ck_assert_str_eq(size_to_text(UINT64_MAX).text, "16384.0 PiB");
        ck_assert_str_eq(pull_amount(0, 47815065).text, "0.0 of 45.6 MiB");
        ck_assert_str_eq(pull_amount(12897485, 47815065).text, "12.3 of 45.6 MiB");
        ck_assert_str_eq(pull_amount(5, 0).text, "5 B");
        ck_assert_str_eq(pull_amount(5, 3).text, "5 B");
        ck_assert_str_eq(pull_pace(&(PullRate){ .per_second = 1048576 }, 100 * 1048576).text,
                        "1.0 MiB/s, 2 min left");
        ck_assert_str_eq(pull_pace(&(PullRate){ .per_second = 1048576 }, 0).text, "1.0 MiB/s");
        ck_assert_str_eq(pull_pace(&(PullRate){ .per_second = 1024 }, 1ull << 40).text, "1.0 KiB/s");
        ck_assert_str_eq(pull_pace(&(PullRate){}, 5).text, "");
}
END_TEST

/* clang-format off */
static const struct {
        const char *image, *instance;
} instances[] = {
        { "nginx", "nginx" },
        { "docker.io/library/nginx:1.27", "docker.io-library-nginx:1.27" },
        { "quay.io/a-b/c_d", "quay.io-a\\x2db-c_d" },
        { "a@sha256:" A, "a\\x40sha256:" A },
        { ".x", "\\x2ex" },
        { "a b\303\251", "a\\x20b\\xc3\\xa9" },
};

static const char *const no_instances[] = { "\\", "\\x", "\\x2", "\\x2g", "\\x00", "\\y20", "a\\", "\\xAB" };
/* clang-format on */

START_TEST(an_instance_is_that_of_systemd_escape)
{
        autofree char *instance = NULL, *image = NULL;

        ck_assert_int_eq(pull_unit_escape(instances[_i].image, &instance), 0);
        ck_assert_str_eq(instance, instances[_i].instance);
        ck_assert_int_eq(pull_unit_unescape(instance, &image, NULL), 0);
        ck_assert_str_eq(image, instances[_i].image);
}
END_TEST

START_TEST(what_is_no_instance_is_refused)
{
        char *image = NULL;
        Fault fault = {};

        ck_assert_int_eq(pull_unit_unescape(no_instances[_i], &image, &fault), -EINVAL);
        ck_assert_ptr_null(image);
        ck_assert(fault_is_raised(&fault));
}
END_TEST

START_TEST(a_unit_has_a_name_of_limited_length)
{
        autofree char *unit = NULL;
        char *none = NULL, name[256];
        Fault fault = {};

        memset(name, 'a', sizeof(name));
        name[255 - strlen("slipway-pull@.service")] = '\0';
        ck_assert_int_eq(pull_unit_name(name, &unit, &fault), 0);
        ck_assert_uint_eq(strlen(unit), 255);
        name[0] = '-';
        ck_assert_int_eq(pull_unit_name(name, &none, &fault), -ENAMETOOLONG);
        ck_assert_ptr_null(none);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("pull");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, begin, end);
        tcase_add_test(tcase, messages_add_up);
        tcase_add_loop_test(tcase, what_makes_no_sense_ends_it, 0, (int) ELEMENTS(bad));
        tcase_add_test(tcase, what_was_there_before_is_no_speed);
        tcase_add_test(tcase, a_line_says_how_it_stands);
        tcase_add_test(tcase, a_terminal_shows_a_line_for_each_layer);
        tcase_add_test(tcase, a_low_terminal_shows_those_under_way);
        tcase_add_test(tcase, sizes_are_for_people);
        tcase_add_loop_test(tcase, an_instance_is_that_of_systemd_escape, 0, (int) ELEMENTS(instances));
        tcase_add_loop_test(tcase, what_is_no_instance_is_refused, 0, (int) ELEMENTS(no_instances));
        tcase_add_test(tcase, a_unit_has_a_name_of_limited_length);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
