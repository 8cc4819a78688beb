/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/registry/registry-error.h"
#include "image/registry/token.h"
#include "tests/suite.h"

static int parse(const char *text, char **ret, uint64_t *ret_seconds) {
        Fault fault = {};
        int r = token_parse_reply(text, strlen(text), ret, ret_seconds, &fault);

        ck_assert(r == 0 || fault_is_raised(&fault));
        return r;
}

START_TEST(tokens_have_either_name)
{
        autofree char *one = NULL, *other = NULL, *both = NULL, *empty = NULL;
        uint64_t seconds;

        ck_assert_int_eq(parse("{\"token\":\"a.b-c\"}", &one, &seconds), 0);
        ck_assert_str_eq(one, "a.b-c");
        ck_assert_uint_eq(seconds, 60);
        ck_assert_int_eq(parse("{\"access_token\":\"x\",\"expires_in\":300,\"issued_at\":null}", &other,
                                         &seconds),
                        0);
        ck_assert_str_eq(other, "x");
        ck_assert_uint_eq(seconds, 300);
        ck_assert_int_eq(
                        parse("{\"token\":\"a\",\"access_token\":\"b\",\"expires_in\":-5}", &both, &seconds),
                        0);
        ck_assert_str_eq(both, "b");
        ck_assert_uint_eq(seconds, 0);
        ck_assert_int_eq(parse("{\"token\":\"a\",\"access_token\":\"\",\"expires_in\":9223372036854775807}",
                                         &empty, &seconds),
                        0);
        ck_assert_str_eq(empty, "a");
        ck_assert_uint_eq(seconds, 86400);
}
END_TEST

START_TEST(what_is_no_token_is_refused)
{
        static const char *const texts[] = { "", "[]", "{}", "{\"token\":\"\"}", "{\"token\":5}",
                "{\"token\":\"a b\"}", "{\"token\":\"a\\r\\nHost: b\"}", "{\"token\":\"\\u00e4\"}",
                "{\"token\":\"a\",\"expires_in\":\"soon\"}", "{\"token\":\"a\",\"token\":\"b\"}" };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                char *token = NULL;
                uint64_t seconds;

                ck_assert_msg(parse(texts[i], &token, &seconds) < 0, "%s", texts[i]);
                ck_assert_ptr_null(token);
        }
}
END_TEST

/* clang-format off */
static const struct {
        const char *realm, *host;
        bool insecure;
        int r;
} realms[] = {
        { "https://auth.docker.io/token",         "registry-1.docker.io", false, 0       },
        { "https://[2001:db8::1]/token",          "registry.example",     false, 0       },
        { "https://registry.example:8443/token",  "registry.example",     false, 0       },
        { "http://registry.example/token",        "registry.example",     false, -EACCES },
        { "http://registry.example/token",        "registry.example",     true,  0       },
        { "http://127.0.0.1/token",               "localhost:5000",       false, 0       },
        { "http://other.example/token",           "localhost:5000",       false, -EACCES },
        { "https://localhost/token",              "registry.example",     false, -EACCES },
        { "https://a.localhost./token",           "registry.example",     false, -EACCES },
        { "https://127.1/token",                  "registry.example",     false, -EACCES },
        { "https://0x7f000001/token",             "registry.example",     true,  -EACCES },
        { "https://[::1]/token",                  "registry.example",     true,  -EACCES },
        { "https://[::ffff:127.0.0.1]/token",     "registry.example",     true,  -EACCES },
        { "https://169.254.169.254/token",        "registry.example",     true,  -EACCES },
        { "https://[fe80::1]/token",              "registry.example",     true,  -EACCES },
        { "https://[fd00:ec2::254]/token",        "registry.example",     true,  -EACCES },
        { "https://0.0.0.0/token",                "registry.example",     true,  -EACCES },
        { "https://metadata.google.internal/",    "registry.example",     true,  -EACCES },
        { "https://user@registry.example/token",  "registry.example",     true,  -EACCES },
        { "https://a:b@registry.example/token",   "registry.example",     true,  -EACCES },
        { "ftp://registry.example/token",         "registry.example",     true,  -EACCES },
        { "file:///etc/passwd",                   "registry.example",     true,  -EACCES },
        { "/token",                               "registry.example",     true,  -EACCES },
        { "https://registry.example/a\nb",        "registry.example",     true,  -EACCES },
        { "https://r",                            "registry.example",     false, 0       },
};
/* clang-format on */

START_TEST(credentials_are_shown_to_whom_they_are_for)
{
        for (size_t i = 0; i < ELEMENTS(realms); i++) {
                Endpoint endpoint = { .host = (char *) realms[i].host, .insecure = realms[i].insecure };
                Fault fault = {};

                ck_assert_msg(token_check_realm(realms[i].realm, &endpoint, &fault) == realms[i].r, "%s: %s",
                                realms[i].realm, fault.text);
        }
}
END_TEST

START_TEST(a_password_is_written_as_the_standard_has_it)
{
        static const char *const rows[][3] = {
                { "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
                { "a", "b", "Basic YTpi" },
                { "a", "", "Basic YTo=" },
                { "\xc3\xa4", "\xff", "Basic w6Q6/w==" },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                autofree char *text = NULL;

                ck_assert_int_eq(basic_authorization(rows[i][0], rows[i][1], &text), 0);
                ck_assert_str_eq(text, rows[i][2]);
        }
}
END_TEST

static const char *words(const char *body) {
        static char text[200];

        registry_error_text(body, body ? strlen(body) : 0, text, sizeof(text));
        return text;
}

START_TEST(errors_are_told_in_the_registrys_words)
{
        ck_assert_str_eq(words("{\"errors\":[{\"code\":\"A\",\"message\":\"it broke\",\"detail\":{}}]}"),
                        "it broke");
        ck_assert_str_eq(words("{\"errors\":[{\"code\":\"A\"},{\"message\":\"b\",\"detail\":\"c\"}]}"),
                        "A, b, c");
        ck_assert_str_eq(words("{\"message\":\"x\"}"), "x");
        ck_assert_str_eq(words("{\"details\":\"incorrect username or password\"}"),
                        "incorrect username or password");
        ck_assert_str_eq(words("{\"error\":\"e\",\"error_description\":\"d\"}"), "d");
        ck_assert_str_eq(words("{\"message\":\"\\u001b[2J\\n\"}"), "?[2J?");
        ck_assert_str_eq(words(NULL), "");
        ck_assert_str_eq(words("<html>"), "");
        ck_assert_str_eq(words("{\"errors\":5}"), "");
        ck_assert_str_eq(words("{\"errors\":[5,[],{\"message\":7}]}"), "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("token");
        TCase *tc = tcase_create("token");

        tcase_add_test(tc, tokens_have_either_name);
        tcase_add_test(tc, what_is_no_token_is_refused);
        tcase_add_test(tc, credentials_are_shown_to_whom_they_are_for);
        tcase_add_test(tc, a_password_is_written_as_the_standard_has_it);
        tcase_add_test(tc, errors_are_told_in_the_registrys_words);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
