/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/seccomp/newer.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

/*
 * Calls from Linux 6.5 on. Since 5.1 a call has one number on all architectures, but for a base where
 * there are several interfaces. To add one, add a row: the numbers are in the kernel's scripts/syscall.tbl.
 */
static const struct {
        const char *name;
        int number;
} newer[] = {
        { "cachestat", 451 },
        { "fchmodat2", 452 },
        { "map_shadow_stack", 453 },
        { "futex_wake", 454 },
        { "futex_wait", 455 },
        { "futex_requeue", 456 },
        { "statmount", 457 },
        { "listmount", 458 },
        { "lsm_get_self_attr", 459 },
        { "lsm_set_self_attr", 460 },
        { "lsm_list_modules", 461 },
        { "mseal", 462 },
        { "setxattrat", 463 },
        { "getxattrat", 464 },
        { "listxattrat", 465 },
        { "removexattrat", 466 },
        { "open_tree_attr", 467 },
        { "file_getattr", 468 },
        { "file_setattr", 469 },
};

/* Calls that one architecture has for itself. */
static const struct {
        uint32_t arch;
        const char *name;
        int number;
} own[] = {
        { SCMP_ARCH_X86_64, "uretprobe", 335 },
        { SCMP_ARCH_X86_64, "uprobe", 336 },
        { SCMP_ARCH_RISCV64, "riscv_hwprobe", 258 },
};

enum { X32_BIT = 0x40000000 };

static int base_of(uint32_t arch) {
        static const struct {
                uint32_t arch;
                int base;
        } bases[] = {
                { SCMP_ARCH_X32, X32_BIT },
                { SCMP_ARCH_MIPS, 4000 },
                { SCMP_ARCH_MIPSEL, 4000 },
                { SCMP_ARCH_MIPS64, 5000 },
                { SCMP_ARCH_MIPSEL64, 5000 },
                { SCMP_ARCH_MIPS64N32, 6000 },
                { SCMP_ARCH_MIPSEL64N32, 6000 },
        };

        for (size_t i = 0; i < ELEMENTS(bases); i++)
                if (bases[i].arch == arch)
                        return bases[i].base;
        return 0;
}

int seccomp_newer_number(uint32_t arch, const char *name) {
        for (size_t i = 0; i < ELEMENTS(newer); i++)
                if (strcmp(newer[i].name, name) == 0)
                        return base_of(arch) + newer[i].number;
        for (size_t i = 0; i < ELEMENTS(own); i++)
                if (own[i].arch == arch && strcmp(own[i].name, name) == 0)
                        return own[i].number;
        return -ENOENT;
}

/* Negative numbers but -1 are libseccomp's own, for calls that an architecture lacks or multiplexes. */
int seccomp_number(uint32_t arch, const char *name) {
        int number = seccomp_syscall_resolve_name_arch(arch, name);

        return number >= 0 ? number : seccomp_newer_number(arch, name);
}

uint32_t seccomp_return_value(const SeccompAction *action) {
        static const uint32_t values[_SECCOMP_ACT_MAX] = {
                [SECCOMP_ACT_ALLOW] = SECCOMP_RET_ALLOW,
                [SECCOMP_ACT_ERRNO] = SECCOMP_RET_ERRNO,
                [SECCOMP_ACT_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
                [SECCOMP_ACT_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
                [SECCOMP_ACT_LOG] = SECCOMP_RET_LOG,
                [SECCOMP_ACT_TRACE] = SECCOMP_RET_TRACE,
                [SECCOMP_ACT_TRAP] = SECCOMP_RET_TRAP,
        };

        return values[action->act] | action->data;
}

typedef struct Prologue {
        const SeccompProfile *profile;
        const SeccompTarget *target;
        struct sock_filter *code;
        size_t n;
        Fault *fault;
} Prologue;

static int put(Prologue *to, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k) {
        if (to->n == SECCOMP_PROLOGUE_MOST)
                return fault_raise(to->fault, FAULT_VALUE, E2BIG,
                                "the profile names too many calls that libseccomp does not know");
        to->code[to->n++] = (struct sock_filter){ .code = code, .jt = jt, .jf = jf, .k = k };
        return 0;
}

/* Whoever does not let everything through that is not named. */
static bool is_strict(const SeccompAction *action) {
        return action->act != SECCOMP_ACT_ALLOW && action->act != SECCOMP_ACT_LOG &&
               action->act != SECCOMP_ACT_TRACE;
}

static int put_newer_call(Prologue *to, uint32_t arch, const SeccompRule *rule, const char *name) {
        int r, number = seccomp_newer_number(arch, name);

        if (number < 0 || seccomp_syscall_resolve_name_arch(arch, name) != __NR_SCMP_ERROR)
                return 0;

        /* To leave a rule out that lets a call through is safe; one that stops a call must hold. */
        if (rule->n_args > 0) {
                if (is_strict(&to->profile->default_action))
                        return 0;
                return fault_raise(to->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "cannot look at the arguments of '%s', libseccomp is too old to know it",
                                name);
        }

        r = put(to, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t) number);
        if (r < 0)
                return r;
        return put(to, BPF_RET | BPF_K, 0, 0, seccomp_return_value(&rule->action));
}

/* The highest number that any rule names, also one that does not hold here: it is known, then. */
static int highest(const SeccompProfile *profile, uint32_t arch) {
        int most = -1;

        for (size_t i = 0; i < profile->n_rules; i++)
                for (char **name = profile->rules[i].names; name && *name; name++) {
                        int number = seccomp_number(arch, *name);

                        if (number > most)
                                most = number;
                }
        return most;
}

/* With the number of the call in the accumulator: what is known of calls on one architecture. */
static int put_calls(Prologue *to, uint32_t arch) {
        int most, r = 0;

        for (size_t i = 0; i < to->profile->n_rules; i++) {
                const SeccompRule *rule = &to->profile->rules[i];

                if (!seccomp_rule_holds(rule, to->target))
                        continue;
                for (char **name = rule->names; r >= 0 && name && *name; name++)
                        r = put_newer_call(to, arch, rule, *name);
        }
        if (r < 0 || !is_strict(&to->profile->default_action))
                return r;

        most = highest(to->profile, arch);
        if (most < 0)
                return 0;
        r = put(to, BPF_JMP | BPF_JGT | BPF_K, 0, 1, (uint32_t) most);
        if (r < 0)
                return r;
        return put(to, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
}

static bool has_arch(const uint32_t *arches, uint32_t arch) {
        for (; *arches; arches++)
                if (*arches == arch)
                        return true;
        return false;
}

/* Conditional jumps reach 255 instructions far, unconditional ones any distance: so those skip the parts. */
static int put_skip(Prologue *to, uint16_t code, uint32_t k, size_t *ret_at) {
        int r = put(to, code, 1, 0, k);

        if (r < 0)
                return r;
        *ret_at = to->n;
        return put(to, BPF_JMP | BPF_JA, 0, 0, 0);
}

static void land(Prologue *to, size_t at) {
        to->code[at].k = (uint32_t) (to->n - at - 1);
}

/*
 * One architecture: "if it is not this one, skip; load the number; …; go to the end". x32 has the
 * kernel's name of x86-64, and numbers with a bit of their own.
 */
static int put_arch(Prologue *to, const uint32_t *arches, uint32_t arch, size_t *ret_exit) {
        size_t other, wide = 0;
        int r;

        r = put_skip(to, BPF_JMP | BPF_JEQ | BPF_K, arch, &other);
        if (r < 0)
                return r;
        r = put(to, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
        if (r >= 0 && arch == SCMP_ARCH_X86_64) {
                /* Inverted: the jump over the skip is for x32, so the native part is what it skips to. */
                r = put(to, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
                wide = to->n;
                if (r >= 0)
                        r = put(to, BPF_JMP | BPF_JA, 0, 0, 0);
        }
        if (r >= 0)
                r = put_calls(to, arch);
        if (r < 0)
                return r;

        if (wide > 0) {
                size_t native = to->n;

                r = put(to, BPF_JMP | BPF_JA, 0, 0, 0);
                land(to, wide);
                if (r >= 0 && has_arch(arches, SCMP_ARCH_X32))
                        r = put_calls(to, SCMP_ARCH_X32);
                if (r < 0)
                        return r;
                land(to, native);
        }

        *ret_exit = to->n;
        r = put(to, BPF_JMP | BPF_JA, 0, 0, 0);
        land(to, other);
        return r;
}

int seccomp_prologue(const SeccompProfile *profile, const SeccompTarget *target, const uint32_t *arches,
                struct sock_filter *code, Fault *fault) {
        Prologue to = { .profile = profile, .target = target, .code = code, .fault = fault };
        size_t exits[16], n = 0;
        int r;

        r = put(&to, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
        for (const uint32_t *arch = arches; r >= 0 && *arch && n < ELEMENTS(exits); arch++)
                if (*arch != SCMP_ARCH_X32)
                        r = put_arch(&to, arches, *arch, &exits[n++]);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++)
                land(&to, exits[i]);
        return (int) to.n;
}
