/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "nspawn-glue/idrange.h"
#include "nspawn-glue/userns.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

#define SLOTS ((ID_RANGE_LAST - ID_RANGE_FIRST + 1) / IDS_PER_CONTAINER)

static char top[] = "/tmp/test-idrange-XXXXXX";
static int links, etc;

static void put(const char *name, const char *text) {
        autofd int fd = openat(etc, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        ck_assert_int_eq(write(fd, text, strlen(text)), (int) strlen(text));
}

static void setup(void) {
        autofd int fd = -1;

        ck_assert_ptr_nonnull(mkdtemp(top));
        fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(fd, "links", 0700), 0);
        ck_assert_int_eq(mkdirat(fd, "etc", 0755), 0);
        links = openat(fd, "links", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        etc = openat(fd, "etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void teardown(void) {
        (void) close(links);
        (void) close(etc);
        remove_scratch(top);
        (void) strcpy(top, "/tmp/test-idrange-XXXXXX");
}

static uint32_t take(const char *name) {
        uint32_t base = 0;
        Fault fault = {};

        ck_assert_msg(id_range_take(links, etc, name, &base, &fault) == 0, "%s", fault.text);
        return base;
}

static void occupy(uint32_t base, const char *name) {
        char link[16];

        (void) snprintf(link, sizeof(link), "%u", base);
        ck_assert_int_eq(symlinkat(name, links, link), 0);
}

START_TEST(a_container_keeps_its_range)
{
        uint32_t web = take("web"), db = take("db");

        ck_assert_uint_ne(web, db);
        ck_assert_uint_eq(web % IDS_PER_CONTAINER, 0);
        ck_assert_uint_ge(web, ID_RANGE_FIRST);
        ck_assert_uint_le(web + IDS_PER_CONTAINER - 1, ID_RANGE_LAST);
        ck_assert_uint_eq(take("web"), web);
        ck_assert_uint_eq(take("db"), db);
}
END_TEST

START_TEST(who_comes_second_goes_elsewhere_and_stays_there)
{
        uint32_t guess = id_range_guess("web"), web;

        occupy(guess, "somebody-else");
        web = take("web");
        ck_assert_uint_ne(web, guess);
        ck_assert_uint_eq(take("web"), web);
}
END_TEST

START_TEST(what_others_claim_is_left_alone)
{
        uint32_t guess = id_range_guess("web");
        char line[64];

        (void) snprintf(line, sizeof(line), "\nbroken\nuser:%u:%u\n", guess - 10, 11);
        put("subuid", line);
        (void) snprintf(line, sizeof(line), "group:x:%u:\n", guess + 2 * IDS_PER_CONTAINER - 1);
        put("group", line);
        (void) snprintf(line, sizeof(line), "u:x:%u:0::/:/bin/sh\nshort:x\n", guess + 2 * IDS_PER_CONTAINER);
        put("passwd", line);
        ck_assert_uint_eq(take("web"), guess + 3 * IDS_PER_CONTAINER);
}
END_TEST

START_TEST(a_range_of_subordinate_ids_may_be_huge)
{
        uint32_t base = 0;
        Fault fault = {};

        put("subgid", "user:524288:4294967295\n");
        ck_assert_int_eq(id_range_take(links, etc, "web", &base, &fault), -EUSERS);
        ck_assert_uint_eq(base, 0);
}
END_TEST

START_TEST(the_last_range_is_found_and_no_other)
{
        uint32_t last = ID_RANGE_FIRST, base;
        Fault fault = {};

        for (uint32_t i = 1; i < SLOTS; i++)
                occupy(ID_RANGE_FIRST + i * IDS_PER_CONTAINER, "x");
        ck_assert_uint_eq(take("web"), last);
        ck_assert_int_eq(id_range_take(links, etc, "db", &base, &fault), -EUSERS);
        ck_assert_str_eq(fault.text, "all 28664 ranges of ids are taken");
        ck_assert_uint_eq(take("web"), last);
}
END_TEST

START_TEST(many_at_once_do_not_overlap)
{
        enum { N = 24 };
        uint32_t bases[N];
        pid_t pids[N];
        char name[16];

        for (int i = 0; i < N; i++) {
                pids[i] = fork();
                if (pids[i] > 0)
                        continue;
                (void) snprintf(name, sizeof(name), "c%d", i % (N / 2));
                _exit(id_range_take(links, etc, name, &bases[0], NULL) < 0);
        }
        for (int i = 0; i < N; i++) {
                int status;

                ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
                ck_assert_int_eq(status, 0);
        }
        for (int i = 0; i < N / 2; i++) {
                (void) snprintf(name, sizeof(name), "c%d", i);
                bases[i] = take(name);
                for (int k = 0; k < i; k++)
                        ck_assert_uint_ne(bases[i], bases[k]);
        }
}
END_TEST

START_TEST(a_range_can_be_given_back_by_its_owner_only)
{
        uint32_t base = take("web");
        struct stat st;
        char link[16];

        (void) snprintf(link, sizeof(link), "%u", base);
        ck_assert_int_eq(id_range_return(links, "other", base), 0);
        ck_assert_int_eq(fstatat(links, link, &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert_int_eq(id_range_return(links, "web", base), 0);
        ck_assert_int_lt(fstatat(links, link, &st, AT_SYMLINK_NOFOLLOW), 0);
        ck_assert_int_eq(id_range_return(links, "web", base), 0);
        ck_assert_uint_eq(take("web"), base);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("idrange");
        TCase *tc = tcase_create("idrange");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_set_timeout(tc, 30);
        tcase_add_test(tc, a_container_keeps_its_range);
        tcase_add_test(tc, who_comes_second_goes_elsewhere_and_stays_there);
        tcase_add_test(tc, what_others_claim_is_left_alone);
        tcase_add_test(tc, a_range_of_subordinate_ids_may_be_huge);
        tcase_add_test(tc, the_last_range_is_found_and_no_other);
        tcase_add_test(tc, many_at_once_do_not_overlap);
        tcase_add_test(tc, a_range_can_be_given_back_by_its_owner_only);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
