/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/files.h"
#include "tests/suite.h"

static const struct {
        const char *name, *hostname;
} names[] = {
        { "web", "web" },
        { "web_1", "web-1" },
        { "a__b", "a-b" },
        { "a._.b", "a.b" },
        { "end-", "end" },
        { "dots..in.", "dots.in" },
        { "UPPER", "UPPER" },
        { "1.2.3", "1.2.3" },
};

START_TEST(a_containers_name_becomes_a_hosts)
{
        char hostname[65];

        files_hostname(names[_i].name, hostname, sizeof(hostname));
        ck_assert_str_eq(hostname, names[_i].hostname);
}
END_TEST

START_TEST(a_host_name_has_at_most_63_letters)
{
        char hostname[65], name[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgg_xyz";

        files_hostname(name, hostname, sizeof(hostname));
        ck_assert_uint_le(strlen(hostname), 63);
        ck_assert_int_ne(hostname[strlen(hostname) - 1], '-');
}
END_TEST

START_TEST(hosts_has_loopback_the_container_and_what_was_asked_for)
{
        char *entries[] = { (char *) "db:10.0.0.5", (char *) "six;seven:[fd00::1]", (char *) "v6:::1",
                NULL };
        autofree char *text = NULL;

        ck_assert_int_eq(files_hosts(NULL, "web", entries, &text, NULL), 0);
        ck_assert_str_eq(text, "10.0.0.5\tdb\nfd00::1\tsix seven\n::1\tv6\n127.0.0.1\tlocalhost\n"
                               "::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\tweb\n");
}
END_TEST

START_TEST(in_the_hosts_network_its_names_are_known)
{
        autofree char *text = NULL;

        ck_assert_int_eq(files_hosts("192.0.2.1 nas", "web", NULL, &text, NULL), 0);
        ck_assert_str_eq(text, "192.0.2.1 nas\n127.0.0.1\tweb\n");
}
END_TEST

static const char *const refused[] = { "db", "db:", ":10.0.0.1", "db:ten", "d b:10.0.0.1", "db:host-gateway",
        "db\n1.1.1.1 x:10.0.0.1" };

START_TEST(what_is_no_entry_is_refused)
{
        char *entries[] = { (char *) refused[_i], NULL };
        char *text;

        ck_assert_int_eq(files_hosts(NULL, "web", entries, &text, NULL), -EINVAL);
}
END_TEST

static char *words[] = { (char *) "10.0.0.53", (char *) "::1", NULL };
static char *clear[] = { (char *) ".", NULL };
static char base[] = "# comment\nnameserver 127.0.0.53\nsearch lan\ndomain lan\noptions edns0 trust-ad\n";

static const struct {
        char *base, **servers, **searches, **options;
        const char *text;
} resolvers[] = {
        { NULL, NULL, NULL, NULL, "" },
        { NULL, words, NULL, NULL, "nameserver 10.0.0.53\nnameserver ::1\n" },
        { base, NULL, NULL, NULL,
                        "nameserver 127.0.0.53\nsearch lan\ndomain lan\noptions edns0 trust-ad\n" },
        { base, words, NULL, NULL,
                        "search lan\ndomain lan\noptions edns0 trust-ad\nnameserver 10.0.0.53\nnameserver "
                        "::1\n" },
        { base, NULL, clear, words, "nameserver 127.0.0.53\noptions 10.0.0.53 ::1\n" },
        { base, NULL, words, NULL, "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch 10.0.0.53 ::1\n" },
};

START_TEST(what_was_asked_for_replaces_the_hosts_lines_of_its_kind)
{
        autofree char *text = NULL;

        ck_assert_int_eq(files_resolv(resolvers[_i].base, resolvers[_i].servers, resolvers[_i].searches,
                                         resolvers[_i].options, &text),
                        0);
        ck_assert_str_eq(text, resolvers[_i].text);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("files");
        TCase *tc = tcase_create("files");

        tcase_add_loop_test(tc, a_containers_name_becomes_a_hosts, 0, ELEMENTS(names));
        tcase_add_test(tc, a_host_name_has_at_most_63_letters);
        tcase_add_test(tc, hosts_has_loopback_the_container_and_what_was_asked_for);
        tcase_add_test(tc, in_the_hosts_network_its_names_are_known);
        tcase_add_loop_test(tc, what_is_no_entry_is_refused, 0, ELEMENTS(refused));
        tcase_add_loop_test(
                        tc, what_was_asked_for_replaces_the_hosts_lines_of_its_kind, 0, ELEMENTS(resolvers));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
