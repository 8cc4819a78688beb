/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>

#include "lib/cleanup.h"
#include "nspawn-glue/terminal.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

static const struct winsize size = { .ws_row = 33, .ws_col = 77 };
static char top[] = "/tmp/test-terminal-XXXXXX";
static int root;

static void setup(void) {
        ck_assert_ptr_nonnull(mkdtemp(top));
        root = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(mkdirat(root, "dev", 0755), 0);
}

static void teardown(void) {
        (void) close(root);
        remove_scratch(top);
        (void) strcpy(top, "/tmp/test-terminal-XXXXXX");
}

static int try(Fault *fault) {
        int master = -1, slave = -1;
        int r = terminal_open(root, getuid(), &size, &master, &slave, fault);

        ck_assert_int_eq(master, -1);
        ck_assert_int_eq(slave, -1);
        return r;
}

START_TEST(a_directory_that_only_looks_like_one_has_no_terminals)
{
        Fault fault = {};

        ck_assert_int_eq(mkdirat(root, "dev/pts", 0755), 0);
        ck_assert_int_eq(symlinkat("/dev/zero", root, "dev/pts/ptmx"), 0);
        ck_assert_int_eq(try(&fault), -ENODEV);
        ck_assert_str_eq(fault.text, "there are no terminals in the container: /dev/pts is no devpts");
}
END_TEST

START_TEST(no_link_leads_to_the_terminals_of_somebody_else)
{
        ck_assert_int_eq(symlinkat("/dev/pts", root, "dev/pts"), 0);
        ck_assert_int_eq(try(NULL), -ELOOP);
        ck_assert_int_eq(unlinkat(root, "dev/pts", 0), 0);
        ck_assert_int_eq(unlinkat(root, "dev", AT_REMOVEDIR), 0);
        ck_assert_int_eq(symlinkat("../../../dev", root, "dev"), 0);
        ck_assert_int_eq(try(NULL), -ELOOP);
}
END_TEST

START_TEST(what_is_not_there_is_an_error)
{ ck_assert_int_eq(try(NULL), -ENOENT); }
END_TEST

/* With the machine's own, where there is one. */
START_TEST(a_terminal_has_two_ends_and_a_size)
{
        autofd int here = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), master = -1, slave = -1;
        struct statfs st;
        struct winsize got = {};
        struct stat owner;
        char text[8] = "";

        if (statfs("/dev/pts", &st) < 0 || st.f_type != DEVPTS_SUPER_MAGIC ||
                        access("/dev/pts/ptmx", W_OK) < 0)
                return;
        ck_assert_int_eq(terminal_open(here, getuid(), &size, &master, &slave, NULL), 0);
        ck_assert(isatty(slave));
        ck_assert_int_eq(fstat(slave, &owner), 0);
        ck_assert_uint_eq(owner.st_uid, getuid());
        ck_assert_int_eq(ioctl(slave, TIOCGWINSZ, &got), 0);
        ck_assert_int_eq(got.ws_row, 33);
        ck_assert_int_eq(got.ws_col, 77);
        ck_assert_int_eq(write(master, "hi\n", 3), 3);
        ck_assert_int_eq(read(slave, text, sizeof(text)), 3);
        ck_assert_str_eq(text, "hi\n");
        ck_assert_int_eq(fcntl(master, F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq(fcntl(slave, F_GETFD), FD_CLOEXEC);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("terminal");
        TCase *tcase = tcase_create("terminal");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, a_directory_that_only_looks_like_one_has_no_terminals);
        tcase_add_test(tcase, no_link_leads_to_the_terminals_of_somebody_else);
        tcase_add_test(tcase, what_is_not_there_is_an_error);
        tcase_add_test(tcase, a_terminal_has_two_ends_and_a_size);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
