/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/registry/challenge.h"
#include "tests/suite.h"

static Challenges challenges;

static void setup(void) {
        challenges = (Challenges){};
}

static void teardown(void) {
        challenges_done(&challenges);
}

static void parse(const char *text, size_t n) {
        Fault fault = {};

        ck_assert_msg(challenges_parse(text, &challenges, &fault) == 0, "%s: %s", text, fault.text);
        ck_assert_uint_eq(challenges.n, n);
}

START_TEST(docker_hub_is_understood)
{
        parse("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
              "scope=\"repository:library/nginx:pull\"",
                        1);
        ck_assert_int_eq(challenges.items[0].scheme, CHALLENGE_BEARER);
        ck_assert_str_eq(challenges.items[0].realm, "https://auth.docker.io/token");
        ck_assert_str_eq(challenges.items[0].service, "registry.docker.io");
        ck_assert_str_eq(challenges.items[0].scope, "repository:library/nginx:pull");
        ck_assert_ptr_null(challenges.items[0].error);
}
END_TEST

START_TEST(several_challenges_are_told_apart)
{
        parse("Negotiate, Basic realm=\"a, b\", charset=\"UTF-8\", bearer realm = x , scope=y,"
              "NTLM TlRMTVNTUAACAAAADgAO==, Digest realm=\"z\"",
                        5);
        ck_assert_int_eq(challenges.items[1].scheme, CHALLENGE_BASIC);
        ck_assert_str_eq(challenges.items[1].realm, "a, b");
        ck_assert_int_eq(challenges.items[2].scheme, CHALLENGE_BEARER);
        ck_assert_str_eq(challenges.items[2].realm, "x");
        ck_assert_str_eq(challenges.items[2].scope, "y");
        ck_assert_int_eq(challenges.items[3].scheme, CHALLENGE_OTHER);
        ck_assert_str_eq(challenges.items[4].realm, "z");
        ck_assert_ptr_eq(challenges_choose(&challenges), &challenges.items[2]);
}
END_TEST

START_TEST(quotes_may_have_anything_in_them)
{
        parse("Basic realm=\"a \\\"b\\\" \\\\ c=d, Bearer realm=e\"", 1);
        ck_assert_str_eq(challenges.items[0].realm, "a \"b\" \\ c=d, Bearer realm=e");
}
END_TEST

START_TEST(what_cannot_be_answered_is_not_chosen)
{
        parse("Negotiate", 1);
        ck_assert_ptr_null(challenges_choose(&challenges));
        parse("Basic", 2);
        ck_assert_ptr_eq(challenges_choose(&challenges), &challenges.items[1]);
        parse("", 2);
}
END_TEST

START_TEST(what_could_be_read_in_two_ways_is_refused)
{
        static const char *const texts[] = {
                "Bearer realm=\"https://a\",realm=\"https://b\"",
                "Bearer realm=\"https://a\" realm=\"https://b\"",
                "Bearer realm=\"https://a",
                "Bearer realm=\"https://a\\",
                "Bearer realm=\"https://a\x01\"",
                "Bearer realm=,scope=x",
                "Bearer@realm=\"x\"",
                "\"Bearer\" realm=\"x\"",
                "Bearer realm=\"a\"scope=\"b\"",
                "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q",
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                Fault fault = {};

                ck_assert_msg(challenges_parse(texts[i], &challenges, &fault) == -EINVAL, "%s", texts[i]);
                ck_assert(fault_is_raised(&fault));
                ck_assert_uint_eq(challenges.n, 0);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("challenge");
        TCase *tc = tcase_create("challenge");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, docker_hub_is_understood);
        tcase_add_test(tc, several_challenges_are_told_apart);
        tcase_add_test(tc, quotes_may_have_anything_in_them);
        tcase_add_test(tc, what_cannot_be_answered_is_not_chosen);
        tcase_add_test(tc, what_could_be_read_in_two_ways_is_refused);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
