/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/capability.h"
#include "generator/values/health.h"
#include "generator/values/rootfs.h"
#include "generator/values/security.h"
#include "generator/values/signal.h"
#include "generator/values/size.h"
#include "generator/values/word.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { word_parse_user, "a", "a", NULL },
        { word_parse_user, "1:2", "1:2", NULL },
        { word_parse_user, "%i", "%i", NULL },
        { word_parse_timezone, "Etc/GMT+1", "Etc/GMT+1", NULL },
        { word_parse_notify, "TRUE", "yes", NULL },
        { word_parse_notify, "Healthy", "healthy", NULL },
        { word_parse_notify, "0", "no", NULL },
        { word_parse_service, "a@b", "a@b", NULL },
        { seccomp_parse, "./a.json", "/etc/slip%%way/a.json", NULL },
        { seccomp_parse, "%h/a", "%h/a", NULL },
        { mask_parse, "/a:/b", "/a:/b", NULL },
        { unmask_parse, "all", "ALL", NULL },
        { signal_parse, "sigterm", "TERM", NULL },
        { signal_parse, "34", "RTMIN+0", NULL },
        { rootfs_parse, "/a:O:idmap", "/a:O", NULL },
        { rootfs_parse, "./a", "/etc/slip%%way/a", NULL },
        { size_parse_bytes, "1k", "1024", NULL },
        { size_parse_bytes, "0", "0", NULL },
        { health_parse_command, "[\"NONE\"]", "none", NULL },
        { health_parse_command, "a b", "a b", NULL },
        { health_parse_command, "[ -e /a ]", "[ -e /a ]", NULL },
        { capability_parse, "CAP_BPF", "bpf", NULL },
        { capability_parse, "%i", "%i", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { word_parse_user, ":a", "':a' is not a user: a name or number, maybe with ':' and a group", NULL },
        { word_parse_user, "a:", "'a:' is not a user: a name or number, maybe with ':' and a group", NULL },
        { word_parse_user, "-a", "'-a' is not a user: a name or number, maybe with ':' and a group", NULL },
        { word_parse_user, "a:b:c", "'a:b:c' is not a user: a name or number, maybe with ':' and a group",
                        NULL },
        { word_parse_timezone, "/etc/localtime",
                        "'/etc/localtime' is not a time zone: local, or a name as Europe/Berlin", NULL },
        { word_parse_service, "a/b", "'a/b' is not the name of a unit without '.service'", NULL },
        { mask_parse, "/a:", "'' is not an absolute path in the container", NULL },
        { rootfs_parse, "/a:idmap=uids=0-1-2",
                        "not supported, systemd-nspawn maps one range of ids only, without holes", NULL },
        { size_parse_bytes, "-1", "'-1' is not a size: a number of bytes, or with b, k, m, g or t", NULL },
        { health_parse_command, "[]", "there is no command in the array", NULL },
        { health_parse_command, "CMD-SHELL", "there is no command behind 'CMD-SHELL'", NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("word");
        TCase *tc = tcase_create("word");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
