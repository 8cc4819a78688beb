/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/check.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

START_TEST(mounts_of_ours_are_told_from_those_of_the_administrator)
{
        static const char text[] =
                        "1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
                        "2 1 8:2 / /var/lib/slipway rw - ext4 /dev/sdb1 rw\n"
                        "3 2 8:3 / /var/lib/slipway/volumes rw - xfs /dev/sdc1 rw\n"
                        "4 1 0:9 / /run/slipway/workspace rw,nosuid shared:7 master:1 - tmpfs slipway rw\n"
                        "5 1 0:9 / /run/slipway/manifests rw - tmpfs tmpfs rw\n"
                        "6 2 0:7 / /var/lib/slipway/containers/web/upper rw - overlay x rw\n"
                        "no mount at all\n";
        AUTO(findings_done) Findings findings = {};
        autofree char *copy = strdup(text);

        ck_assert_int_eq(state_check_mounts(copy, &findings), 0);
        ck_assert_uint_eq(findings.n, 2);
        ck_assert_str_eq(findings.items[0].subject, "/run/slipway/workspace");
        ck_assert_str_eq(findings.items[1].subject, "/var/lib/slipway/containers/web/upper");
}
END_TEST

START_TEST(a_lease_is_a_link_from_a_base_to_a_name_that_has_only_one)
{
        static const struct {
                const char *file, *text, *finding; /* NULL for a good one */
        } leases[] = {
                { "524288", "web", NULL },
                { "786432", "pod:web", NULL },
                { "851968", "pod:../web", "lease-strange" },
                { "917504", "pot:web", "lease-strange" },
                { "589824", "twin", "lease-twice" },
                { "655360", "twin", "lease-twice" },
                { "720896", "../../etc", "lease-strange" },
                { "524289", "odd", "lease-strange" },
                { "65536", "low", "lease-strange" },
                { "0x80000", "hex", "lease-strange" },
                { "name", "name", "lease-strange" },
        };
        char top[] = "/tmp/test-check-XXXXXX";
        AUTO(findings_done) Findings findings = {};
        size_t n = 0;
        int fd;

        ck_assert_ptr_nonnull(mkdtemp(top));
        fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (size_t i = 0; i < ELEMENTS(leases); i++) {
                ck_assert_int_eq(symlinkat(leases[i].text, fd, leases[i].file), 0);
                n += leases[i].finding != NULL;
        }
        ck_assert_int_eq(state_check_leases(fd, &findings), 0);
        remove_scratch(top);
        (void) close(fd);

        ck_assert_uint_eq(findings.n, n);
        for (size_t i = 0; i < findings.n; i++) {
                const char *file = strrchr(findings.items[i].subject, '/') + 1, *expected = NULL;

                for (size_t k = 0; k < ELEMENTS(leases); k++)
                        if (strcmp(leases[k].file, file) == 0)
                                expected = leases[k].finding;
                ck_assert_pstr_eq(findings.items[i].kind->name, expected);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("state-check");
        TCase *tc = tcase_create("state-check");

        tcase_add_test(tc, mounts_of_ours_are_told_from_those_of_the_administrator);
        tcase_add_test(tc, a_lease_is_a_link_from_a_base_to_a_name_that_has_only_one);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
