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
        { mount_list_add_volume, "data:/b", -EINVAL, "the source 'data' is not absolute" },
        { mount_list_add_volume, "/a", -EINVAL, "the target '' is not absolute, or is the root itself" },
        { mount_list_add_volume, "/a:b", -EINVAL, "the target 'b' is not absolute, or is the root itself" },
        { mount_list_add_volume, "/a://", -EINVAL,
                        "the target '//' is not absolute, or is the root itself" },
        { mount_list_add_volume, "/a:/b:size=1", -EINVAL, "no such option of a bind: 'size'" },
        { mount_list_add_volume, "/a:/b:O", -EINVAL, "no such option of a bind: 'O'" },
        { mount_list_add_volume, "/a:/taken", -EINVAL, "two mounts on '/taken'" },
        { mount_list_add_volume, "/a:/b:rshared", -EOPNOTSUPP,
                        "not supported yet: mounts that the container makes and the host sees (shared)" },
        { mount_list_add_volume, "/a:/b:idmap=uids=0-1-1", -EOPNOTSUPP,
                        "not supported: a map of its own for one mount (idmap=uids=0-1-1)" },
        { mount_list_add_tmpfs, "/b:size=much", -EINVAL, "'much' is no size" },
        { mount_list_add_tmpfs, "/b:mode", -EINVAL, "mode= needs a value" },
        { mount_list_add_tmpfs, "/b:idmap", -EINVAL, "no such option of a tmpfs: 'idmap'" },
        { mount_list_add_mount, "source=/a,destination=/b", -EINVAL,
                        "a mount begins with type=bind or type=tmpfs" },
        { mount_list_add_mount, "type=bind,destination=/b", -EINVAL,
                        "a bind has a source=, a tmpfs has none" },
        { mount_list_add_mount, "type=tmpfs,source=/a,destination=/b", -EINVAL,
                        "a bind has a source=, a tmpfs has none" },
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
        tcase_add_test(tc, a_later_option_wins);
        tcase_add_test(tc, a_tmpfs_is_safe_and_full_unless_told_otherwise);
        tcase_add_test(tc, the_long_form_says_the_same);
        tcase_add_test(tc, parents_come_before_their_children);
        tcase_add_test(tc, the_manifests_word_counts_more_than_the_images);
        tcase_add_loop_test(tc, what_is_no_mount_is_refused_and_leaves_nothing, 0, ELEMENTS(refused));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
