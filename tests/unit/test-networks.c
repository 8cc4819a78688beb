/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/networks.h"
#include "lib/strv.h"
#include "tests/suite.h"

static Address address_of(const char *text) {
        Address address;

        ck_assert_int_eq(address_parse(text, &address), 0);
        return address;
}

START_TEST(ports_are_told_as_others_do)
{
        AUTO(member_done) Member member = {};
        const MemberPort ports[] = {
                { .protocol = "tcp", .host = 8080, .container = 80, .count = 1 },
                { .protocol = "udp", .address = address_of("::1"), .host = 53, .container = 54, .count = 3 },
                { .protocol = "tcp",
                                .address = address_of("127.0.0.1"),
                                .host = 1,
                                .container = 2,
                                .count = 1 },
        };
        autofree char *text = NULL;
        json_t *list;

        ck_assert_ptr_null(net_ports_text(&member));
        for (size_t i = 0; i < ELEMENTS(ports); i++)
                ck_assert_int_eq(member_add_port(&member, &ports[i]), 0);
        text = net_ports_text(&member);
        ck_assert_str_eq(text, "0.0.0.0:8080->80/tcp, [::1]:53-55->54-56/udp, 127.0.0.1:1->2/tcp");
        list = net_ports_json(&member);
        ck_assert(json_is_null(json_object_get(json_array_get(list, 0), "address")));
        ck_assert_str_eq(net_string(json_array_get(list, 1), "address"), "::1");
        ck_assert_int_eq(net_number(json_array_get(list, 1), "count"), 3);
        json_decref(list);
}
END_TEST

static void add_unit(NetUnits *units, const char *unit, const char *network) {
        GeneratedUnit one = { .unit = strdup(unit), .kind = strdup("network"), .network = strdup(network) };

        one.is_template = strchr(unit, '@') && strchr(unit, '@')[1] == '.';
        ck_assert_int_eq(generated_add(&units->units, &one), 0);
}

static const struct {
        const char *word, *name;
} words[] = {
        { "systemd-front", "systemd-front" },
        { "front", "systemd-front" },
        { "front.network", "systemd-front" },
        { "front-network", "systemd-front" },
        { "front-network.service", "systemd-front" },
        { "fron", NULL },
        { "front.pod", NULL },
        { "front.", NULL },
        { ".network", NULL },
        { "", NULL },
        { "template@", NULL },
        { "template@a", "template-a" },
        { "template@a.network", "template-a" },
        { "template@a-network.service", NULL },
        { "template-network@a.service", "template-a" },
        { "unitless", "unitless" },
        /* A name goes before a manifest that is called so. */
        { "back", "back" },
};

START_TEST(a_network_is_meant_by_its_name_its_manifest_or_its_unit)
{
        char *up[] = { (char *) "back", (char *) "unitless", NULL };
        AUTO(net_units_close) NetUnits units = {};
        autostrv char **names = NULL;
        const char *meant;

        add_unit(&units, "front-network.service", "systemd-front");
        add_unit(&units, "back-network.service", "systemd-back");
        add_unit(&units, "template-network@.service", "template-%i");
        add_unit(&units, "template-network@a.service", "template-a");
        ck_assert_int_eq(net_units_names(&units, up, &names), 0);
        ck_assert_uint_eq(strv_length(names), 5);
        ck_assert_str_eq(names[0], "back");
        meant = net_units_meant(&units, names, words[_i].word);
        if (words[_i].name) {
                ck_assert_ptr_nonnull(meant);
                ck_assert_str_eq(meant, words[_i].name);
        } else
                ck_assert_ptr_null(meant);
}
END_TEST

START_TEST(states_are_those_of_units)
{
        AUTO(net_units_close) NetUnits units = {};

        ck_assert_str_eq(net_units_state(&units, NULL, "active"), "active");
        ck_assert_str_eq(net_units_state(&units, "front-network.service", "active"), "unknown");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("networks");
        TCase *tc = tcase_create("networks");

        tcase_add_test(tc, ports_are_told_as_others_do);
        tcase_add_loop_test(tc, a_network_is_meant_by_its_name_its_manifest_or_its_unit, 0, ELEMENTS(words));
        tcase_add_test(tc, states_are_those_of_units);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
