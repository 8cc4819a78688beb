/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/volume.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { volume_parse, "/a:/b", "/a:/b", NULL },
        { volume_parse, "/a:/b:", "/a:/b:", NULL },
        { volume_parse, "/a:/b:ro,rslave,noexec", "/a:/b:ro,rslave,noexec", NULL },
        { volume_parse, "./a:/b:Z", "/etc/slip%%way/a:/b:Z", NULL },
        { volume_parse, ".:/b", "/etc/slip%%way:/b", NULL },
        { volume_parse, "%h/a:/b", "%h/a:/b", NULL },
        { volume_parse, "${A}:/b:${O}", "${A}:/b:${O}", NULL },
        { volume_parse, "/a:%h/b", "/a:%h/b", NULL },
        { volume_parse, "/a:/b:ro,${X}", "/a:/b:ro,${X}", NULL },
        { volume_parse, "a:/b", "a:/b",
                        "a volume that Slipway keeps; name a directory of the host, as /srv/data" },
        { volume_parse, "/b", "/b", "an anonymous volume; Tmpfs= is one in memory" },
        { volume_parse, "a.volume:/b:Z", "a.volume:/b:Z",
                        "a volume that Slipway keeps; name a directory of the host, as /srv/data" },
        { volume_parse, "/a:/b:O", "/a:/b:O", "changes on top of a volume (O)" },
        { volume_parse, "/a:/b:O,upperdir=/u,workdir=/w", "/a:/b:O,upperdir=/u,workdir=/w",
                        "changes on top of a volume (O)" },
        { volume_parse, "/a:/b:idmap", "/a:/b:idmap", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { volume_parse, "", "'' is not an absolute path in the container", NULL },
        { volume_parse, ":/b", "there is no source before the ':'", NULL },
        { volume_parse, "/a:", "'' is not an absolute path in the container", NULL },
        { volume_parse, "/a://", "nothing can be mounted over the container's root", NULL },
        { volume_parse, "a b:/c",
                        "'a b' is not a source: an absolute path, one that begins with '.', or the name of "
                        "a volume",
                        NULL },
        { volume_parse, "/a:/b:ro:z", "there is no option 'ro:z' for it", NULL },
        { volume_parse, "/a:/b:z,Z", "options 'z' and 'Z' contradict each other", NULL },
        { volume_parse, "/a:/b:ro=1", "option 'ro' takes no value", NULL },
        { volume_parse, "/a:/b:shared,private", "options 'shared' and 'private' contradict each other",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("volume");
        TCase *tc = tcase_create("volume");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
