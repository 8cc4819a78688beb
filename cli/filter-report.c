/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/filter-report.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/own-arch.h"

enum { HIGHEST_CALL = 1023, LONGEST_PROGRAM = BPF_MAXINSNS * sizeof(struct sock_filter) };

typedef struct Machine {
        uint32_t a, memory[BPF_MEMWORDS];
        struct seccomp_data data;
        bool looks_at_arguments;
} Machine;

static int load(Machine *machine, uint32_t at) {
        if (at % 4 != 0 || at > sizeof(machine->data) - 4)
                return -EINVAL;
        memcpy(&machine->a, (const char *) &machine->data + at, 4);
        if (at >= offsetof(struct seccomp_data, args))
                machine->looks_at_arguments = true;
        return 0;
}

/* Return: 1 when the condition holds, 0 when it does not, -EINVAL. */
static int test(const Machine *machine, const struct sock_filter *i) {
        switch (BPF_OP(i->code)) {
        case BPF_JEQ:
                return machine->a == i->k;
        case BPF_JGT:
                return machine->a > i->k;
        case BPF_JGE:
                return machine->a >= i->k;
        case BPF_JSET:
                return (machine->a & i->k) != 0;
        default:
                return -EINVAL;
        }
}

/* One instruction that neither jumps nor returns. */
static int step(Machine *machine, const struct sock_filter *i) {
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
                return load(machine, i->k);
        case BPF_ALU | BPF_AND | BPF_K:
                machine->a &= i->k;
                return 0;
        case BPF_ST:
        case BPF_LD | BPF_MEM:
                if (i->k >= BPF_MEMWORDS)
                        return -EINVAL;
                if (i->code == BPF_ST)
                        machine->memory[i->k] = machine->a;
                else
                        machine->a = machine->memory[i->k];
                return 0;
        default:
                return -EINVAL;
        }
}

/* Jumps only lead forward, so it comes to an end. */
int filter_run(const struct sock_filter *program, size_t n, uint32_t arch, int number, FilterVerdict *ret) {
        Machine machine = { .data = { .nr = number, .arch = arch } };

        for (size_t pc = 0; pc < n; pc++) {
                const struct sock_filter *i = &program[pc];
                int r = 0;

                if (i->code == (BPF_RET | BPF_K)) {
                        *ret = (FilterVerdict){ i->k, machine.looks_at_arguments };
                        return 0;
                }
                if (i->code == (BPF_JMP | BPF_JA))
                        pc += i->k;
                else if (BPF_CLASS(i->code) == BPF_JMP && BPF_SRC(i->code) == BPF_K) {
                        r = test(&machine, i);
                        pc += r > 0 ? i->jt : i->jf;
                } else
                        r = step(&machine, i);
                if (r < 0)
                        return r;
        }
        return -EINVAL;
}

static bool is_allowed(uint32_t action) {
        return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW ||
               (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG;
}

static int compare(const void *a, const void *b) {
        return strcmp(json_string_value(*(json_t *const *) a), json_string_value(*(json_t *const *) b));
}

static json_t *sorted(json_t **list, size_t n) {
        json_t *array = json_array();

        qsort(list, n, sizeof(*list), compare);
        for (size_t i = 0; i < n; i++)
                (void) json_array_append_new(array, list[i]);
        return array;
}

json_t *filter_report(int fd) {
        json_t *allowed[HIGHEST_CALL + 1], *conditional[HIGHEST_CALL + 1];
        size_t size, n_allowed = 0, n_conditional = 0;
        autofree char *text = NULL;

        if (io_read_fd(fd, LONGEST_PROGRAM, &text, &size) < 0 || size % sizeof(struct sock_filter) != 0)
                return NULL;
        for (int number = 0; number <= HIGHEST_CALL; number++) {
                autofree char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
                FilterVerdict verdict;

                if (!name || filter_run((const struct sock_filter *) text, size / sizeof(struct sock_filter),
                                             OWN_AUDIT_ARCH, number, &verdict) < 0)
                        continue;
                if (verdict.looks_at_arguments)
                        conditional[n_conditional++] = json_string(name);
                else if (is_allowed(verdict.action))
                        allowed[n_allowed++] = json_string(name);
        }
        return json_pack("{sI so so}", "allowed", (json_int_t) n_allowed, "syscalls",
                        sorted(allowed, n_allowed), "conditional", sorted(conditional, n_conditional));
}
