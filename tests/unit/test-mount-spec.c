/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/cleanup.h"
#include "nspawn-glue/mount-spec.h"
#include "tests/suite.h"

START_TEST(a_volume_is_read)
{
        AUTO(mount_list_done) MountList mounts = {};
        const MountSpec *spec;

        ck_assert_int_eq(mount_list_add_volume(&mounts, "/srv/a/:/data//:ro,noexec,rslave,norbind,noidmap,Z",
                                         NULL),
                        0);
        spec = &mounts.list[0];
        ck_assert_str_eq(spec->source, "/srv/a");
        ck_assert_str_eq(spec->target, "/data");
        ck_assert_uint_eq(spec->set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC);
        ck_assert_uint_eq(spec->clear, 0);
        ck_assert_uint_eq(spec->propagation, MS_SLAVE);
        ck_assert(spec->shallow && spec->unmapped && !spec->own);
}
END_TEST

START_TEST(a_volume_is_private_recursive_and_mapped_unless_told_otherwise)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_volume(&mounts, "/a:/b", NULL), 0);
        ck_assert_uint_eq(mounts.list[0].set | mounts.list[0].clear, 0);
        ck_assert_uint_eq(mounts.list[0].propagation, MS_PRIVATE);
        ck_assert(!mounts.list[0].shallow && !mounts.list[0].unmapped);
}
END_TEST

START_TEST(a_volume_has_a_name_or_none)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_volume(&mounts,
                                         "data:/a:nocopy,subpath=x/y,O,upperdir=/u,workdir=/w", NULL),
                        0);
        ck_assert_int_eq(mount_list_add_volume(&mounts, "/b", NULL), 0);
        ck_assert_int_eq(mount_list_add_mount(
                                         &mounts, "type=volume,source=data,destination=/c,dev,suid", NULL),
                        0);
        ck_assert_int_eq(mount_list_add_mount(&mounts, "type=volume,destination=/d,ro", NULL), 0);
        ck_assert_int_eq(mounts.list[0].kind, MOUNT_NAMED);
        ck_assert_str_eq(mounts.list[0].source, "data");
        ck_assert_str_eq(mounts.list[0].subpath, "x/y");
        ck_assert_str_eq(mounts.list[0].upper, "/u");
        ck_assert_str_eq(mounts.list[0].work, "/w");
        ck_assert(mounts.list[0].no_copy && mounts.list[0].overlay);
        ck_assert_uint_eq(mounts.list[0].set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        ck_assert_int_eq(mounts.list[1].kind, MOUNT_ANONYMOUS);
        ck_assert_ptr_null(mounts.list[1].source);
        ck_assert_uint_eq(mounts.list[2].set, 0);
        ck_assert_int_eq(mounts.list[3].kind, MOUNT_ANONYMOUS);
}
END_TEST

START_TEST(an_image_is_read_only_unless_told_otherwise)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_mount(&mounts,
                                         "type=image,source=nginx:1,destination=/a,subpath=usr", NULL),
                        0);
        ck_assert_int_eq(
                        mount_list_add_mount(&mounts, "type=image,source=nginx,destination=/b,rw", NULL), 0);
        ck_assert_str_eq(mounts.list[0].source, "nginx:1");
        ck_assert_str_eq(mounts.list[0].subpath, "usr");
        ck_assert_uint_eq(mounts.list[0].set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
        ck_assert_uint_eq(mounts.list[1].set, MOUNT_ATTR_NODEV);
}
END_TEST

START_TEST(a_pattern_becomes_binds)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_mount(&mounts, "type=glob,source=/srv/*.conf,destination=/etc/x,ro",
                                         NULL),
                        0);
        ck_assert_int_eq(mount_list_add_mount(&mounts, "type=glob,source=/srv/b*", NULL), 0);
        ck_assert_uint_eq(mounts.n, 0);
        ck_assert_uint_eq(mounts.n_globs, 2);
        ck_assert_int_eq(mount_list_add_match(&mounts, &mounts.globs[0], "/srv/a.conf", NULL), 0);
        ck_assert_int_eq(mount_list_add_match(&mounts, &mounts.globs[1], "/srv/b", NULL), 0);
        ck_assert_int_eq(mounts.list[0].kind, MOUNT_BIND);
        ck_assert_str_eq(mounts.list[0].source, "/srv/a.conf");
        ck_assert_str_eq(mounts.list[0].target, "/etc/x/a.conf");
        ck_assert_uint_eq(mounts.list[0].set, MOUNT_ATTR_RDONLY);
        ck_assert_str_eq(mounts.list[1].target, "/srv/b");
        ck_assert_int_eq(mount_list_add_match(&mounts, &mounts.globs[1], "/srv/b", NULL), -EINVAL);
}
END_TEST

START_TEST(a_later_option_wins)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_volume(&mounts, "/a:/b:ro,rw", NULL), 0);
        ck_assert_uint_eq(mounts.list[0].set, 0);
        ck_assert_uint_eq(mounts.list[0].clear, MOUNT_ATTR_RDONLY);
}
END_TEST

START_TEST(a_tmpfs_is_safe_and_full_unless_told_otherwise)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_tmpfs(&mounts, "/run", NULL), 0);
        ck_assert_int_eq(
                        mount_list_add_tmpfs(&mounts, "/tmp:exec,size=1.5m,mode=1777,notmpcopyup", NULL), 0);
        ck_assert_uint_eq(mounts.list[0].set, MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        ck_assert(!mounts.list[0].no_copy && mounts.list[1].no_copy);
        ck_assert_uint_eq(mounts.list[1].set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        ck_assert_str_eq(mounts.list[1].options, "size=1572864,mode=1777");
}
END_TEST

START_TEST(the_long_form_says_the_same)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_mount(&mounts, "type=bind,source=/a,destination=/b,ro,U", NULL), 0);
        ck_assert_int_eq(mount_list_add_mount(&mounts, "type=tmpfs,destination=/c,size=50%", NULL), 0);
        ck_assert_int_eq(mounts.list[0].kind, MOUNT_BIND);
        ck_assert_uint_eq(mounts.list[0].set, MOUNT_ATTR_RDONLY);
        ck_assert(mounts.list[0].own);
        ck_assert_int_eq(mounts.list[1].kind, MOUNT_TMPFS);
        ck_assert_str_eq(mounts.list[1].options, "size=50%");
}
END_TEST

START_TEST(parents_come_before_their_children)
{
        static const char *const expected[] = { "/z", "/b", "/a/b", "/a//c", "/a/b/c" };
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_volume(&mounts, "/x:/a/b/c", NULL), 0);
        ck_assert_int_eq(mount_list_add_volume(&mounts, "/x:/a/b", NULL), 0);
        ck_assert_int_eq(mount_list_add_volume(&mounts, "/x:/z", NULL), 0);
        ck_assert_int_eq(mount_list_add_volume(&mounts, "/x:/a//c", NULL), 0);
        ck_assert_int_eq(mount_list_add_volume(&mounts, "/x:/b", NULL), 0);
        mount_list_sort(&mounts);
        for (size_t i = 0; i < ELEMENTS(expected); i++)
                ck_assert_str_eq(mounts.list[i].target, expected[i]);
}
END_TEST

START_TEST(the_manifests_word_counts_more_than_the_images)
{
        AUTO(mount_list_done) MountList mounts = {};

        ck_assert_int_eq(mount_list_add_tmpfs(&mounts, "/data", NULL), 0);
        ck_assert_int_eq(mount_list_add_image_volume(&mounts, "/data/", NULL), 0);
        ck_assert_int_eq(mount_list_add_image_volume(&mounts, "/more", NULL), 0);
        ck_assert_uint_eq(mounts.n, 2);
        ck_assert_int_eq(mounts.list[1].kind, MOUNT_VOLUME);
}
END_TEST

static const struct {
        int (*add)(MountList *mounts, const char *text, Fault *fault);
        const char *text;
        int r;
        const char *why;
} refused[] = {
        { mount_list_add_volume, "data", -EINVAL,
                        "the target 'data' is not absolute, or is the root itself" },
        { mount_list_add_volume, ":/b", -EINVAL, "it is not said what is to be at '/b'" },
        { mount_list_add_volume, "/a:b", -EINVAL, "the target 'b' is not absolute, or is the root itself" },
        { mount_list_add_volume, "/a://", -EINVAL,
                        "the target '//' is not absolute, or is the root itself" },
        { mount_list_add_volume, "/a:/b:size=1", -EINVAL, "no such option of a bind: 'size'" },
        { mount_list_add_volume, "a:/b:size=1", -EINVAL, "no such option of a volume: 'size'" },
        { mount_list_add_volume, "/a:/b:O,upperdir=/c", -EINVAL,
                        "upperdir= and workdir= are given both, or none of them" },
        { mount_list_add_volume, "/a:/b:upperdir=/c,workdir=/d", -EINVAL,
                        "upperdir= is for changes on top, which is 'O'" },
        { mount_list_add_volume, "/a:/b:O,upperdir=c", -EINVAL, "'c' is no absolute path" },
        { mount_list_add_volume, "/a:/b:O,rshared", -EINVAL, "changes on top (O) cannot be shared" },
        { mount_list_add_volume, "/a:/b:subpath=c", -EINVAL, "no such option of a bind: 'subpath'" },
        { mount_list_add_volume, "/a:/taken", -EINVAL, "two mounts on '/taken'" },
        { mount_list_add_volume, "/a:/b:idmap=uids=0-1-1", -EOPNOTSUPP,
                        "not supported: a map of its own for one mount (idmap=uids=0-1-1)" },
        { mount_list_add_tmpfs, "/b:size=much", -EINVAL, "'much' is no size" },
        { mount_list_add_tmpfs, "/b:mode", -EINVAL, "mode= needs a value" },
        { mount_list_add_tmpfs, "/b:idmap", -EINVAL, "no such option of a tmpfs: 'idmap'" },
        { mount_list_add_mount, "source=/a,destination=/b", -EINVAL,
                        "a mount begins with type=bind, volume, tmpfs, image, glob, devpts or ramfs" },
        { mount_list_add_mount, "type=bind,destination=/b", -EINVAL, "a bind has a source=" },
        { mount_list_add_mount, "type=tmpfs,source=/a,destination=/b", -EINVAL, "a tmpfs has no source=" },
        { mount_list_add_mount, "type=devpts,destination=/b,ro", -EINVAL,
                        "no such option of a devpts: 'ro'" },
        { mount_list_add_mount, "type=image,source=,destination=/b", -EINVAL,
                        "it is not said what is to be at '/b'" },
};

START_TEST(what_is_no_mount_is_refused_and_leaves_nothing)
{
        AUTO(mount_list_done) MountList mounts = {};
        Fault fault = {};

        ck_assert_int_eq(mount_list_add_tmpfs(&mounts, "/taken", NULL), 0);
        ck_assert_int_eq(refused[_i].add(&mounts, refused[_i].text, &fault), refused[_i].r);
        ck_assert_str_eq(fault.text, refused[_i].why);
        ck_assert_uint_eq(mounts.n, 1);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("mount-spec");
        TCase *tc = tcase_create("mount-spec");

        tcase_add_test(tc, a_volume_is_read);
        tcase_add_test(tc, a_volume_is_private_recursive_and_mapped_unless_told_otherwise);
        tcase_add_test(tc, a_volume_has_a_name_or_none);
        tcase_add_test(tc, an_image_is_read_only_unless_told_otherwise);
        tcase_add_test(tc, a_pattern_becomes_binds);
        tcase_add_test(tc, a_later_option_wins);
        tcase_add_test(tc, a_tmpfs_is_safe_and_full_unless_told_otherwise);
        tcase_add_test(tc, the_long_form_says_the_same);
        tcase_add_test(tc, parents_come_before_their_children);
        tcase_add_test(tc, the_manifests_word_counts_more_than_the_images);
        tcase_add_loop_test(tc, what_is_no_mount_is_refused_and_leaves_nothing, 0, ELEMENTS(refused));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
