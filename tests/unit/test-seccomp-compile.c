/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>

#include "lib/capability.h"
#include "nspawn-glue/seccomp/cache.h"
#include "nspawn-glue/seccomp/compile.h"
#include "nspawn-glue/seccomp/newer.h"
#include "tests/bpf.h"
#include "tests/suite.h"

#define ALLOW SECCOMP_RET_ALLOW
#define ERROR(e) (SECCOMP_RET_ERRNO | (e))

/* The target of all tests: nothing depends on the machine that they run on, but libseccomp's native
 * architecture. */
static SeccompTarget target(uint64_t capabilities) {
        return (SeccompTarget){
                .arch = seccomp_native_arch(), .capabilities = capabilities, .kernel = { 6, 1 }
        };
}

static SeccompProgram compiled(const char *text, const SeccompTarget *for_target) {
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        SeccompProgram program = {};
        Fault fault = {};
        int r = seccomp_profile_read(text, strlen(text), "p.json", &profile, &fault);

        if (r >= 0)
                r = seccomp_compile(&profile, for_target, &program, &fault);
        ck_assert_msg(r >= 0, "%s", fault.text);
        return program;
}

/* What the program says of a call by its name. */
static uint32_t call_on(
                const SeccompProgram *program, uint32_t arch, const char *name, uint64_t a0, uint64_t a1) {
        struct seccomp_data data = { .arch = arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch,
                .args = { a0, a1 } };

        data.nr = seccomp_number(arch, name);
        ck_assert_int_ge(data.nr, 0);
        return bpf_run(program->code, program->n, &data);
}

static uint32_t call(const SeccompProgram *program, const char *name, uint64_t a0, uint64_t a1) {
        return call_on(program, seccomp_arch_native(), name, a0, a1);
}

static uint32_t call_number(const SeccompProgram *program, uint32_t arch, int number) {
        const struct seccomp_data data = { .arch = arch, .nr = number };

        return bpf_run(program->code, program->n, &data);
}

/* One rule or more between the brackets of "syscalls", the default being EPERM. */
#define PROFILE(rules) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"
#define RULE(names, rest) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"" rest "}"
/* Something that is numbered above all calls of the tests, so that ENOSYS stays out of the way. */
#define HIGH RULE("\"file_setattr\"", "")

START_TEST(calls_that_are_named_pass_and_others_get_the_default)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled(PROFILE(HIGH "," RULE("\"read\",\"no_such_call\"", "")), &here);

        ck_assert_uint_eq(call(&program, "read", 0, 0), ALLOW);
        ck_assert_uint_eq(call(&program, "write", 0, 0), ERROR(EPERM));
}
END_TEST

START_TEST(the_name_of_the_first_profiles_is_understood)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled(
                        PROFILE(HIGH ",{\"name\":\"read\",\"action\":\"SCMP_ACT_ALLOW\",\"args\":null}"),
                        &here);

        ck_assert_uint_eq(call(&program, "read", 0, 0), ALLOW);
        ck_assert_uint_eq(call(&program, "write", 0, 0), ERROR(EPERM));
}
END_TEST

static const struct {
        const char *text;
        uint32_t value;
} actions[] = {
        { "\"SCMP_ACT_ALLOW\"", SECCOMP_RET_ALLOW },
        { "\"SCMP_ACT_ERRNO\"", ERROR(EPERM) },
        { "\"SCMP_ACT_ERRNO\",\"errnoRet\":38", ERROR(ENOSYS) },
        { "\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"errno\":\"EACCES\"", ERROR(EACCES) },
        { "\"SCMP_ACT_ERRNO\",\"errnoRet\":4094", ERROR(4094) },
        { "\"SCMP_ACT_KILL\"", SECCOMP_RET_KILL_THREAD },
        { "\"SCMP_ACT_KILL_THREAD\"", SECCOMP_RET_KILL_THREAD },
        { "\"SCMP_ACT_KILL_PROCESS\"", SECCOMP_RET_KILL_PROCESS },
        { "\"SCMP_ACT_LOG\"", SECCOMP_RET_LOG },
        { "\"SCMP_ACT_TRAP\"", SECCOMP_RET_TRAP },
        { "\"SCMP_ACT_TRACE\",\"errnoRet\":7", SECCOMP_RET_TRACE | 7 },
};

START_TEST(each_action_returns_what_the_kernel_calls_it)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done) SeccompProgram program = {};
        char text[512];

        (void) snprintf(text, sizeof(text),
                        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":5,\"syscalls\":["
                        "{\"names\":[\"read\",\"mseal\"],\"action\":%s}]}",
                        actions[_i].text);
        program = compiled(text, &here);
        ck_assert_uint_eq(call(&program, "read", 0, 0), actions[_i].value);
        ck_assert_uint_eq(call(&program, "mseal", 0, 0), actions[_i].value);
        ck_assert_uint_eq(call(&program, "write", 0, 0), ERROR(EIO));
}
END_TEST

START_TEST(a_default_can_be_named_as_podman_does)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,"
                                          "\"defaultErrno\":\"EXDEV\",\"syscalls\":[" HIGH "]}",
                        &here);

        ck_assert_uint_eq(call(&program, "read", 0, 0), ERROR(EXDEV));
}
END_TEST

#define BIG "4294967298" /* 2³² + 2: both halves count */

static const struct {
        const char *op, *value, *value_two;
        uint64_t argument;
        bool is_met;
} comparisons[] = {
        { "NE", "5", "0", 5, false },
        { "NE", "5", "0", 6, true },
        { "LT", "5", "0", 4, true },
        { "LT", "5", "0", 5, false },
        { "LE", "5", "0", 5, true },
        { "LE", "5", "0", 6, false },
        { "EQ", "5", "0", 5, true },
        { "EQ", "5", "0", 5 + (UINT64_C(1) << 32), false },
        { "GE", "5", "0", 5, true },
        { "GE", "5", "0", 4, false },
        { "GT", "5", "0", UINT64_C(1) << 32, true },
        { "GT", "5", "0", 5, false },
        { "LT", BIG, "0", 3, true },
        { "EQ", BIG, "0", 4294967298, true },
        { "EQ", BIG, "0", 2, false },
        { "MASKED_EQ", "12", "4", 4 + 3, true },
        { "MASKED_EQ", "12", "4", 12, false },
        { "MASKED_EQ", "12", "0", 3, true },
};

START_TEST(arguments_are_compared_in_all_64_bits)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done) SeccompProgram program = {};
        char text[512];

        (void) snprintf(text, sizeof(text),
                        PROFILE(HIGH ",{\"names\":[\"lseek\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{"
                                     "\"index\":1,"
                                     "\"value\":%s,\"valueTwo\":%s,\"op\":\"SCMP_CMP_%s\"}]}"),
                        comparisons[_i].value, comparisons[_i].value_two, comparisons[_i].op);
        program = compiled(text, &here);
        ck_assert_uint_eq(call(&program, "lseek", 99, comparisons[_i].argument),
                        comparisons[_i].is_met ? ALLOW : ERROR(EPERM));
}
END_TEST

#define ARG(index, value) "{\"index\":" #index ",\"value\":" #value ",\"op\":\"SCMP_CMP_EQ\"}"

START_TEST(conditions_on_two_arguments_must_both_be_met)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled(
                        PROFILE(HIGH "," RULE("\"lseek\"", ",\"args\":[" ARG(0, 1) "," ARG(1, 2) "]")),
                        &here);

        ck_assert_uint_eq(call(&program, "lseek", 1, 2), ALLOW);
        ck_assert_uint_eq(call(&program, "lseek", 1, 3), ERROR(EPERM));
        ck_assert_uint_eq(call(&program, "lseek", 3, 2), ERROR(EPERM));
}
END_TEST

START_TEST(of_two_conditions_on_one_argument_either_is_enough)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program =
                        compiled(PROFILE(HIGH "," RULE("\"lseek\"",
                                                 ",\"args\":[" ARG(0, 1) "," ARG(0, 2) "," ARG(1, 9) "]")),
                                        &here);

        ck_assert_uint_eq(call(&program, "lseek", 1, 0), ALLOW);
        ck_assert_uint_eq(call(&program, "lseek", 2, 0), ALLOW);
        ck_assert_uint_eq(call(&program, "lseek", 3, 9), ALLOW);
        ck_assert_uint_eq(call(&program, "lseek", 3, 0), ERROR(EPERM));
}
END_TEST

/* What a condition makes of a rule for a container with CHOWN and KILL on a kernel 6.1. */
static const struct {
        const char *condition;
        bool holds;
} conditions[] = {
        { "\"includes\":{}", true },
        { "\"includes\":null,\"excludes\":{}", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\"]}", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_KILL\"]}", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_SYS_ADMIN\"]}", false },
        { "\"includes\":{\"caps\":[\"CAP_FROM_THE_FUTURE\"]}", false },
        { "\"includes\":{\"caps\":[\"chown\"]}", false },
        { "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", true },
        { "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_CHOWN\"]}", false },
        { "\"excludes\":{\"caps\":[\"CAP_FROM_THE_FUTURE\"]}", true },
        { "\"includes\":{\"arches\":[\"none\",\"@\"]}", true },
        { "\"includes\":{\"arches\":[\"none\"]}", false },
        { "\"includes\":{\"arches\":[\"x32\"]}", false },
        { "\"excludes\":{\"arches\":[\"@\"]}", false },
        { "\"excludes\":{\"arches\":[\"none\"]}", true },
        { "\"includes\":{\"minKernel\":\"6.1\"}", true },
        { "\"includes\":{\"minKernel\":\"4.20\"}", true },
        { "\"includes\":{\"minKernel\":\"6.2\"}", false },
        { "\"includes\":{\"minKernel\":\"10.0\"}", false },
        { "\"excludes\":{\"minKernel\":\"6.1\"}", false },
        { "\"excludes\":{\"minKernel\":\"6.10\"}", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\"],\"minKernel\":\"7.0\"}", false },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\"]},\"excludes\":{\"caps\":[\"CAP_KILL\"]}", false },
};

START_TEST(a_rule_holds_when_its_conditions_are_met)
{
        const SeccompTarget here = target(CAPABILITY_BIT(capability_from_name("chown")) |
                                          CAPABILITY_BIT(capability_from_name("kill")));
        AUTO(seccomp_program_done) SeccompProgram program = {};
        const char *at = strchr(conditions[_i].condition, '@');
        char condition[256], text[512];

        (void) snprintf(condition, sizeof(condition), "%.*s%s%s",
                        at ? (int) (at - conditions[_i].condition) : 200, conditions[_i].condition,
                        at ? seccomp_native_arch() : "", at ? at + 1 : "");
        (void) snprintf(text, sizeof(text),
                        PROFILE(HIGH ",{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",%s}"), condition);
        program = compiled(text, &here);
        ck_assert_msg(call(&program, "read", 0, 0) == (conditions[_i].holds ? ALLOW : ERROR(EPERM)), "%s",
                        conditions[_i].condition);
}
END_TEST

START_TEST(the_map_of_architectures_adds_those_of_the_native_one)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":["
                                          "{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":["
                                          "\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]},"
                                          "{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":["
                                          "\"SCMP_ARCH_ARM\"]}],"
                                          "\"syscalls\":[" RULE("\"getpid\"", "") "," HIGH "]}",
                        &here);

        ck_assert_uint_eq(call(&program, "getpid", 0, 0), ALLOW);
        if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
                ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X86, "getpid", 0, 0), ALLOW);
                ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X32, "getpid", 0, 0), ALLOW);
                ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X32, "file_setattr", 0, 0), ALLOW);
                ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X86, "open", 0, 0), ERROR(EPERM));
                ck_assert_uint_eq(call_on(&program, SCMP_ARCH_ARM, "getpid", 0, 0), SECCOMP_RET_KILL_THREAD);
        }
}
END_TEST

START_TEST(an_architecture_that_is_not_named_is_killed)
{
        const SeccompTarget here = target(0);
        uint32_t other = seccomp_arch_native() == SCMP_ARCH_X86_64 ? SCMP_ARCH_X86 : SCMP_ARCH_X86_64;
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled(PROFILE(RULE("\"getpid\"", "") "," HIGH), &here);

        ck_assert_uint_eq(call(&program, "getpid", 0, 0), ALLOW);
        ck_assert_uint_eq(call_on(&program, other, "getpid", 0, 0), SECCOMP_RET_KILL_THREAD);
        if (seccomp_arch_native() == SCMP_ARCH_X86_64)
                ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X32, "getpid", 0, 0), SECCOMP_RET_KILL_THREAD);
}
END_TEST

START_TEST(architectures_can_be_listed)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
                                          "\"SCMP_ARCH_X86\",\"SCMP_ARCH_X86_64\"],"
                                          "\"syscalls\":[" RULE("\"getpid\"", "") "]}",
                        &here);

        ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X86, "getpid", 0, 0), ALLOW);
        ck_assert_uint_eq(call_on(&program, SCMP_ARCH_X86_64, "getpid", 0, 0), ALLOW);
}
END_TEST

START_TEST(calls_above_the_highest_that_is_named_do_not_exist)
{
        const SeccompTarget here = target(0);
        uint32_t arch = seccomp_arch_native();
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled(PROFILE(RULE("\"getpid\",\"pidfd_open\"",
                                                          "") ",{\"names\":[\"openat2\"],\"action\":"
                                                              "\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":["
                                                              "\"CAP_SYS_ADMIN\"]}}"),
                        &here);

        ck_assert_uint_eq(call(&program, "pidfd_open", 0, 0), ALLOW);
        ck_assert_uint_eq(call(&program, "close_range", 0, 0), ERROR(EPERM));
        /* Named, though by a rule that does not hold: so it is known, and denied. */
        ck_assert_uint_eq(call(&program, "openat2", 0, 0), ERROR(EPERM));
        ck_assert_uint_eq(call_number(&program, arch, seccomp_number(arch, "openat2") + 1), ERROR(ENOSYS));
        ck_assert_uint_eq(call_number(&program, arch, 20000), ERROR(ENOSYS));
}
END_TEST

START_TEST(a_profile_that_allows_by_default_hides_nothing)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":["
                                          "\"getpid\",\"statmount\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
                        &here);

        ck_assert_uint_eq(call(&program, "getpid", 0, 0), ERROR(EPERM));
        ck_assert_uint_eq(call(&program, "statmount", 0, 0), ERROR(EPERM));
        ck_assert_uint_eq(call(&program, "read", 0, 0), ALLOW);
        ck_assert_uint_eq(call_number(&program, seccomp_arch_native(), 20000), ALLOW);
}
END_TEST

START_TEST(calls_that_libseccomp_does_not_know_are_known_by_number)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled(PROFILE(HIGH "," RULE("\"mseal\"", "")), &here);

        ck_assert_uint_eq(call_number(&program, seccomp_arch_native(), 462), ALLOW);
        ck_assert_uint_eq(call_number(&program, seccomp_arch_native(), 463), ERROR(EPERM));
        ck_assert_uint_eq(call_number(&program, seccomp_arch_native(), 470), ERROR(ENOSYS));
}
END_TEST

START_TEST(numbers_of_newer_calls_are_those_of_libseccomp)
{
        static const char *const names[] = { "cachestat", "fchmodat2", "map_shadow_stack", "futex_wake",
                "futex_wait", "futex_requeue", "mseal", "statmount", "listmount", "setxattrat",
                "uretprobe" };
        static const uint32_t arches[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64,
                SCMP_ARCH_ARM, SCMP_ARCH_RISCV64, SCMP_ARCH_S390X, SCMP_ARCH_PPC64LE, SCMP_ARCH_MIPS,
                SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64N32 };
        unsigned compared = 0;

        for (size_t i = 0; i < ELEMENTS(names); i++)
                for (size_t k = 0; k < ELEMENTS(arches); k++) {
                        int number = seccomp_syscall_resolve_name_arch(arches[k], names[i]);

                        if (number < 0)
                                continue;
                        ck_assert_msg(seccomp_newer_number(arches[k], names[i]) == number, "%s on %#x",
                                        names[i], arches[k]);
                        compared++;
                }
        ck_assert_uint_gt(compared, 50);
}
END_TEST

START_TEST(an_empty_profile_turns_filtering_off)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done) SeccompProgram program = compiled("{\"comment\":\"x\"}", &here);

        ck_assert_ptr_null(program.code);
        ck_assert_uint_eq(program.n, 0);
}
END_TEST

START_TEST(keys_are_found_in_any_case_as_go_finds_them)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program =
                        compiled("{\"DefaultAction\":\"SCMP_ACT_ERRNO\",\"Syscalls\":[" HIGH "]}", &here);

        ck_assert_uint_eq(call(&program, "read", 0, 0), ERROR(EPERM));
}
END_TEST

START_TEST(flags_travel_behind_the_end)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_program_done)
        SeccompProgram program = compiled("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":["
                                          "\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],"
                                          "\"syscalls\":[" RULE("\"read\"", "") "," HIGH "]}",
                                       &here),
                       plain = compiled(PROFILE(HIGH), &here);

        ck_assert_uint_eq(seccomp_program_flags(program.code, program.n),
                        SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
        ck_assert_uint_eq(seccomp_program_flags(plain.code, plain.n), 0);
        ck_assert_uint_eq(call(&program, "read", 0, 0), ALLOW);
        ck_assert_uint_eq(call(&program, "write", 0, 0), ERROR(EPERM));
        seccomp_program_done(&plain);
}
END_TEST

#define ONE(rule) PROFILE("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"," rule "}")

static const struct {
        const char *text, *words;
} refused[] = {
        { "[]", "a profile is a JSON object, and this is not" },
        { "{\"syscalls\":[" HIGH "]}", "there is no 'defaultAction'" },
        { "{\"syscalls\":\"none\"}", "'syscalls' is not an array" },
        { "{\"defaultAction\":7}", "'defaultAction' is not a string" },
        { "{\"defaultAction\":\"SCMP_ACT_DENY\"}",
                        "'defaultAction' is 'SCMP_ACT_DENY', which is no action" },
        { "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
                        "'defaultAction' is not supported: SCMP_ACT_NOTIFY needs a process beside the "
                        "container that answers each "
                        "call, and there is none" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/run/x\"}",
                        "'listenerPath' is not supported: nothing beside the container could listen" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}",
                        "'defaultErrnoRet' makes no sense with SCMP_ACT_ALLOW" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4095}",
                        "'defaultErrnoRet' is no error: they end at 4094" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"EWHAT\"}",
                        "'defaultErrno' is 'EWHAT', which is no error" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"FAST\"]}",
                        "'flags' has 'FAST', which is no flag" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\"],\"archMap\":["
          "{\"architecture\":\"SCMP_ARCH_X86_64\"}]}",
                        "both 'architectures' and 'archMap' are given, where one is enough" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_VAX\"]}",
                        "'SCMP_ARCH_VAX' is no architecture" },
        { PROFILE("7"), "'syscalls[0]' is not an object" },
        { PROFILE("{\"names\":[\"read\"]}"), "'syscalls[0]' has no 'action'" },
        { PROFILE("{\"names\":[7],\"action\":\"SCMP_ACT_ALLOW\"}"),
                        "'syscalls[0].names' has something that is not a string" },
        { ONE("\"name\":\"write\""), "'syscalls[0]' has both 'name' and 'names', where one is enough" },
        { ONE("\"args\":[{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]"),
                        "'syscalls[0].args[0].index' is not within its limits" },
        { ONE("\"args\":[{\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}]"),
                        "'syscalls[0].args[0].value' is not a number from 0 on" },
        { ONE("\"args\":[{\"index\":0,\"value\":1,\"op\":\"==\"}]"),
                        "'syscalls[0].args[0]' has 'op' '==', which is no comparison" },
        { ONE("\"includes\":{\"minKernel\":\"six\"}"),
                        "'syscalls[0].includes' has 'minKernel' 'six', which is no MAJOR.MINOR" },
        { ONE("\"includes\":[]"), "'syscalls[0].includes' is not an object" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mseal\"],\"action\":"
          "\"SCMP_ACT_ERRNO\",\"args\":[" ARG(0, 1) "]}]}",
                        "cannot look at the arguments of 'mseal', libseccomp is too old to know it" },
};

START_TEST(a_mistake_is_told_with_its_place)
{
        const SeccompTarget here = target(0);
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        AUTO(seccomp_program_done) SeccompProgram program = {};
        Fault fault = {};
        int r = seccomp_profile_read(refused[_i].text, strlen(refused[_i].text), "p.json", &profile, &fault);

        if (r >= 0)
                r = seccomp_compile(&profile, &here, &program, &fault);
        ck_assert_msg(r < 0, "'%s' was taken", refused[_i].text);
        ck_assert_str_eq(fault.text, refused[_i].words);
        ck_assert_str_eq(fault.path, "p.json");
}
END_TEST

START_TEST(broken_json_is_told_with_its_line)
{
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        Fault fault = {};
        const char text[] = "{\n\"defaultAction\": SCMP_ACT_ALLOW\n}";

        ck_assert_int_eq(seccomp_profile_read(text, strlen(text), "p.json", &profile, &fault), -EBADMSG);
        ck_assert_uint_eq(fault.line, 2);
        ck_assert_int_eq(fault.kind, FAULT_SYNTAX);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("seccomp-compile");
        TCase *tc = tcase_create("seccomp-compile");

        tcase_add_test(tc, calls_that_are_named_pass_and_others_get_the_default);
        tcase_add_test(tc, the_name_of_the_first_profiles_is_understood);
        tcase_add_loop_test(tc, each_action_returns_what_the_kernel_calls_it, 0, ELEMENTS(actions));
        tcase_add_test(tc, a_default_can_be_named_as_podman_does);
        tcase_add_loop_test(tc, arguments_are_compared_in_all_64_bits, 0, ELEMENTS(comparisons));
        tcase_add_test(tc, conditions_on_two_arguments_must_both_be_met);
        tcase_add_test(tc, of_two_conditions_on_one_argument_either_is_enough);
        tcase_add_loop_test(tc, a_rule_holds_when_its_conditions_are_met, 0, ELEMENTS(conditions));
        tcase_add_test(tc, the_map_of_architectures_adds_those_of_the_native_one);
        tcase_add_test(tc, an_architecture_that_is_not_named_is_killed);
        if (seccomp_arch_native() == SCMP_ARCH_X86_64)
                tcase_add_test(tc, architectures_can_be_listed);
        tcase_add_test(tc, calls_above_the_highest_that_is_named_do_not_exist);
        tcase_add_test(tc, a_profile_that_allows_by_default_hides_nothing);
        tcase_add_test(tc, calls_that_libseccomp_does_not_know_are_known_by_number);
        tcase_add_test(tc, numbers_of_newer_calls_are_those_of_libseccomp);
        tcase_add_test(tc, an_empty_profile_turns_filtering_off);
        tcase_add_test(tc, keys_are_found_in_any_case_as_go_finds_them);
        tcase_add_test(tc, flags_travel_behind_the_end);
        tcase_add_loop_test(tc, a_mistake_is_told_with_its_place, 0, ELEMENTS(refused));
        tcase_add_test(tc, broken_json_is_told_with_its_line);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
