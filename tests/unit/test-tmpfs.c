/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/tmpfs.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { tmpfs_parse, "/a", "/a", NULL },
        { tmpfs_parse, "/a:", "/a:", NULL },
        { tmpfs_parse, "/a:rw,size=1g,mode=01777,uid=0,gid=5,nr_inodes=1k,noatime",
                        "/a:rw,size=1g,mode=01777,uid=0,gid=5,nr_inodes=1k,noatime", NULL },
        { tmpfs_parse, "/a:size=50%", "/a:size=50%", NULL },
        { tmpfs_parse, "%t/x:nonsense", "%t/x:nonsense", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { tmpfs_parse, "a:/b", "'a:/b' is not an absolute path with options behind a ':'", NULL },
        { tmpfs_parse, "/a:size", "option 'size' needs a value", NULL },
        { tmpfs_parse, "/a:mode=99", "'99' is not a mode in octal digits", NULL },
        { tmpfs_parse, "/a:uid=x", "'x' is not a number", NULL },
        { tmpfs_parse, "/a:size=%", "'%' is not a size: a number with b, k, m, g or t, or percent", NULL },
        { tmpfs_parse, "/a:exec,noexec", "options 'exec' and 'noexec' contradict each other", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("tmpfs");
        TCase *tc = tcase_create("tmpfs");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
