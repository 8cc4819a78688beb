/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/env.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { env_parse_file, "/etc/a", "/etc/a", NULL },
        { env_parse_file, "-/etc/a", "-/etc/a", NULL },
        { env_parse_file, "-%h/a", "-%h/a", NULL },
        { env_parse, "A=", "A=", NULL },
        { env_parse, "A=b=c", "A=b=c", NULL },
        { env_parse, "A", "A", NULL },
        { env_parse, "A*", "A*", NULL },
        { env_parse, "*", "*", NULL },
        { env_parse, "a.b-c=1", "a.b-c=1", NULL },
        { label_parse, "a", "a=", NULL },
        { label_parse, "a=b", "a=b", NULL },
        { label_parse, "${X}=b", "${X}=b", NULL },
        { sysctl_parse, "net.ipv4.ip_forward=1", "net.ipv4.ip_forward=1", NULL },
        { sysctl_parse, "fs.mqueue.msg_max=1", "fs.mqueue.msg_max=1", NULL },
        { sysctl_parse, "kernel.sem=1 2 3 4", "kernel.sem=1 2 3 4", NULL },
        { sysctl_parse, "net.%i=1", "net.%i=1", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { env_parse, "",
                        "'' is not a variable: NAME=VALUE, or NAME or NAME* to import from the unit's "
                        "environment",
                        NULL },
        { env_parse, "A B=1",
                        "'A B=1' is not a variable: NAME=VALUE, or NAME or NAME* to import from the unit's "
                        "environment",
                        NULL },
        { label_parse, "", "'' is not a label: NAME=VALUE", NULL },
        { sysctl_parse, "=1", "'=1' is not a kernel setting: KEY=VALUE", NULL },
        { sysctl_parse, "net../x=1",
                        "'net../x=1' is not a kernel setting: KEY=VALUE, as net.core.somaxconn=1024", NULL },
        { sysctl_parse, "net=1",
                        "not supported, 'net' is not a container's own but the whole machine's; see "
                        "sysctl.d(5)",
                        NULL },
        { sysctl_parse, "kernel.pid_max=1",
                        "not supported, 'kernel.pid_max' is not a container's own but the whole machine's; "
                        "see sysctl.d(5)",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("env");
        TCase *tc = tcase_create("env");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
