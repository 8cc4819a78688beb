/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/users.h"
#include "tests/suite.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "broken\n"
                             "::::::\n"
                             "www:x:33:33:www:/var/www:/usr/sbin/nologin\n"
                             "deep:x:1000:1000::/home/deep:/bin/sh:more:fields\n"
                             "negative:x:-1:5::/:\n"
                             "huge:x:4294967296:5::/:\n"
                             "1234:x:0:0::/numeric:\n"
                             "last:x:50:51::";

static const char group[] = "root:x:0:\n"
                            "www:x:33:\n"
                            "staff:x:20:deep,www\n"
                            "wheel:x:10:deep\n"
                            "wwwx:x:99:wwwx\n"
                            "tape:x:26:root,deep";

static const struct {
        const char *spec;
        uid_t uid;
        gid_t gid;
        const char *groups, *home;
} known[] = {
        { NULL, 0, 0, "0 26", "/root" },
        { "", 0, 0, "0 26", "/root" },
        { "root", 0, 0, "0 26", "/root" },
        { "www", 33, 33, "33 20", "/var/www" },
        { "33", 33, 33, "33 20", "/var/www" },
        { "deep", 1000, 1000, "1000 20 10 26", "/home/deep" },
        { "deep:staff", 1000, 20, "20", "/home/deep" },
        { "deep:7", 1000, 7, "7", "/home/deep" },
        { "deep:", 1000, 1000, "1000 20 10 26", "/home/deep" },
        { "4711", 4711, 0, "0", "/" },
        { "4711:4712", 4711, 4712, "4712", "/" },
        { "1234", 1234, 0, "0", "/" }, /* never a name */
        { ":www", 0, 33, "33", "/root" },
        { "last", 50, 51, "51", "/" },
        { "2147483647", 2147483647, 0, "0", "/" },
};

START_TEST(users_are_found_as_docker_finds_them)
{
        char groups[64] = "";
        Fault fault = {};
        User user;

        ck_assert_msg(users_resolve(passwd, group, known[_i].spec, NULL, &user, &fault) == 0, "%s",
                        fault.text);
        ck_assert_uint_eq(user.uid, known[_i].uid);
        ck_assert_uint_eq(user.gid, known[_i].gid);
        ck_assert_str_eq(user.home, known[_i].home);
        for (size_t i = 0; i < user.n_groups; i++)
                (void) snprintf(groups + strlen(groups), sizeof(groups) - strlen(groups), "%s%u",
                                i > 0 ? " " : "", user.groups[i]);
        ck_assert_str_eq(groups, known[_i].groups);
}
END_TEST

static const struct {
        const char *spec;
        int r;
        const char *text;
} refused[] = {
        { "nobody", -ENOENT, "no user 'nobody' in the image's /etc/passwd" },
        { "root:nogroup", -ENOENT, "no group 'nogroup' in the image's /etc/group" },
        { "2147483648", -ERANGE, "user id 2147483648 is too large" },
        { "99999999999999999999999", -ERANGE, "user id 99999999999999999999999 is too large" },
        { "0:4294967296", -ERANGE, "group id 4294967296 is too large" },
        { "negative", -EINVAL, "the image's /etc/passwd has no valid ids for user 'negative'" },
        { "huge", -EINVAL, "the image's /etc/passwd has no valid ids for user 'huge'" },
        { "-1", -ENOENT, "no user '-1' in the image's /etc/passwd" },
        { "roo", -ENOENT, "no user 'roo' in the image's /etc/passwd" },
};

START_TEST(what_makes_no_user_is_refused)
{
        Fault fault = {};
        User user;

        ck_assert_int_eq(users_resolve(passwd, group, refused[_i].spec, NULL, &user, &fault), refused[_i].r);
        ck_assert_str_eq(fault.text, refused[_i].text);
}
END_TEST

START_TEST(more_groups_are_added_once)
{
        char *more[] = { (char *) "staff", (char *) "33", (char *) "4000", (char *) "4000", NULL };
        User user;

        ck_assert_int_eq(users_resolve(passwd, group, "www", more, &user, NULL), 0);
        ck_assert_uint_eq(user.n_groups, 3);
        ck_assert_uint_eq(user.groups[2], 4000);
}
END_TEST

START_TEST(groups_without_end_are_refused)
{
        autofree char *many = malloc(400 * 32);
        char *at = many;
        User user;

        for (int i = 0; i < 400; i++)
                at += sprintf(at, "g%d:x:%d:www\n", i, 5000 + i);
        ck_assert_int_eq(users_resolve(passwd, many, "www", NULL, &user, NULL), -E2BIG);
}
END_TEST

START_TEST(an_image_without_files_has_numbers_only)
{
        User user;

        ck_assert_int_eq(users_resolve("", "", NULL, NULL, &user, NULL), 0);
        ck_assert_int_eq(users_resolve("", "", "65534:65534", NULL, &user, NULL), 0);
        ck_assert_uint_eq(user.gid, 65534);
        ck_assert_int_eq(users_resolve("", "", "www", NULL, &user, NULL), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("users");
        TCase *tc = tcase_create("users");

        tcase_add_loop_test(tc, users_are_found_as_docker_finds_them, 0, ELEMENTS(known));
        tcase_add_loop_test(tc, what_makes_no_user_is_refused, 0, ELEMENTS(refused));
        tcase_add_test(tc, more_groups_are_added_once);
        tcase_add_test(tc, groups_without_end_are_refused);
        tcase_add_test(tc, an_image_without_files_has_numbers_only);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
