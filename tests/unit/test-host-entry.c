/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/host-entry.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { host_entry_parse, "a:1.2.3.4", "a:1.2.3.4", NULL },
        { host_entry_parse, "a;b.c:::1", "a;b.c:::1", NULL },
        { host_entry_parse, "a:[::1]", "a:::1", NULL },
        { host_entry_parse, "a_b:1.2.3.4", "a_b:1.2.3.4", NULL },
        { host_entry_parse, "${H}:1.2.3.4", "${H}:1.2.3.4", NULL },
        { host_entry_parse, "%H:${A}", "%H:${A}", NULL },
        { host_entry_parse, "a:host-gateway", "a:host-gateway", NULL },
        { hostname_parse, "a", "a", NULL },
        { hostname_parse, "a-1.b", "a-1.b", NULL },
        { hostname_parse, "%H", "%H", NULL },
        { hostname_parse, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
        { dns_search_parse, ".", ".", NULL },
        { dns_search_parse, "a.b.", "a.b.", NULL },
        { dns_parse, "none", "none", NULL },
        { dns_parse, "::1", "::1", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { host_entry_parse, "a", "'a' is not a line for /etc/hosts: NAME[;NAME]:ADDRESS", NULL },
        { host_entry_parse, ":1.2.3.4", "'' is not a host name", NULL },
        { host_entry_parse, "a;:1.2.3.4", "'' is not a host name", NULL },
        { host_entry_parse, "a:", "'' is not an address: IPv4, IPv6 or host-gateway", NULL },
        { hostname_parse, "",
                        "'' is not a host name: at most 64 letters, digits, '-' and '.', no label with '-' "
                        "at its ends",
                        NULL },
        { hostname_parse, "-a",
                        "'-a' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "a-",
                        "'a-' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "a.-b",
                        "'a.-b' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "a-.b",
                        "'a-.b' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "a..b",
                        "'a..b' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, ".a",
                        "'.a' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "a.",
                        "'a.' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "a_b",
                        "'a_b' is not a host name: at most 64 letters, digits, '-' and '.', no label with "
                        "'-' at its ends",
                        NULL },
        { hostname_parse, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not a host "
                        "name: at most 64 letters, digits, '-' and '.', no label with '-' at its ends",
                        NULL },
        { hostname_parse, "é",
                        "'é' is not a host name: at most 64 letters, digits, '-' and '.', no label with '-' "
                        "at its ends",
                        NULL },
        { dns_search_parse, "..", "'..' is not a domain, or '.' for none", NULL },
        { dns_parse, "", "'' is not an address: IPv4 or IPv6", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("host-entry");
        TCase *tc = tcase_create("host-entry");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
