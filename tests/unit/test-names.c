/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/names.h"
#include "tests/suite.h"

static const struct {
        const char *name;
        unsigned forms;
        bool is_valid;
} names[] = {
        { "web.service", UNIT_PLAIN, true },
        { "web.service", UNIT_TEMPLATE | UNIT_INSTANCE, false },
        { "web@.service", UNIT_TEMPLATE, true },
        { "web@.service", UNIT_PLAIN | UNIT_INSTANCE, false },
        { "web@1.service", UNIT_INSTANCE, true },
        { "web@a@b.service", UNIT_INSTANCE, true },
        { "a.b-c_d:e\\x20.target", UNIT_PLAIN, true },
        { "dev-sda.device", UNIT_ANY, true },
        { "web.container", UNIT_ANY, false },
        { "web", UNIT_ANY, false },
        { ".service", UNIT_ANY, false },
        { "@.service", UNIT_ANY, false },
        { "@x.service", UNIT_ANY, false },
        { "my app.service", UNIT_ANY, false },
        { "a/b.service", UNIT_ANY, false },
        { "%i.service", UNIT_ANY, false },
        { "", UNIT_ANY, false },
};

START_TEST(a_valid_name_is_one_that_systemd_takes)
{ ck_assert_int_eq(unit_name_is_valid(names[_i].name, names[_i].forms), names[_i].is_valid); }
END_TEST

START_TEST(a_name_of_more_than_255_bytes_is_too_long)
{
        char name[300];

        memset(name, 'x', sizeof(name));
        (void) snprintf(name + 247, sizeof(name) - 247, ".service");
        ck_assert(unit_name_is_valid(name, UNIT_ANY));
        memset(name, 'x', sizeof(name));
        (void) snprintf(name + 248, sizeof(name) - 248, ".service");
        ck_assert(!unit_name_is_valid(name, UNIT_ANY));
}
END_TEST

static const struct {
        ManifestType type;
        const char *stem, *service;
} services[] = {
        { MANIFEST_CONTAINER, "web", "web.service" },
        { MANIFEST_CONTAINER, "a.b", "a.b.service" },
        { MANIFEST_CONTAINER, "web@1", "web@1.service" },
        { MANIFEST_KUBE, "web", "web.service" },
        { MANIFEST_POD, "web", "web-pod.service" },
        { MANIFEST_VOLUME, "data@", "data-volume@.service" },
        { MANIFEST_NETWORK, "net@1", "net-network@1.service" },
        { MANIFEST_IMAGE, "x", "x-image.service" },
        { MANIFEST_BUILD, "x", "x-build.service" },
        { MANIFEST_ARTIFACT, "x", "x-artifact.service" },
};

START_TEST(a_manifest_becomes_the_service_that_quadlet_makes_of_it)
{
        AUTO(arena_freep) Arena *arena = arena_new();

        ck_assert_str_eq(names_service(arena, services[_i].type, services[_i].stem), services[_i].service);
}
END_TEST

static const struct {
        const char *service, *escaped;
} escapes[] = {
        { "my app.service", "my\\x20app.service" },
        { ".service", "\\x2eservice.service" },
        { "@x.service", "\\x40x.service" },
        { "caf\xc3\xa9.service", "caf\\xc3\\xa9.service" },
};

START_TEST(an_odd_name_is_escaped_to_a_valid_one)
{
        AUTO(arena_freep) Arena *arena = arena_new();
        const char *escaped = names_escape(arena, escapes[_i].service);

        ck_assert_str_eq(escaped, escapes[_i].escaped);
        ck_assert(unit_name_is_valid(escaped, UNIT_ANY));
}
END_TEST

START_TEST(an_instance_is_put_into_a_template)
{
        AUTO(arena_freep) Arena *arena = arena_new();

        ck_assert_str_eq(names_instantiate(arena, "web@.service", "1"), "web@1.service");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("names");
        TCase *tc = tcase_create("names");

        tcase_add_loop_test(tc, a_valid_name_is_one_that_systemd_takes, 0, (int) ELEMENTS(names));
        tcase_add_test(tc, a_name_of_more_than_255_bytes_is_too_long);
        tcase_add_loop_test(tc, a_manifest_becomes_the_service_that_quadlet_makes_of_it, 0,
                        (int) ELEMENTS(services));
        tcase_add_loop_test(tc, an_odd_name_is_escaped_to_a_valid_one, 0, (int) ELEMENTS(escapes));
        tcase_add_test(tc, an_instance_is_put_into_a_template);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
