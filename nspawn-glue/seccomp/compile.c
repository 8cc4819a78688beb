/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/seccomp/compile.h"

#include <ctype.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/seccomp/newer.h"

enum { MOST_INSTRUCTIONS = 4096, MOST_ARCHES = 16 };

static void seccomp_releasep(scmp_filter_ctx *context) {
        if (*context)
                seccomp_release(*context);
}

void seccomp_program_done(SeccompProgram *program) {
        free(program->code);
        *program = (SeccompProgram){};
}

static uint32_t to_libseccomp(const SeccompAction *action) {
        switch (action->act) {

        case SECCOMP_ACT_ALLOW:
                return SCMP_ACT_ALLOW;

        case SECCOMP_ACT_ERRNO:
                return SCMP_ACT_ERRNO(action->data);

        case SECCOMP_ACT_KILL_THREAD:
                return SCMP_ACT_KILL_THREAD;

        case SECCOMP_ACT_LOG:
                return SCMP_ACT_LOG;

        case SECCOMP_ACT_TRACE:
                return SCMP_ACT_TRACE(action->data);

        case SECCOMP_ACT_TRAP:
                return SCMP_ACT_TRAP;

        case SECCOMP_ACT_KILL_PROCESS:
        default:
                return SCMP_ACT_KILL_PROCESS;
        }
}

static enum scmp_compare to_compare(SeccompCompare compare) {
        static const enum scmp_compare values[_SECCOMP_COMPARE_MAX] = {
                [SECCOMP_NE] = SCMP_CMP_NE,
                [SECCOMP_LT] = SCMP_CMP_LT,
                [SECCOMP_LE] = SCMP_CMP_LE,
                [SECCOMP_EQ] = SCMP_CMP_EQ,
                [SECCOMP_GE] = SCMP_CMP_GE,
                [SECCOMP_GT] = SCMP_CMP_GT,
                [SECCOMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
        };

        return values[compare];
}

/* For MASKED_EQ the first datum is the mask, and the profile has it in 'value' just so. */
static struct scmp_arg_cmp to_arg(const SeccompArg *arg) {
        return (struct scmp_arg_cmp){
                .arg = arg->index,
                .op = to_compare(arg->compare),
                .datum_a = arg->value,
                .datum_b = arg->value_two,
        };
}

static bool has_argument_twice(const SeccompRule *rule) {
        unsigned seen = 0;

        for (size_t i = 0; i < rule->n_args; i++) {
                if (seen & 1u << rule->args[i].index)
                        return true;
                seen |= 1u << rule->args[i].index;
        }
        return false;
}

/* A rule that is there already, or is wider than one that is, is no mistake. */
static int add(scmp_filter_ctx context, uint32_t action, int number, unsigned n,
                const struct scmp_arg_cmp *args) {
        int r = seccomp_rule_add_array(context, action, number, n, args);

        return r == -EEXIST ? 0 : r;
}

/*
 * Conditions on different arguments must all be met. If there are two on one argument, each
 * condition counts for itself: an accident of the first runtimes that profiles have come to rely on.
 */
static int add_call(scmp_filter_ctx context, const SeccompRule *rule, int number) {
        struct scmp_arg_cmp args[SECCOMP_MOST_ARGS];
        uint32_t action = to_libseccomp(&rule->action);
        int r = 0;

        for (size_t i = 0; i < rule->n_args; i++)
                args[i] = to_arg(&rule->args[i]);

        if (!has_argument_twice(rule))
                return add(context, action, number, (unsigned) rule->n_args, args);
        for (size_t i = 0; r >= 0 && i < rule->n_args; i++)
                r = add(context, action, number, 1, &args[i]);
        return r;
}

/* Rules that say what happens anyway are left out; libseccomp would refuse them. */
static int add_rules(scmp_filter_ctx context, const SeccompProfile *profile, const SeccompTarget *target,
                Fault *fault) {
        uint32_t otherwise = to_libseccomp(&profile->default_action);

        for (size_t i = 0; i < profile->n_rules; i++) {
                const SeccompRule *rule = &profile->rules[i];

                if (!seccomp_rule_holds(rule, target) || to_libseccomp(&rule->action) == otherwise)
                        continue;

                for (char **name = rule->names; name && *name; name++) {
                        int r, number = seccomp_syscall_resolve_name(*name);

                        /* Known to another kernel, or in the prologue. */
                        if (number == __NR_SCMP_ERROR)
                                continue;
                        r = add_call(context, rule, number);
                        if (r < 0)
                                return fault_raise(fault, FAULT_SYSTEM, -r,
                                                "'syscalls[%zu]' cannot be compiled for '%s': %s", i, *name,
                                                strerror(-r));
                }
        }
        return 0;
}

/* libseccomp wants names in lower case and without the prefix. */
static int add_arch(scmp_filter_ctx context, const char *name, uint32_t *ret, Fault *fault) {
        static const char prefix[] = "SCMP_ARCH_";
        char word[32];
        size_t n = 0;
        int r;

        if (strncmp(name, prefix, strlen(prefix)) == 0)
                for (const char *c = name + strlen(prefix); *c && n + 1 < sizeof(word); c++)
                        word[n++] = (char) tolower((unsigned char) *c);
        word[n] = '\0';

        *ret = n > 0 ? seccomp_arch_resolve_name(word) : 0;
        if (*ret == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no architecture", name);
        r = seccomp_arch_add(context, *ret);
        if (r < 0 && r != -EEXIST)
                return fault_raise(fault, FAULT_VALUE, -r, "cannot filter for architecture '%s' here: %s",
                                name, strerror(-r));
        return 0;
}

static int add_arches(scmp_filter_ctx context, const SeccompProfile *profile, const SeccompTarget *target,
                uint32_t *arches, Fault *fault) {
        autostrv char **names = NULL;
        size_t n = 0;
        int r = seccomp_plan_arches(profile, target, &names);

        if (r < 0)
                return r;

        arches[n++] = seccomp_arch_native();
        for (size_t i = 0; names && names[i]; i++) {
                uint32_t arch;

                r = add_arch(context, names[i], &arch, fault);
                if (r < 0)
                        return r;
                for (size_t k = 0; k < n; k++)
                        if (arches[k] == arch)
                                arch = 0;
                if (arch && n + 1 < MOST_ARCHES)
                        arches[n++] = arch;
        }
        arches[n] = 0;
        return 0;
}

static int export_filter(scmp_filter_ctx context, char **ret, size_t *ret_size) {
        autofd int fd = memfd_create("seccomp", MFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = seccomp_export_bpf(context, fd);
        if (r < 0)
                return r;
        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        return io_read_fd(fd, MOST_INSTRUCTIONS * sizeof(struct sock_filter), ret, ret_size);
}

/* Prologue, filter, and the flags where they are never executed: see cache.h. */
static int join(const struct sock_filter *prologue, size_t n_prologue, const char *filter, size_t size,
                unsigned flags, SeccompProgram *ret) {
        size_t n_filter = size / sizeof(struct sock_filter), n = n_prologue + n_filter + (flags ? 2 : 0);
        struct sock_filter *code;

        if (n > MOST_INSTRUCTIONS)
                return -EFBIG;
        code = calloc(n, sizeof(*code));
        if (!code)
                return -ENOMEM;

        memcpy(code, prologue, n_prologue * sizeof(*code));
        memcpy(code + n_prologue, filter, n_filter * sizeof(*code));
        if (flags) {
                code[n - 2] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_IMM, flags);
                code[n - 1] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SCMP_ACT_KILL_PROCESS);
        }

        *ret = (SeccompProgram){ .code = code, .n = n };
        return 0;
}

static int fill(scmp_filter_ctx context, const SeccompProfile *profile, const SeccompTarget *target,
                uint32_t *arches, Fault *fault) {
        int r = add_arches(context, profile, target, arches, fault);

        if (r < 0)
                return r;
        r = add_rules(context, profile, target, fault);
        if (r < 0)
                return r;

        /* A tree instead of a chain: the kernel walks it for each call number when it loads the program. */
        if (profile->n_rules > 0)
                (void) seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        return 0;
}

int seccomp_compile(const SeccompProfile *profile, const SeccompTarget *target, SeccompProgram *ret,
                Fault *fault) {
        struct sock_filter prologue[SECCOMP_PROLOGUE_MOST];
        AUTO(seccomp_releasep) scmp_filter_ctx context = NULL;
        uint32_t arches[MOST_ARCHES] = {};
        autofree char *filter = NULL;
        size_t size;
        int n, r;

        if (profile->is_off) {
                *ret = (SeccompProgram){};
                return 0;
        }

        context = seccomp_init(to_libseccomp(&profile->default_action));
        if (!context)
                return fault_raise(fault, FAULT_SYSTEM, ENOMEM, "libseccomp cannot start a filter");
        r = fill(context, profile, target, arches, fault);
        if (r < 0)
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot compile the profile");

        n = seccomp_prologue(profile, target, arches, prologue, fault);
        if (n < 0)
                return n;
        r = export_filter(context, &filter, &size);
        if (r >= 0)
                r = join(prologue, (size_t) n, filter, size, profile->flags, ret);
        if (r == -EFBIG)
                return fault_raise(fault, FAULT_VALUE, EFBIG,
                                "the profile is too long: the kernel takes at most %d instructions",
                                MOST_INSTRUCTIONS);
        return r < 0 ? fault_wrap(fault, r, "cannot export the filter") : 0;
}
