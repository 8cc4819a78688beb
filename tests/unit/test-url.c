/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/registry/url.h"
#include "tests/suite.h"

START_TEST(an_origin_is_scheme_host_and_port)
{
        autofree char *origin = NULL, *host = NULL;

        ck_assert_int_eq(url_parse("https://Registry.example/v2/?a=b", &origin, &host, NULL), 0);
        ck_assert_str_eq(origin, "https://Registry.example:443");
        ck_assert_str_eq(host, "Registry.example");
        ck_assert(url_is_same_origin("https://a/x", "https://A:443/y"));
        ck_assert(!url_is_same_origin("https://a/x", "http://a/x"));
        ck_assert(!url_is_same_origin("https://a/x", "https://a:8443/x"));
        ck_assert(!url_is_same_origin("https://a/x", "https://a.b/x"));
        ck_assert(!url_is_same_origin("rubbish", "rubbish"));
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
        static const char *const urls[] = { "", "x", "//a/b", "ftp://a", "file:///a", "https://",
                "https://a@b", "https://a:99999/", "https://a b/", "https://a/\r\nX: y", "gopher://a",
                "https://[::1" };

        for (size_t i = 0; i < ELEMENTS(urls); i++) {
                Fault fault = {};

                ck_assert_msg(url_parse(urls[i], NULL, NULL, &fault) == -EINVAL, "%s", urls[i]);
                ck_assert(fault_is_raised(&fault));
        }
}
END_TEST

START_TEST(locations_are_relative_to_where_they_were_said)
{
        static const char *const rows[][3] = {
                { "https://a/v2/x/blobs/uploads/", "/v2/x/1?s=a%2Fb", "https://a/v2/x/1?s=a%2Fb" },
                { "https://a/v2/x", "https://b:5000/y#z", "https://b:5000/y" },
                { "https://a/v2/x", "//b/y", "https://b/y" },
                { "https://a/v2/x", "y", "https://a/v2/y" },
                { "https://a/v2/x?q", "?n=2", "https://a/v2/x?n=2" },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                autofree char *url = NULL;

                ck_assert_int_eq(url_resolve(rows[i][0], rows[i][1], &url, NULL), 0);
                ck_assert_str_eq(url, rows[i][2]);
        }
        ck_assert_int_eq(url_resolve("https://a/", "https://user@b/", &(char *){ NULL }, NULL), -EINVAL);
        ck_assert_int_eq(url_resolve("https://a/", "/x\ny", &(char *){ NULL }, NULL), -EINVAL);
}
END_TEST

START_TEST(this_machine_is_known_by_all_its_names)
{
        static const char *const ours[] = { "localhost", "localhost:5000", "LOCALHOST.", "a.localhost",
                "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:5000", "::1", "[::ffff:127.0.0.1]:1" };
        static const char *const others[] = { "localhost.example", "notlocalhost", "128.0.0.1", "[::2]",
                "127.0.0.1.example", "10.0.0.1", "" };

        for (size_t i = 0; i < ELEMENTS(ours); i++)
                ck_assert_msg(host_is_loopback(ours[i]), "%s", ours[i]);
        for (size_t i = 0; i < ELEMENTS(others); i++)
                ck_assert_msg(!host_is_loopback(others[i]), "%s", others[i]);
}
END_TEST

START_TEST(places_of_secrets_are_known)
{
        static const char *const secret[] = { "169.254.169.254", "169.254.1.1:80", "[fe80::1]",
                "[fe80::1%25eth0]", "0.0.0.0", "[::]", "[fd00:ec2::254]", "metadata.google.internal",
                "[::ffff:169.254.169.254]", "100.100.100.200" };
        static const char *const fine[] = { "10.0.0.1", "192.168.1.1", "registry.example", "127.0.0.1",
                "[::1]", "[fd00::1]", "metadata.example", "169.253.0.1" };

        for (size_t i = 0; i < ELEMENTS(secret); i++)
                ck_assert_msg(host_is_metadata(secret[i]), "%s", secret[i]);
        for (size_t i = 0; i < ELEMENTS(fine); i++)
                ck_assert_msg(!host_is_metadata(fine[i]), "%s", fine[i]);
        ck_assert(host_is_same("a", "a:5000") && host_is_same("[::1]", "[::1]:1") && host_is_same("A", "a"));
        ck_assert(!host_is_same("a", "ab") && !host_is_same("ab", "a") && !host_is_same("a", "a.b"));
}
END_TEST

START_TEST(what_is_in_a_query_is_escaped)
{
        autofree char *text = NULL;

        ck_assert_int_eq(url_escape("repository:a/b:pull,push &=#?%+\"\xc3\xa4", &text), 0);
        ck_assert_str_eq(text, "repository:a/b:pull,push%20%26%3D%23%3F%25%2B%22%C3%A4");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("url");
        TCase *tc = tcase_create("url");

        tcase_add_test(tc, an_origin_is_scheme_host_and_port);
        tcase_add_test(tc, what_is_no_address_is_refused);
        tcase_add_test(tc, locations_are_relative_to_where_they_were_said);
        tcase_add_test(tc, this_machine_is_known_by_all_its_names);
        tcase_add_test(tc, places_of_secrets_are_known);
        tcase_add_test(tc, what_is_in_a_query_is_escaped);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
