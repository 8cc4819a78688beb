/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "cli/filter-report.h"
#include "lib/cleanup.h"
#include "nspawn-glue/own-arch.h"
#include "tests/suite.h"

/* Allows read(2), looks at the first argument of socket(2), denies the rest. */
static const struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_AUDIT_ARCH, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
};

START_TEST(a_report_says_what_the_program_does)
{
        autofd int fd = memfd_create("program", MFD_CLOEXEC);
        autofree char *text = NULL;
        json_t *report;

        ck_assert_int_eq(write(fd, program, sizeof(program)), sizeof(program));
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        report = filter_report(fd);
        text = json_dumps(report, JSON_COMPACT);
        json_decref(report);
        ck_assert_str_eq(text, "{\"allowed\":1,\"syscalls\":[\"read\"],\"conditional\":[\"socket\"]}");
}
END_TEST

START_TEST(a_program_of_another_architecture_is_denied)
{
        FilterVerdict verdict;

        ck_assert_int_eq(filter_run(program, ELEMENTS(program), 1, SYS_read, &verdict), 0);
        ck_assert_uint_eq(verdict.action, SECCOMP_RET_ERRNO | 1);
}
END_TEST

START_TEST(what_the_kernel_would_not_take_is_refused)
{
        static const struct sock_filter bad[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 1),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct seccomp_data)),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, UINT32_MAX - 3),
                BPF_STMT(BPF_ST, BPF_MEMWORDS),
                BPF_STMT(BPF_LD | BPF_MEM, 1000),
                BPF_STMT(BPF_JMP | BPF_JA, 5),
                BPF_STMT(BPF_RET | BPF_A, 0),
                BPF_STMT(0xffff, 0),
        };
        FilterVerdict verdict;

        ck_assert_int_eq(filter_run(&bad[_i], 1, OWN_AUDIT_ARCH, 0, &verdict), -EINVAL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("filter-report");
        TCase *tc = tcase_create("filter-report");

        tcase_add_test(tc, a_report_says_what_the_program_does);
        tcase_add_test(tc, a_program_of_another_architecture_is_denied);
        tcase_add_loop_test(tc, what_the_kernel_would_not_take_is_refused, 0, 8);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
