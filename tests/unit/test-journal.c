/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/journal.h"
#include "tests/suite.h"

#define USUAL "22 1 0:20 / /proc rw - proc proc rw\n25 1 0:23 / /run rw shared:5 - tmpfs tmpfs rw,mode=755\n"
#define BOUND(name) "99 25 0:23 /systemd/journal" name " /run/systemd/journal rw,nosuid - tmpfs tmpfs rw\n"

static const struct {
        const char *mountinfo, *name;
} mounts[] = {
        { "", "" },
        { USUAL, "" },
        { USUAL BOUND(".boxed"), "boxed" },
        { USUAL BOUND(".a") BOUND(".b") "5 1 0:1 / / rw - x x rw\n", "b" },
        { USUAL BOUND(".a") BOUND(""), "" },
        { USUAL BOUND(".a/../b"), "" },
        { USUAL BOUND(".."), "" },
        { "99 25 0:23 /systemd/journal.boxed /srv/run/systemd/journal rw - tmpfs tmpfs rw\n", "" },
        { "1 2 3\n\n4", "" },
        { "99 25 0:23 /systemd/journal.boxed /run/systemd/journal", "boxed" },
};

START_TEST(a_namespace_is_found_by_what_is_mounted)
{
        autofree char *text = strdup(mounts[_i].mountinfo);
        char name[JOURNAL_NAMESPACE_MAX];

        journal_find_namespace(text, name);
        ck_assert_str_eq(name, mounts[_i].name);
}
END_TEST

START_TEST(each_has_a_socket)
{
        char path[64 + JOURNAL_NAMESPACE_MAX];

        ck_assert_int_eq(journal_socket("", path, sizeof(path)), 0);
        ck_assert_str_eq(path, "/run/systemd/journal/socket");
        ck_assert_int_eq(journal_socket("boxed", path, sizeof(path)), 0);
        ck_assert_str_eq(path, "/run/systemd/journal.boxed/socket");
        ck_assert_int_eq(journal_socket("../boxed", path, sizeof(path)), -EINVAL);
        ck_assert_int_eq(journal_socket("a/b", path, sizeof(path)), -EINVAL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("journal");
        TCase *tc = tcase_create("journal");

        tcase_add_loop_test(tc, a_namespace_is_found_by_what_is_mounted, 0, ELEMENTS(mounts));
        tcase_add_test(tc, each_has_a_socket);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
