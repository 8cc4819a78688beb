/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The default profile: what it says of calls that matter, and that it forgets none. */

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/capability.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/seccomp/compile.h"
#include "nspawn-glue/seccomp/newer.h"
#include "tests/bpf.h"
#include "tests/suite.h"

#define ALLOW SECCOMP_RET_ALLOW
#define ERROR(e) (SECCOMP_RET_ERRNO | (e))

static void read_default(SeccompProfile *profile) {
        autofree char *text = NULL;
        Fault fault = {};
        size_t size;

        ck_assert_int_eq(io_read_file(AT_FDCWD, PROFILE_PATH, 1 << 20, &text, &size), 0);
        ck_assert_msg(seccomp_profile_read(text, size, PROFILE_PATH, profile, &fault) >= 0, "%s",
                        fault.text);
}

static SeccompProgram compiled(uint64_t capabilities) {
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        SeccompProgram program = {};
        SeccompTarget target;
        Fault fault = {};

        read_default(&profile);
        ck_assert_int_eq(seccomp_target_of_system(capabilities, &target), 0);
        ck_assert_msg(seccomp_compile(&profile, &target, &program, &fault) >= 0, "%s", fault.text);
        return program;
}

static uint32_t call(const SeccompProgram *program, uint32_t arch, const char *name, uint64_t a0) {
        struct seccomp_data data = { .arch = arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch,
                .args = { a0 } };

        data.nr = seccomp_number(arch, name);
        ck_assert_msg(data.nr >= 0, "no number for '%s'", name);
        return bpf_run(program->code, program->n, &data);
}

/* What a container gets with no capability, and with one. */
static const struct {
        const char *name;
        uint64_t argument;
        uint32_t without;
        const char *capability; /* NULL: nothing changes it */
        uint32_t with;
} calls[] = {
        { "read", 0, ALLOW, NULL, ALLOW },
        { "execve", 0, ALLOW, NULL, ALLOW },
        { "mseal", 0, ALLOW, NULL, ALLOW },
        { "statmount", 0, ALLOW, NULL, ALLOW },
        { "clone", CLONE_VM | CLONE_FS | CLONE_THREAD, ALLOW, "sys_admin", ALLOW },
        { "clone", CLONE_NEWUSER, ERROR(EPERM), "sys_admin", ALLOW },
        { "clone", CLONE_NEWNS | CLONE_VM, ERROR(EPERM), "sys_admin", ALLOW },
        { "clone", CLONE_NEWCGROUP, ERROR(EPERM), "sys_admin", ALLOW },
        { "clone3", 0, ERROR(ENOSYS), "sys_admin", ALLOW },
        { "unshare", 0, ERROR(EPERM), "sys_admin", ALLOW },
        { "mount", 0, ERROR(EPERM), "sys_admin", ALLOW },
        { "open_tree_attr", 0, ERROR(EPERM), "sys_admin", ALLOW },
        { "bpf", 0, ERROR(EPERM), "bpf", ALLOW },
        { "perf_event_open", 0, ERROR(EPERM), "perfmon", ALLOW },
        { "chroot", 0, ERROR(EPERM), "sys_chroot", ALLOW },
        { "open_by_handle_at", 0, ERROR(EPERM), "dac_read_search", ALLOW },
        { "kexec_load", 0, ERROR(EPERM), "sys_boot", ALLOW },
        { "finit_module", 0, ERROR(EPERM), "sys_module", ALLOW },
        { "clock_settime", 0, ERROR(EPERM), "sys_time", ALLOW },
        { "syslog", 0, ERROR(EPERM), "syslog", ALLOW },
        { "keyctl", 0, ERROR(EPERM), "sys_admin", ERROR(EPERM) },
        { "io_uring_setup", 0, ERROR(EPERM), "sys_admin", ERROR(EPERM) },
        { "userfaultfd", 0, ERROR(EPERM), "sys_admin", ERROR(EPERM) },
        { "socket", AF_UNIX, ALLOW, NULL, ALLOW },
        { "socket", AF_INET6, ALLOW, NULL, ALLOW },
        { "socket", AF_NETLINK, ALLOW, NULL, ALLOW },
        { "socket", AF_ALG, ERROR(EPERM), "sys_admin", ERROR(EPERM) },
        { "socket", AF_NFC, ALLOW, NULL, ALLOW },
        { "socket", AF_VSOCK, ERROR(EPERM), "sys_admin", ERROR(EPERM) },
        { "socket", AF_XDP, ALLOW, NULL, ALLOW },
        { "personality", PER_LINUX, ALLOW, NULL, ALLOW },
        { "personality", PER_LINUX32, ALLOW, NULL, ALLOW },
        { "personality", 0xffffffff, ALLOW, NULL, ALLOW },
        { "personality", ADDR_NO_RANDOMIZE, ERROR(EPERM), "sys_admin", ERROR(EPERM) },
        { "personality", READ_IMPLIES_EXEC, ERROR(EPERM), NULL, ERROR(EPERM) },
};

START_TEST(calls_that_matter_are_answered_as_promised)
{
        int number = calls[_i].capability ? capability_from_name(calls[_i].capability) : -1;
        AUTO(seccomp_program_done) SeccompProgram bare = compiled(0);
        AUTO(seccomp_program_done) SeccompProgram able = compiled(number < 0 ? 0 : CAPABILITY_BIT(number));
        uint32_t arch = seccomp_arch_native();

        ck_assert_uint_eq(call(&bare, arch, calls[_i].name, calls[_i].argument), calls[_i].without);
        ck_assert_uint_eq(call(&able, arch, calls[_i].name, calls[_i].argument), calls[_i].with);
}
END_TEST

START_TEST(other_interfaces_of_the_machine_are_no_way_around)
{
        AUTO(seccomp_program_done) SeccompProgram program = compiled(0);
        static const uint32_t arches[] = { SCMP_ARCH_X86, SCMP_ARCH_X32 };

        if (seccomp_arch_native() != SCMP_ARCH_X86_64)
                return;
        for (size_t i = 0; i < ELEMENTS(arches); i++) {
                ck_assert_uint_eq(call(&program, arches[i], "read", 0), ALLOW);
                ck_assert_uint_eq(call(&program, arches[i], "mount", 0), ERROR(EPERM));
                ck_assert_uint_eq(call(&program, arches[i], "clone", CLONE_NEWUSER), ERROR(EPERM));
                ck_assert_uint_eq(call(&program, arches[i], "clone3", 0), ERROR(ENOSYS));
                ck_assert_uint_eq(call(&program, arches[i], "mseal", 0), ALLOW);
        }
        ck_assert_uint_eq(call(&program, SCMP_ARCH_AARCH64, "read", 0), SECCOMP_RET_KILL_THREAD);
}
END_TEST

/* Libseccomp allows the call's part by itself wherever a profile allows one of those that it stands for. */
START_TEST(a_family_that_is_denied_is_so_for_32_bit_programs)
{
        AUTO(seccomp_program_done) SeccompProgram program = compiled(0);
        struct seccomp_data data = { .arch = SCMP_ARCH_X86, .nr = 359 };

        if (seccomp_arch_native() != SCMP_ARCH_X86_64)
                return;
        for (unsigned part = 0; part < 32; part++)
                ck_assert_uint_eq(call(&program, SCMP_ARCH_X86, "socketcall", part), ERROR(ENOSYS));

        /* The call of its own, which libseccomp takes for a part of the other, if asked for its number. */
        data.args[0] = AF_INET;
        ck_assert_uint_eq(bpf_run(program.code, program.n, &data), ALLOW);
        data.args[0] = AF_ALG;
        ck_assert_uint_eq(bpf_run(program.code, program.n, &data), ERROR(EPERM));
        data.args[0] = AF_VSOCK;
        ck_assert_uint_eq(bpf_run(program.code, program.n, &data), ERROR(EPERM));
}
END_TEST

START_TEST(what_no_rule_can_know_yet_does_not_exist)
{
        AUTO(seccomp_program_done) SeccompProgram program = compiled(0);
        struct seccomp_data data = { .arch = seccomp_arch_native(), .nr = 470 };

        for (; data.nr < 1000; data.nr++)
                ck_assert_uint_eq(bpf_run(program.code, program.n, &data), ERROR(ENOSYS));
}
END_TEST

static bool is_named(const SeccompProfile *profile, const char *name) {
        for (size_t i = 0; i < profile->n_rules; i++)
                if (strv_find(profile->rules[i].names, name))
                        return true;
        return false;
}

static char **read_denied(void) {
        autofree char *text = NULL;
        char **list = NULL, *save = NULL;

        ck_assert_int_eq(io_read_file(AT_FDCWD, DENIED_PATH, 1 << 20, &text, NULL), 0);
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                if (*line != '#')
                        ck_assert_int_eq(strv_append(&list, line), 0);
        return list;
}

START_TEST(every_call_is_in_the_profile_or_in_the_list_of_those_denied)
{
        static const uint32_t arches[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_ARM,
                SCMP_ARCH_AARCH64, SCMP_ARCH_RISCV64, SCMP_ARCH_S390X, SCMP_ARCH_PPC64LE };
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        autostrv char **denied = read_denied();
        unsigned seen = 0;

        read_default(&profile);
        for (size_t i = 0; i < ELEMENTS(arches); i++)
                for (int k = 0; k < 700; k++) {
                        int number = arches[i] == SCMP_ARCH_X32 ? k | 0x40000000 : k;
                        autofree char *name = seccomp_syscall_resolve_num_arch(arches[i], number);

                        if (!name)
                                continue;
                        seen++;
                        ck_assert_msg(is_named(&profile, name) != !!strv_find(denied, name), "%s: in %s",
                                        name, is_named(&profile, name) ? "both" : "neither");
                }
        ck_assert_uint_gt(seen, 2000);
}
END_TEST

START_TEST(every_rule_says_what_it_is_for)
{
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        autofree char *text = NULL;
        size_t comments = 0;

        ck_assert_int_eq(io_read_file(AT_FDCWD, PROFILE_PATH, 1 << 20, &text, NULL), 0);
        read_default(&profile);
        for (const char *c = text; (c = strstr(c, "\"comment\": \"")); c++)
                comments++;
        ck_assert_uint_eq(comments, profile.n_rules);
}
END_TEST

/* In a child, with the filter on: exits with 0 if the kernel answers as the profile says. */
static int live(const SeccompProgram *program) {
        const struct sock_fprog loaded = { .len = (unsigned short) program->n, .filter = program->code };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) < 0)
                return 10;
        if (syscall(SYS_getpid) <= 0)
                return 11;
        if (syscall(SYS_unshare, CLONE_NEWUSER) != -1 || errno != EPERM)
                return 12;
        if (syscall(SYS_keyctl, 0, 0, 0, 0, 0) != -1 || errno != EPERM)
                return 13;
        if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
                return 14;
        if (syscall(SYS_socket, AF_ALG, SOCK_SEQPACKET, 0) != -1 || errno != EPERM)
                return 15;
        if (syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) < 0)
                return 16;
        if (syscall(SYS_personality, ADDR_NO_RANDOMIZE) != -1 || errno != EPERM)
                return 17;
        if (syscall(999) != -1 || errno != ENOSYS)
                return 18;
        return 0;
}

START_TEST(the_kernel_takes_the_program_and_does_what_it_says)
{
        AUTO(seccomp_program_done) SeccompProgram program = compiled(capability_default_set());
        int status;
        pid_t pid;

        ck_assert_uint_le(program.n, BPF_MAXINSNS);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
                _exit(live(&program));
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
        ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("seccomp-default");
        TCase *tc = tcase_create("seccomp-default");

        tcase_add_loop_test(tc, calls_that_matter_are_answered_as_promised, 0, ELEMENTS(calls));
        tcase_add_test(tc, other_interfaces_of_the_machine_are_no_way_around);
        tcase_add_test(tc, a_family_that_is_denied_is_so_for_32_bit_programs);
        tcase_add_test(tc, what_no_rule_can_know_yet_does_not_exist);
        tcase_add_test(tc, every_call_is_in_the_profile_or_in_the_list_of_those_denied);
        tcase_add_test(tc, every_rule_says_what_it_is_for);
        tcase_add_test(tc, the_kernel_takes_the_program_and_does_what_it_says);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
