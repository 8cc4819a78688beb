/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/capability.h"
#include "lib/cleanup.h"
#include "nspawn-glue/capset.h"
#include "tests/suite.h"

#define WORDS(...) \
        { __VA_ARGS__, NULL, }

static const struct {
        const char *add[4], *drop[4];
        uint64_t bounding, ambient;
} known[] = {
        { { NULL }, { NULL }, 0x800405fb, 0 },
        { WORDS("NET_ADMIN"), { NULL }, 0x800415fb, 0x1000 },
        { WORDS("cap_net_admin", "chown"), WORDS("kill"), 0x800415db, 0x1001 },
        { { NULL }, WORDS("all"), 0, 0 },
        { WORDS("net_raw"), WORDS("ALL"), 0x2000, 0x2000 },
        { WORDS("all"), { NULL }, 0x1ffffffffff, 0x1ffffffffff },
        { WORDS("all"), WORDS("sys_admin"), 0x1ffffdfffff, 0x1ffffdfffff },
};

START_TEST(sets_are_made_by_podmans_rules)
{
        uint64_t bounding, ambient;

        ck_assert_int_eq(capset_make((char *const *) known[_i].add, (char *const *) known[_i].drop,
                                         &bounding, &ambient, NULL),
                        0);
        ck_assert_uint_eq(bounding, known[_i].bounding);
        ck_assert_uint_eq(ambient, known[_i].ambient);
}
END_TEST

static const struct {
        const char *add[4], *drop[4], *text;
} refused[] = {
        { WORDS("net_amdin"), { NULL }, "no such capability: 'net_amdin'" },
        { { NULL }, WORDS(""), "no such capability: ''" },
        { WORDS("kill"), WORDS("CAP_KILL"), "capability 'kill' is added and dropped at once" },
        { WORDS("all"), WORDS("all"), "all capabilities are added and dropped at once" },
};

START_TEST(contradictions_are_refused)
{
        uint64_t bounding, ambient;
        Fault fault = {};

        ck_assert_int_eq(capset_make((char *const *) refused[_i].add, (char *const *) refused[_i].drop,
                                         &bounding, &ambient, &fault),
                        -EINVAL);
        ck_assert_str_eq(fault.text, refused[_i].text);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("capset");
        TCase *tc = tcase_create("capset");

        tcase_add_loop_test(tc, sets_are_made_by_podmans_rules, 0, ELEMENTS(known));
        tcase_add_loop_test(tc, contradictions_are_refused, 0, ELEMENTS(refused));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
