/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/seccomp/cache.h"
#include "tests/suite.h"

static char directory[64], profile[80], programs[80];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static void set_up(void) {
        (void) strcpy(directory, "/tmp/slipway-cache-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(directory));
        (void) snprintf(profile, sizeof(profile), "%s/profile.json", directory);
        (void) snprintf(programs, sizeof(programs), "%s/cache/seccomp", directory);
}

static void tear_down(void) {
        (void) nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *path, const char *text) {
        autofd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
}

#define ALLOWS(name)                                                              \
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"" name \
        "\"],\"action\":\"SCMP_ACT_"                                              \
        "ALLOW\"}]}"

/* Opens the program of the profile; @compiler is NULL for the one that was built. */
static int open_program(const char *compiler, int *ret, Fault *fault) {
        const SeccompCache cache = { .directory = programs, .compiler = compiler ? compiler : COMPILER };

        return seccomp_program_open(&cache, profile, 0, ret, fault);
}

static size_t size_of(int fd) {
        struct stat st;

        ck_assert_int_eq(fstat(fd, &st), 0);
        return (size_t) st.st_size;
}

/* A compiler that cannot be run: whoever succeeds with it has used the cache. */
#define NO_COMPILER "/nonexistent/slipway-seccomp"

START_TEST(a_program_is_compiled_once)
{
        autofd int first = -1, second = -1;
        Fault fault = {};
        struct stat st;

        write_file(profile, ALLOWS("read"));
        ck_assert_int_eq(open_program(NO_COMPILER, &first, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "cannot run '" NO_COMPILER "': No such file or directory");

        ck_assert_int_eq(open_program(NULL, &first, NULL), 0);
        ck_assert_uint_gt(size_of(first), 0);
        ck_assert_int_eq(open_program(NO_COMPILER, &second, NULL), 0);
        ck_assert_uint_eq(size_of(first), size_of(second));

        ck_assert_int_eq(stat(programs, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0700);
}
END_TEST

START_TEST(another_text_is_another_program)
{
        autofd int first = -1, second = -1;

        write_file(profile, ALLOWS("read"));
        ck_assert_int_eq(open_program(NULL, &first, NULL), 0);
        write_file(profile, ALLOWS("exit"));
        ck_assert_int_lt(open_program(NO_COMPILER, &second, NULL), 0);
        ck_assert_int_eq(open_program(NULL, &second, NULL), 0);
}
END_TEST

START_TEST(the_name_depends_on_text_and_capabilities)
{
        char names[4][SECCOMP_NAME_SIZE];

        ck_assert_int_eq(seccomp_program_name("a", 1, 0, names[0]), 0);
        ck_assert_int_eq(seccomp_program_name("b", 1, 0, names[1]), 0);
        ck_assert_int_eq(seccomp_program_name("a", 1, 1, names[2]), 0);
        ck_assert_int_eq(seccomp_program_name("a", 1, 0, names[3]), 0);
        ck_assert_str_ne(names[0], names[1]);
        ck_assert_str_ne(names[0], names[2]);
        ck_assert_str_eq(names[0], names[3]);
}
END_TEST

START_TEST(a_cache_that_cannot_be_written_is_no_failure)
{
        autofd int fd = -1;

        write_file(profile, ALLOWS("read"));
        (void) strcpy(programs, "/proc/slipway/seccomp");
        ck_assert_int_eq(open_program(NULL, &fd, NULL), 0);
        ck_assert_uint_gt(size_of(fd), 0);
}
END_TEST

static void spoil(const char *name, size_t size, mode_t mode) {
        char path[256], rubbish[64] = {};
        autofd int fd = -1;

        (void) snprintf(path, sizeof(path), "%s/%s", programs, name);
        (void) unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(io_write_all(fd, rubbish, size), 0);
        ck_assert_int_eq(fchmod(fd, mode), 0);
}

START_TEST(a_spoilt_program_is_made_again)
{
        const char *text = ALLOWS("read");
        char name[SECCOMP_NAME_SIZE];
        size_t size;

        write_file(profile, text);
        ck_assert_int_eq(seccomp_program_name(text, strlen(text), 0, name), 0);
        for (int i = 0; i < 3; i++) {
                autofd int fd = -1;

                ck_assert_int_eq(open_program(NULL, &fd, NULL), 0);
                if (i > 0)
                        ck_assert_uint_eq(size_of(fd), size);
                size = size_of(fd);
                spoil(name, i == 0 ? 13 : 16, i == 0 ? 0600 : 0666);
        }
}
END_TEST

START_TEST(a_profile_without_rules_has_no_program)
{
        int fd = 99;

        write_file(profile, "{}");
        ck_assert_int_eq(open_program(NULL, &fd, NULL), 0);
        ck_assert_int_eq(fd, -1);
        fd = 99;
        ck_assert_int_eq(open_program(NO_COMPILER, &fd, NULL), 0);
        ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(what_the_compiler_says_is_passed_on)
{
        char expected[256];
        Fault fault = {};
        int fd = -1;

        write_file(profile, "{\"defaultAction\":\"SCMP_ACT_DENY\"}");
        ck_assert_int_eq(open_program(NULL, &fd, &fault), -EINVAL);
        (void) snprintf(expected, sizeof(expected),
                        "cannot compile seccomp profile: %s: 'defaultAction' is 'SCMP_ACT_DENY', which is "
                        "no action",
                        profile);
        ck_assert_str_eq(fault.text, expected);
        ck_assert_int_eq(fd, -1);
}
END_TEST

START_TEST(a_profile_that_is_missing_is_told)
{
        char expected[256];
        Fault fault = {};
        int fd = -1;

        ck_assert_int_eq(open_program(NULL, &fd, &fault), -ENOENT);
        (void) snprintf(expected, sizeof(expected),
                        "cannot read seccomp profile '%s': No such file or directory", profile);
        ck_assert_str_eq(fault.text, expected);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("seccomp-cache");
        TCase *tc = tcase_create("seccomp-cache");

        tcase_add_checked_fixture(tc, set_up, tear_down);
        tcase_add_test(tc, a_program_is_compiled_once);
        tcase_add_test(tc, another_text_is_another_program);
        tcase_add_test(tc, the_name_depends_on_text_and_capabilities);
        tcase_add_test(tc, a_cache_that_cannot_be_written_is_no_failure);
        tcase_add_test(tc, a_spoilt_program_is_made_again);
        tcase_add_test(tc, a_profile_without_rules_has_no_program);
        tcase_add_test(tc, what_the_compiler_says_is_passed_on);
        tcase_add_test(tc, a_profile_that_is_missing_is_told);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
