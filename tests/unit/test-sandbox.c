/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/registry/sandbox.h"
#include "tests/suite.h"

static int inside, outside;

static int open_new(void) {
        char path[] = "/tmp/test-sandbox-XXXXXX";

        ck_assert_ptr_nonnull(mkdtemp(path));
        return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int create(int dir_fd, const char *name) {
        int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        return fd < 0 ? -errno : close(fd);
}

/* What is forbidden is EACCES, and not something else that went wrong. Return: what failed, 0 for nothing.
 */
static int try_all(void) {
        char *const command[] = { (char *) "true", NULL };

        if (create(inside, "file") != 0 || renameat(inside, "file", inside, "other") < 0 ||
                        openat(inside, ".", O_TMPFILE | O_RDWR, 0600) < 0 ||
                        unlinkat(inside, "other", 0) < 0)
                return 1;
        if (create(outside, "file") != -EACCES)
                return 2;
        if (open("/dev/null", O_WRONLY) >= 0 || errno != EACCES)
                return 3;
        if (mkdirat(inside, "dir", 0700) >= 0 || errno != EACCES)
                return 4;
        if (symlinkat("/etc/shadow", inside, "link") >= 0 || errno != EACCES)
                return 5;
        if (mkfifoat(inside, "fifo", 0600) >= 0 || errno != EACCES)
                return 6;
        if (unlinkat(outside, "there", 0) >= 0 || errno != EACCES)
                return 7;
        if (execv("/bin/true", command) >= 0 || errno != EACCES)
                return 8;
        if (open("/etc/passwd", O_RDONLY) < 0)
                return 9;
        return 0;
}

START_TEST(only_files_of_one_directory_can_be_written)
{
        int status;
        pid_t pid;

        inside = open_new();
        outside = open_new();
        ck_assert(inside >= 0 && outside >= 0);
        ck_assert_int_eq(create(outside, "there"), 0);

        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                int r = sandbox_enter(inside);

                _exit(r < 0 ? 100 : r == 0 ? 77 : try_all());
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
                (void) printf("# the kernel has no Landlock\n");
        else
                ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("sandbox");
        TCase *tc = tcase_create("sandbox");

        tcase_add_test(tc, only_files_of_one_directory_can_be_written);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
