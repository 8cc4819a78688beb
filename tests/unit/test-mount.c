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
        { mount_parse, "destination=/b", "type=volume,destination=/b", NULL },
        { mount_parse, "source=a,destination=/b,volume-subpath=c,readwrite",
                        "type=volume,source=a,destination=/b,subpath=c,rw", NULL },
        { mount_parse, "type=glob,source=/a*,destination=/b", "type=glob,source=/a*,destination=/b", NULL },
        { mount_parse, "type=glob,source=/a*,ro", "type=glob,source=/a*,ro", NULL },
        { mount_parse, "type=devpts,destination=/b,gid=5,mode=620",
                        "type=devpts,destination=/b,gid=5,mode=620", NULL },
        { mount_parse, "type=ramfs,destination=/b,U,notmpcopyup", "type=ramfs,destination=/b,U,notmpcopyup",
                        NULL },
        { mount_parse, "type=image,source=docker://nginx,destination=/b,rw=true,subpath=/usr",
                        "type=image,source=nginx,destination=/b,rw,subpath=/usr", NULL },
        { mount_parse, "type=image,source=nginx,destination=/b,rw=false",
                        "type=image,source=nginx,destination=/b,ro", NULL },
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
        { mount_parse, "type=artifact,src=a,dst=/b",
                        "not supported, an artifact is no file system, and the store keeps images; have its "
                        "files "
                        "in a directory or in an image",
                        NULL },
        { mount_parse, "type=image,dst=/b", "there is no source=, which is an image", NULL },
        { mount_parse, "type=ramfs,dst=/b,size=1m",
                        "not supported, a ramfs grows as long as there is memory; a tmpfs has a size",
                        NULL },
        { mount_parse, "type=devpts,dst=/b,ro", "there is no option 'ro' for it", NULL },
        { mount_parse, "type=devpts,src=x,dst=/b", "a devpts has no source=", NULL },
        { mount_parse, "type=image,src=nginx,dst=/b,subpath=..",
                        "'..' is not a path below the root of what is mounted, without '..'", NULL },
        { mount_parse, "type=volume,src=a/b,dst=/c",
                        "'a/b' is not a name: 1 to 200 of a-z, A-Z, 0-9, '_', '.' and '-', the first a "
                        "letter or "
                        "digit",
                        NULL },
        { mount_parse, "type=tmpfs,dst=/", "nothing can be mounted over the container's root", NULL },
        { mount_parse, "type=",
                        "'' is not a type of mount: bind, volume, tmpfs, image, glob, devpts or ramfs",
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
