/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/locked.h"
#include "tests/suite.h"

START_TEST(locks_of_flock_are_told_by_their_inode)
{
        static const char text[] = "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF\n"
                                   "2: POSIX  ADVISORY  WRITE 4711 fe:00:77 0 EOF\n"
                                   "2: -> FLOCK  ADVISORY  WRITE 4712 00:1f:99 0 EOF\n"
                                   "3: FLOCK  ADVISORY  READ -1 00:1f:18446744073709551615 0 EOF";

        ck_assert_int_eq(locked_in_text(text, 1234), 1);
        ck_assert_int_eq(locked_in_text(text, 18446744073709551615ULL), 1);
        ck_assert_int_eq(locked_in_text(text, 77), 0); /* of fcntl(2) */
        ck_assert_int_eq(locked_in_text(text, 99), 0); /* waits for it */
        ck_assert_int_eq(locked_in_text(text, 123), 0);
        ck_assert_int_eq(locked_in_text("", 1234), 0);
}
END_TEST

START_TEST(a_lock_is_seen_for_as_long_as_somebody_holds_it)
{
        char path[] = "/tmp/test-locked-XXXXXX";
        autofd int fd = mkostemp(path, O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(locked_by_somebody(AT_FDCWD, path), 0);
        ck_assert_int_eq(flock(fd, LOCK_EX), 0);
        ck_assert_int_eq(locked_by_somebody(AT_FDCWD, path), 1);
        ck_assert_int_eq(flock(fd, LOCK_SH), 0);
        ck_assert_int_eq(locked_by_somebody(AT_FDCWD, path), 1);
        ck_assert_int_eq(flock(fd, LOCK_UN), 0);
        ck_assert_int_eq(locked_by_somebody(AT_FDCWD, path), 0);
        ck_assert_int_eq(unlink(path), 0);
        ck_assert_int_eq(locked_by_somebody(AT_FDCWD, path), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("locked");
        TCase *tc = tcase_create("locked");

        tcase_add_test(tc, locks_of_flock_are_told_by_their_inode);
        tcase_add_test(tc, a_lock_is_seen_for_as_long_as_somebody_holds_it);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
