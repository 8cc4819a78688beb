/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/userns.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { userns_parse, "auto", "auto", NULL },
        { userns_parse, "auto:size=65536", "auto:size=65536", NULL },
        { userns_parse, "host", "host", NULL },
        { userns_parse, "keep-id", "keep-id", NULL },
        { userns_parse, "keep-id:uid=1,gid=2", "keep-id:uid=1,gid=2", NULL },
        { userns_parse, "keep-id:uid=%U", "keep-id:uid=%U", NULL },
        { userns_parse, "${NS}", "${NS}", NULL },
        { userns_parse, "private", "auto", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { userns_parse, "auto:size=0", "'0' is not a number of ids", NULL },
        { userns_parse, "auto:size=65537", "not supported, a container has at most 65536 ids" },
        { userns_parse, "auto:size", "'' is not a number of ids", NULL },
        { userns_parse, "auto:uid=1", "there is no option 'uid' for 'auto'", NULL },
        { userns_parse, "auto:uidmapping=0:1:2",
                        "not supported, systemd-nspawn maps one range of ids only, without holes", NULL },
        { userns_parse, "keep-id:uid=root", "'root' is not a user or group id", NULL },
        { userns_parse, "keep-id:size=5", "not supported, how many ids keep-id maps cannot be chosen",
                        NULL },
        { userns_parse, "host:x", "there is no option 'x' for 'host'", NULL },
        { userns_parse, "", "'' is not a user namespace: auto[:size=N], host, or keep-id[:uid=U,gid=G]",
                        NULL },
        { userns_parse, "container:db",
                        "not supported, systemd-nspawn makes a new user namespace and cannot join one",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("userns");
        TCase *tc = tcase_create("userns");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
