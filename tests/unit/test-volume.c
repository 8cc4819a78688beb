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
        { volume_parse, "a:/b", "a:/b", NULL },
        { volume_parse, "/b", "/b", NULL },
        { volume_parse, "a.volume:/b:Z", "a.volume:/b:Z", NULL },
        { volume_parse, "a:/b:nocopy,subpath=c/d", "a:/b:nocopy,subpath=c/d", NULL },
        { volume_parse, "%i:/b:copy", "%i:/b:copy", NULL },
        { volume_parse, "/a:/b:O", "/a:/b:O", NULL },
        { volume_parse, "/a:/b:O,upperdir=/u,workdir=/w", "/a:/b:O,upperdir=/u,workdir=/w", NULL },
        { volume_parse, "/a:/b:rshared", "/a:/b:rshared", NULL },
        { volume_parse_name, "a.b_c-d", "a.b_c-d", NULL },
        { volume_parse_name, "systemd-%i", "systemd-%i", NULL },
        { volume_parse_driver, "image", "image", NULL },
        { volume_parse_type, "fuse.sshfs", "fuse.sshfs", NULL },
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
        { volume_parse, "/a:/b:copy",
                        "not supported, a directory of the host is shown as it is; only a volume begins "
                        "with what "
                        "the image has there",
                        NULL },
        { volume_parse, "/a:/b:O,upperdir=/u", "upperdir= and workdir= are given both, or none of them",
                        NULL },
        { volume_parse, "/a:/b:upperdir=/u,workdir=/w",
                        "upperdir= and workdir= are for changes on top of a volume, which is 'O'", NULL },
        { volume_parse, "/a:/b:O,upperdir=u,workdir=/w", "'u' is not an absolute path", NULL },
        { volume_parse, "/a:/b:O,shared", "options 'O' and 'shared' contradict each other", NULL },
        { volume_parse, "/a:/b:subpath=c", "there is no option 'subpath' for it", NULL },
        { volume_parse, "a:/b:subpath=c/../..",
                        "'c/../..' is not a path below the root of what is mounted, without '..'", NULL },
        { volume_parse_name, "../etc",
                        "'../etc' is not a name: 1 to 200 of a-z, A-Z, 0-9, '_', '.' and '-', the first a "
                        "letter or "
                        "digit",
                        NULL },
        { volume_parse_driver, "rclone",
                        "not supported, 'rclone' would be a plugin, a daemon that speaks podman's protocol; "
                        "there "
                        "are local, with Type=, Device= and Options= as mount(8) has them, and image",
                        NULL },
        { volume_parse_type, "a b", "'a b' is not a type of file system, as ext4, nfs or tmpfs", NULL },
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
