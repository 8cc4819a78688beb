/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/mount.h"
#include "tests/unit/test-values.h"

static const ValueCase good[] = {
        { mount_parse, "type=bind,source=/a,destination=/b", "type=bind,source=/a,destination=/b", NULL },
        { mount_parse, "dst=/b,src=/a,type=bind", "type=bind,source=/a,destination=/b", NULL },
        { mount_parse, "type=bind,src=./a,target=/b,ro",
                        "type=bind,source=/etc/slip%%way/a,destination=/b,ro", NULL },
        { mount_parse, "type=bind,src=/a,dst=/b,readonly=false", "type=bind,source=/a,destination=/b,rw",
                        NULL },
        { mount_parse, "type=bind,src=/a,dst=/b,U=false", "type=bind,source=/a,destination=/b", NULL },
        { mount_parse, "type=bind,src=/a,dst=/b,relabel=shared,bind-propagation=rslave,chown",
                        "type=bind,source=/a,destination=/b,z,rslave,U", NULL },
        { mount_parse, "type=tmpfs,dst=/b,tmpfs-size=10%,tmpfs-mode=0755",
                        "type=tmpfs,destination=/b,size=10%,mode=0755", NULL },
        { mount_parse, "type=bind,\"source=/a \"\"b\"\"\",dst=/b",
                        "type=bind,source=/a \"b\",destination=/b", NULL },
        { mount_parse, "destination=/b", "destination=/b",
                        "a volume that Slipway keeps; name a directory of the host, as /srv/data" },
        { mount_parse, "type=glob,source=/a*,destination=/b", "type=glob,source=/a*,destination=/b",
                        "a pattern of paths" },
        { mount_parse, "type=devpts,destination=/b", "type=devpts,destination=/b", "another devpts" },
        { mount_parse, "type=bind,src=%h/a,dst=/b", "type=bind,source=%h/a,destination=/b", NULL },
};

START_TEST(a_good_value_is_normalised)
{ check_good(&good[_i]); }
END_TEST

static const ValueCase bad[] = {
        { mount_parse, "type=bind,src=a,dst=/b",
                        "'a' is not a path to bind: absolute, or beginning with '.'", NULL },
        { mount_parse, "type=bind,src=/a,dst=b", "'b' is not an absolute path in the container", NULL },
        { mount_parse, "type=tmpfs,src=/a,dst=/b", "a tmpfs has no source=", NULL },
        { mount_parse, "type=bind,\"src=/a,b\",dst=/b",
                        "'src=/a,b' has a comma in it; use Volume= for such a path", NULL },
        { mount_parse, "type=bind,\"src=/a", "a quoted field does not end where its quotes do", NULL },
        { mount_parse, "type=bind,src=/a,dst=/b,ro=perhaps", "ro 'perhaps' is neither true nor false",
                        NULL },
        { mount_parse, "type=bind,src=/a,dst=/b,relabel=both", "relabel is either shared or private", NULL },
        { mount_parse, "type=bind,src=/a,dst=/b,size=1m", "there is no option 'size' for it", NULL },
        { mount_parse, "type=tmpfs,dst=/", "nothing can be mounted over the container's root", NULL },
        { mount_parse, "type=",
                        "'' is not a type of mount: bind, tmpfs, volume, image, artifact, glob, devpts or "
                        "ramfs",
                        NULL },
};

START_TEST(a_wrong_value_is_told_what_would_be_right)
{ check_bad(&bad[_i]); }
END_TEST

int main(void) {
        Suite *suite = suite_create("mount");
        TCase *tc = tcase_create("mount");

        tcase_add_loop_test(tc, a_good_value_is_normalised, 0, ELEMENTS(good));
        tcase_add_loop_test(tc, a_wrong_value_is_told_what_would_be_right, 0, ELEMENTS(bad));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
