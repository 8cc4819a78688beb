/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/doc.h"
#include "image/pull/request.h"
#include "tests/suite.h"

#define DIGEST "\"digest\":\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""
#define PULL "{\"do\":\"pull\","

/* clang-format off */
static const struct {
        const char *text;
        int error;
} wrong[] = {
        { "{}",                                                               EOPNOTSUPP },
        { "{\"do\":\"push\",\"name\":\"a\"," DIGEST "}",                      EOPNOTSUPP },
        { "{\"do\":7,\"name\":\"a\"," DIGEST "}",                             EINVAL },
        { PULL DIGEST "}",                                                    EINVAL },
        { PULL "\"name\":\"a\"}",                                             EINVAL },
        { PULL "\"name\":\"\"," DIGEST "}",                                   EINVAL },
        { PULL "\"name\":\"../a\"," DIGEST "}",                               EINVAL },
        { PULL "\"name\":[\"a\"]," DIGEST "}",                                EINVAL },
        { PULL "\"name\":\"a\",\"digest\":\"sha256:12\"}",                    EINVAL },
        { PULL "\"name\":\"a\",\"digest\":\"../../x\"}",                      EINVAL },
        { PULL "\"name\":\"a\",\"platform\":\"//\"," DIGEST "}",              EINVAL },
        { PULL "\"name\":\"a\",\"entries\":0," DIGEST "}",                    EINVAL },
        { PULL "\"name\":\"a\",\"bytes\":-1," DIGEST "}",                     EINVAL },
        { PULL "\"name\":\"a\",\"bytes\":1.5," DIGEST "}",                    EINVAL },
};
/* clang-format on */

static int parse(const char *text, PullRequest *ret, Fault *fault) {
        autojson json_t *body = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

        ck_assert_ptr_nonnull(body);
        return pull_request_parse(body, ret, fault);
}

START_TEST(what_is_not_said_is_as_by_default)
{
        AUTO(pull_request_done) PullRequest request = {};
        Platform machine;

        platform_of_machine(&machine);
        ck_assert_int_eq(parse(PULL "\"name\":\"nginx\"," DIGEST "}", &request, NULL), 0);
        ck_assert_str_eq(request.name, "nginx");
        ck_assert_ptr_null(request.type);
        ck_assert(!request.platform_is_given);
        ck_assert_str_eq(request.platform.architecture, machine.architecture);
        ck_assert_uint_eq(request.budget.entries, UNPACK_ENTRIES_DEFAULT);
        ck_assert_uint_eq(request.budget.bytes, UNPACK_BYTES_DEFAULT);
}
END_TEST

START_TEST(all_of_it_is_read)
{
        AUTO(pull_request_done) PullRequest request = {};

        ck_assert_int_eq(parse(PULL "\"name\":\"a.b/c:d\",\"type\":\"x/y; "
                                    "charset=utf-8\",\"platform\":\"linux/arm64\","
                                    "\"entries\":7,\"bytes\":8," DIGEST "}",
                                         &request, NULL),
                        0);
        ck_assert_str_eq(request.type, "x/y");
        ck_assert(request.platform_is_given);
        ck_assert_str_eq(request.platform.architecture, "arm64");
        ck_assert_uint_eq(request.budget.entries, 7);
        ck_assert_uint_eq(request.budget.bytes, 8);
        ck_assert_uint_eq(request.budget.late, 0);
}
END_TEST

START_TEST(what_is_wrong_is_refused_and_said)
{
        AUTO(pull_request_done) PullRequest request = {};
        Fault fault = {};

        ck_assert_int_eq(parse(wrong[_i].text, &request, &fault), -wrong[_i].error);
        ck_assert(fault_is_raised(&fault));
        ck_assert_ptr_null(request.name);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("pull-request");
        TCase *tc = tcase_create("pull-request");

        tcase_add_test(tc, what_is_not_said_is_as_by_default);
        tcase_add_test(tc, all_of_it_is_read);
        tcase_add_loop_test(tc, what_is_wrong_is_refused_and_said, 0, ELEMENTS(wrong));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
