/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/xattr.h>

#include "nspawn-glue/copy-attributes.h"
#include "nspawn-glue/volume/copy-up.h"
#include "tests/suite.h"
#include "tests/unit/tree.h"

/* What this user can give to somebody. */
static VolumeConfig own_config(void) {
        VolumeConfig config = VOLUME_CONFIG_DEFAULT;

        config.uid = geteuid();
        config.gid = getegid();
        return config;
}

static CopyOwners own_owners(void) {
        return (CopyOwners){ .base = 0, .count = UINT32_MAX, .attributes = true };
}

static int open_all(void) {
        int fd;

        ck_assert_int_eq(volume_open_all(tree_path("volumes"), true, &fd), 0);
        return fd;
}

static Volume make(int all, const char *name, VolumeLock lock) {
        const VolumeConfig config = own_config();
        Volume volume = VOLUME_CLOSED;
        int r = volume_create(all, name, &config, NULL);

        ck_assert(r == 0 || r == -EEXIST);
        ck_assert_int_eq(volume_open(all, name, lock, &volume, NULL), 0);
        return volume;
}

START_TEST(a_name_is_short_and_plain)
{
        char name[VOLUME_NAME_MAX + 2];

        memset(name, 'a', sizeof(name));
        name[VOLUME_NAME_MAX + 1] = '\0';
        ck_assert(!volume_name_is_valid(name));
        name[VOLUME_NAME_MAX] = '\0';
        ck_assert(volume_name_is_valid(name));
        ck_assert(volume_name_is_valid("a.b_c-1"));
        ck_assert(!volume_name_is_valid(""));
        ck_assert(!volume_name_is_valid("."));
        ck_assert(!volume_name_is_valid(".draft-1"));
        ck_assert(!volume_name_is_valid("-a"));
        ck_assert(!volume_name_is_valid("a/b"));
        ck_assert(!volume_name_is_valid("a\nb"));
        ck_assert(!volume_name_is_valid("\xc3\xa4"));
}
END_TEST

START_TEST(what_a_volume_is_survives_being_written)
{
        char *labels[] = { (char *) "a=b=c", (char *) "d=", NULL };
        VolumeConfig config = own_config();
        AUTO(volume_close) Volume volume = VOLUME_CLOSED;
        autofd int all = open_all();

        config.type = (char *) "ext4";
        config.device = (char *) "/dev/x";
        config.options = (char *) "ro,a=\"b\"";
        config.unit = (char *) "x-volume.service";
        config.no_copy = true;
        config.size = 1ULL << 40;
        config.labels = labels;
        ck_assert_int_eq(volume_create(all, "one", &config, NULL), 0);
        ck_assert_int_eq(volume_create(all, "one", &config, NULL), -EEXIST);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_SHARED, &volume, NULL), 0);
        ck_assert_str_eq(volume.config.type, "ext4");
        ck_assert_str_eq(volume.config.device, "/dev/x");
        ck_assert_str_eq(volume.config.options, "ro,a=\"b\"");
        ck_assert_str_eq(volume.config.unit, "x-volume.service");
        ck_assert_ptr_null(volume.config.image);
        ck_assert(volume.config.no_copy);
        ck_assert_uint_eq(volume.config.size, 1ULL << 40);
        ck_assert_uint_eq(volume.config.uid, geteuid());
        ck_assert_str_eq(volume.config.labels[0], "a=b=c");
        ck_assert_str_eq(volume.config.labels[1], "d=");
        ck_assert_int_eq(volume.state, VOLUME_FRESH);
        volume.state = VOLUME_READY;
        volume.config.uid = VOLUME_NOBODY;
        volume.project = 7;
        ck_assert_int_eq(volume_save(&volume, NULL), 0);
        volume.state = VOLUME_FRESH;
        ck_assert_int_eq(volume_reload(&volume, NULL), 0);
        ck_assert_int_eq(volume.state, VOLUME_READY);
        ck_assert_uint_eq(volume.config.uid, VOLUME_NOBODY);
        ck_assert_uint_eq(volume.project, 7);
}
END_TEST

static const char *const wrong[] = {
        "",
        "[]",
        "{",
        "{}",
        "{\"state\": \"new\"}",
        "{\"state\": 1}",
        "{\"state\": \"fresh\", \"uid\": 4294967295}",
        "{\"state\": \"fresh\", \"size\": -1}",
        "{\"state\": \"fresh\", \"labels\": [\"a\"]}",
        "{\"state\": \"fresh\", \"device\": 5}",
};

START_TEST(a_document_that_is_none_is_refused)
{
        AUTO(volume_close) Volume volume = VOLUME_CLOSED;
        char *text = strdup(wrong[_i]);
        Fault fault = {};

        ck_assert_int_lt(volume_document_parse(text, strlen(text), &volume, &fault), 0);
        ck_assert(fault_is_raised(&fault));
        free(text);
}
END_TEST

START_TEST(who_uses_it_keeps_it)
{
        autofd int all = open_all();
        Volume one = make(all, "one", VOLUME_SHARED), two = make(all, "one", VOLUME_SHARED),
               alone = VOLUME_CLOSED, seen = VOLUME_CLOSED;

        ck_assert_int_eq(volume_open(all, "one", VOLUME_ALONE, &alone, NULL), -EBUSY);
        volume_close(&one);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_ALONE, &alone, NULL), -EBUSY);
        volume_close(&two);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_UNLOCKED, &seen, NULL), 0);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_ALONE, &alone, NULL), 0);
        volume_close(&seen);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_SHARED, &seen, NULL), -EBUSY);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_UNLOCKED, &seen, NULL), 0);
        volume_close(&seen);
        ck_assert_int_eq(volume_remove(all, &alone, NULL), 0);
        volume_close(&alone);
        ck_assert_int_eq(volume_open(all, "one", VOLUME_SHARED, &one, NULL), -ENOENT);
}
END_TEST

START_TEST(what_the_dead_have_left_is_removed_and_what_the_living_make_is_not)
{
        autofd int all = open_all(), held = -1;
        char **names = NULL;

        tree_directory("volumes/.draft-1-0");
        tree_directory("volumes/.draft-gone-2-0");
        tree_directory("volumes/.draft-3-0");
        tree_directory("volumes/.other");
        held = open(tree_path("volumes/.draft-3-0"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(flock(held, LOCK_SH), 0);
        volume_sweep(all);
        ck_assert_int_lt(access(tree_path("volumes/.draft-1-0"), F_OK), 0);
        ck_assert_int_lt(access(tree_path("volumes/.draft-gone-2-0"), F_OK), 0);
        ck_assert_int_eq(access(tree_path("volumes/.draft-3-0"), F_OK), 0);
        ck_assert_int_eq(access(tree_path("volumes/.other"), F_OK), 0);
        ck_assert_int_eq(volume_list(all, &names), 0);
        ck_assert_ptr_null(names);
}
END_TEST

/* A tree of an image, as a descriptor. */
static int make_root(void) {
        tree_directory("root");
        tree_directory("root/var");
        tree_directory("root/var/data");
        tree_directory("root/var/data/below");
        tree_file("root/var/data/file", "content");
        tree_file("root/var/data/below/more", "more");
        ck_assert_int_eq(symlink("/etc/passwd", tree_path("root/var/data/link")), 0);
        ck_assert_int_eq(symlink("/var/data", tree_path("root/through")), 0);
        ck_assert_int_eq(symlink("../../../../../../etc", tree_path("root/out")), 0);
        ck_assert_int_eq(chmod(tree_path("root/var/data"), 0700), 0);
        return open(tree_path("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

START_TEST(who_has_no_descriptor_left_is_told_so_and_leaves_no_drafts)
{
        const VolumeConfig config = own_config();
        autofd int all = open_all();
        struct rlimit limit;
        Fault fault = {};
        int next = dup(all);

        ck_assert_int_ge(next, 0);
        (void) close(next);
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t) next, limit.rlim_max }), 0);
        ck_assert_int_eq(volume_create(all, "one", &config, &fault), -EMFILE);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        ck_assert(fault_is_raised(&fault));
        volume_sweep(all);
        ck_assert_int_eq(rmdir(tree_path("volumes")), 0);
}
END_TEST

START_TEST(a_volume_begins_with_what_the_image_has_once)
{
        const CopyOwners owners = own_owners();
        autofd int all = open_all(), root = make_root();
        AUTO(volume_close) Volume volume = make(all, "one", VOLUME_SHARED);
        struct stat st;

        ck_assert_int_eq(volume_copy_up(&volume, root, "/through", &owners, NULL), 0);
        ck_assert_int_eq(volume.state, VOLUME_READY);
        ck_assert_str_eq(tree_read("volumes/one/data/file"), "content");
        ck_assert_str_eq(tree_read("volumes/one/data/below/more"), "more");
        ck_assert_int_eq(lstat(tree_path("volumes/one/data/link"), &st), 0);
        ck_assert(S_ISLNK(st.st_mode));
        ck_assert_int_eq(stat(tree_path("volumes/one/data"), &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0700);
        ck_assert_int_lt(access(tree_path("volumes/one/copying"), F_OK), 0);
        ck_assert_int_eq(unlink(tree_path("volumes/one/data/file")), 0);
        ck_assert_int_eq(volume_copy_up(&volume, root, "/var/data", &owners, NULL), 0);
        ck_assert_int_lt(access(tree_path("volumes/one/data/file"), F_OK), 0);
}
END_TEST

static const char *const nothing[] = { "/none", "/out/no-such-directory", "/var/data/file", "/out" };

START_TEST(where_the_image_has_no_directory_nothing_is_copied)
{
        const CopyOwners owners = own_owners();
        autofd int all = open_all(), root = make_root();
        AUTO(volume_close) Volume volume = make(all, "one", VOLUME_SHARED);

        ck_assert_int_eq(volume_copy_up(&volume, root, nothing[_i], &owners, NULL), 0);
        ck_assert_int_eq(volume.state, VOLUME_READY);
        ck_assert_int_eq(rmdir(tree_path("volumes/one/data")), 0);
}
END_TEST

START_TEST(what_is_there_already_stays)
{
        const CopyOwners owners = own_owners();
        autofd int all = open_all(), root = make_root();
        AUTO(volume_close) Volume volume = make(all, "one", VOLUME_SHARED);

        tree_file("volumes/one/data/own", "x");
        ck_assert_int_eq(volume_copy_up(&volume, root, "/var/data", &owners, NULL), 0);
        ck_assert_int_lt(access(tree_path("volumes/one/data/file"), F_OK), 0);
}
END_TEST

START_TEST(half_a_copy_is_done_again_and_a_whole_one_is_gone_on_with)
{
        const CopyOwners owners = own_owners();
        autofd int all = open_all(), root = make_root();
        AUTO(volume_close)
        Volume one = make(all, "one", VOLUME_SHARED), two = make(all, "two", VOLUME_SHARED);

        tree_directory("volumes/one/copying");
        tree_file("volumes/one/copying/half", "x");
        ck_assert_int_eq(volume_copy_up(&one, root, "/var/data", &owners, NULL), 0);
        ck_assert_int_lt(access(tree_path("volumes/one/data/half"), F_OK), 0);
        ck_assert_str_eq(tree_read("volumes/one/data/file"), "content");

        tree_directory("volumes/two/copying");
        tree_file("volumes/two/copying/rest", "rest");
        tree_file("volumes/two/data/moved", "moved");
        two.state = VOLUME_MOVING;
        ck_assert_int_eq(volume_save(&two, NULL), 0);
        ck_assert_int_eq(volume_copy_up(&two, root, "/var/data", &owners, NULL), 0);
        ck_assert_int_eq(two.state, VOLUME_READY);
        ck_assert_str_eq(tree_read("volumes/two/data/rest"), "rest");
        ck_assert_str_eq(tree_read("volumes/two/data/moved"), "moved");
        ck_assert_int_lt(access(tree_path("volumes/two/data/file"), F_OK), 0);
}
END_TEST

START_TEST(other_contents_come_whole_or_not_at_all)
{
        autofd int all = open_all(), stage = -1, again = -1;
        AUTO(volume_close) Volume volume = make(all, "one", VOLUME_ALONE);

        tree_file("volumes/one/data/old", "old");
        ck_assert_int_eq(volume_fill_begin(&volume, false, &stage), -ENOTEMPTY);
        ck_assert_int_eq(volume_fill_begin(&volume, true, &stage), 0);
        tree_file("volumes/one/copying/new", "new");
        volume_fill_abort(&volume);
        ck_assert_str_eq(tree_read("volumes/one/data/old"), "old");
        ck_assert_int_eq(volume_fill_begin(&volume, true, &again), 0);
        tree_file("volumes/one/copying/new", "new");
        ck_assert_int_eq(volume_fill_commit(&volume, true, NULL), 0);
        ck_assert_int_lt(access(tree_path("volumes/one/data/old"), F_OK), 0);
        ck_assert_str_eq(tree_read("volumes/one/data/new"), "new");
        ck_assert_int_eq(volume.state, VOLUME_READY);
}
END_TEST

/* --- owners --- */

static const CopyOwners shifted = { .base = 1000000, .count = 65536, .attributes = true };

START_TEST(ids_count_from_zero_and_others_are_nobodys)
{
        ck_assert_uint_eq(copy_shift(NULL, 7), 7);
        ck_assert_uint_eq(copy_shift(&shifted, 1000000), 0);
        ck_assert_uint_eq(copy_shift(&shifted, 1065535), 65535);
        ck_assert_uint_eq(copy_shift(&shifted, 1065536), 65534);
        ck_assert_uint_eq(copy_shift(&shifted, 0), 65534);
        ck_assert_uint_eq(copy_shift(&shifted, 65534), 65534);
}
END_TEST

START_TEST(capabilities_are_kept_for_the_root_of_the_container)
{
        struct vfs_ns_cap_data data = {
                .magic_etc = VFS_CAP_REVISION_3 | VFS_CAP_FLAGS_EFFECTIVE,
                .data = { { 1 << CAP_NET_RAW, 0 } },
                .rootid = 1000000,
        };
        struct vfs_cap_data kept;

        ck_assert_int_eq(copy_attribute_shift(&shifted, XATTR_NAME_CAPS, (char *) &data, sizeof(data)),
                        sizeof(kept));
        memcpy(&kept, &data, sizeof(kept));
        ck_assert_uint_eq(kept.magic_etc, VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
        ck_assert_uint_eq(kept.data[0].permitted, 1 << CAP_NET_RAW);
        data.rootid = 5;
        ck_assert_int_eq(copy_attribute_shift(&shifted, XATTR_NAME_CAPS, (char *) &data, sizeof(data)),
                        -EINVAL);
        ck_assert_int_eq(copy_attribute_shift(&shifted, XATTR_NAME_CAPS, (char *) &data, sizeof(kept)),
                        -EINVAL);
        ck_assert_int_eq(copy_attribute_shift(&shifted, XATTR_NAME_CAPS, (char *) &data, 3), -EINVAL);
}
END_TEST

START_TEST(access_lists_speak_of_the_same_people)
{
        struct {
                struct posix_acl_xattr_header header;
                struct posix_acl_xattr_entry entries[3];
        } list = { { 2 }, { { ACL_USER_OBJ, 7, (uint32_t) ACL_UNDEFINED_ID }, { ACL_USER, 6, 1000033 },
                                          { ACL_GROUP, 4, 12 } } };

        ck_assert_int_eq(copy_attribute_shift(&shifted, XATTR_NAME_POSIX_ACL_ACCESS, (char *) &list,
                                         sizeof(list)),
                        sizeof(list));
        ck_assert_uint_eq(list.entries[0].e_id, (uint32_t) ACL_UNDEFINED_ID);
        ck_assert_uint_eq(list.entries[1].e_id, 33);
        ck_assert_uint_eq(list.entries[2].e_id, 65534);
        ck_assert_int_eq(copy_attribute_shift(&shifted, XATTR_NAME_POSIX_ACL_ACCESS, (char *) &list, 7),
                        -EINVAL);
        ck_assert_int_eq(copy_attribute_shift(&shifted, "user.a", (char *) &list, 7), 7);
        ck_assert_int_eq(copy_attribute_shift(&shifted, "trusted.overlay.opaque", (char *) &list, 1),
                        -EINVAL);
        ck_assert_int_eq(copy_attribute_shift(&shifted, "security.selinux", (char *) &list, 1), -EINVAL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("volume-store");
        TCase *tc = tcase_create("volume-store");

        tcase_add_checked_fixture(tc, tree_make, tree_remove);
        tcase_add_test(tc, a_name_is_short_and_plain);
        tcase_add_test(tc, what_a_volume_is_survives_being_written);
        tcase_add_loop_test(tc, a_document_that_is_none_is_refused, 0, ELEMENTS(wrong));
        tcase_add_test(tc, who_uses_it_keeps_it);
        tcase_add_test(tc, what_the_dead_have_left_is_removed_and_what_the_living_make_is_not);
        tcase_add_test(tc, who_has_no_descriptor_left_is_told_so_and_leaves_no_drafts);
        tcase_add_test(tc, a_volume_begins_with_what_the_image_has_once);
        tcase_add_loop_test(tc, where_the_image_has_no_directory_nothing_is_copied, 0, ELEMENTS(nothing));
        tcase_add_test(tc, what_is_there_already_stays);
        tcase_add_test(tc, half_a_copy_is_done_again_and_a_whole_one_is_gone_on_with);
        tcase_add_test(tc, other_contents_come_whole_or_not_at_all);
        tcase_add_test(tc, ids_count_from_zero_and_others_are_nobodys);
        tcase_add_test(tc, capabilities_are_kept_for_the_root_of_the_container);
        tcase_add_test(tc, access_lists_speak_of_the_same_people);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
