/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/record-sweep.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

enum { OLD = 1000, LIMIT = 2000, YOUNG = 3000 };

static char top[] = "/tmp/test-record-sweep-XXXXXX";
static int records, units;

static void put(int dir, const char *file, const char *text, time_t when) {
        const struct timespec times[] = { { .tv_sec = when }, { .tv_sec = when } };
        autofd int fd = openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
        ck_assert_int_eq(futimens(fd, times), 0);
}

static bool is_there(const char *file) {
        return faccessat(records, file, F_OK, 0) >= 0;
}

static void setup(void) {
        autofd int fd = -1;

        ck_assert_ptr_nonnull(mkdtemp(top));
        fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(fd, "records", 0700), 0);
        ck_assert_int_eq(mkdirat(fd, "units", 0700), 0);
        records = openat(fd, "records", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        units = openat(fd, "units", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        put(records, ".gone.lock", "", OLD);
        put(records, ".gone.last", "UNIT=gone.service\nTRANSIENT=yes\n", OLD);
}

static void teardown(void) {
        (void) close(records);
        (void) close(units);
        remove_scratch(top);
        (void) strcpy(top, "/tmp/test-record-sweep-XXXXXX");
}

START_TEST(what_nobody_asks_for_is_removed_with_its_lock)
{
        record_sweep(records, units, LIMIT);
        ck_assert(!is_there(".gone.last"));
        ck_assert(!is_there(".gone.lock"));
}
END_TEST

START_TEST(who_has_just_ended_may_still_be_asked_for)
{
        put(records, ".gone.last", "UNIT=gone.service\nTRANSIENT=yes\n", YOUNG);
        record_sweep(records, units, LIMIT);
        ck_assert(is_there(".gone.last"));
        ck_assert(is_there(".gone.lock"));
}
END_TEST

START_TEST(a_unit_that_has_failed_keeps_its_record)
{
        put(units, "gone.service", "", OLD);
        record_sweep(records, units, LIMIT);
        ck_assert(is_there(".gone.last"));
}
END_TEST

START_TEST(who_runs_again_under_the_name_keeps_the_lock)
{
        autofd int fd = openat(records, ".gone.lock", O_RDWR | O_CLOEXEC);

        ck_assert_int_eq(flock(fd, LOCK_EX), 0);
        record_sweep(records, units, LIMIT);
        ck_assert(is_there(".gone.last"));
        ck_assert(is_there(".gone.lock"));
}
END_TEST

START_TEST(containers_with_a_manifest_and_other_files_are_left)
{
        put(records, ".web.last", "UNIT=web.service\n", OLD);
        put(records, "runs", "UNIT=runs.service\nTRANSIENT=yes\n", OLD);
        put(records, ".last", "UNIT=last.service\nTRANSIENT=yes\n", OLD);
        record_sweep(records, units, LIMIT);
        ck_assert(is_there(".web.last"));
        ck_assert(is_there("runs"));
        ck_assert(is_there(".last"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("record-sweep");
        TCase *tc = tcase_create("record-sweep");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_test(tc, what_nobody_asks_for_is_removed_with_its_lock);
        tcase_add_test(tc, who_has_just_ended_may_still_be_asked_for);
        tcase_add_test(tc, a_unit_that_has_failed_keeps_its_record);
        tcase_add_test(tc, who_runs_again_under_the_name_keeps_the_lock);
        tcase_add_test(tc, containers_with_a_manifest_and_other_files_are_left);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
