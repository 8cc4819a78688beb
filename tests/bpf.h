/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An interpreter for seccomp programs
 *
 * Runs what the kernel would run, on any architecture and call, without
 * loading it. Knows the instructions that filters consist of; any other one,
 * and any jump or load out of bounds, ends the test.
 */

#include <check.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bpf_load(const struct seccomp_data *data, uint32_t at) {
        uint32_t word;

        ck_assert_uint_eq(at % 4, 0);
        ck_assert_uint_le(at + 4, sizeof(*data));
        memcpy(&word, (const char *) data + at, sizeof(word));
        return word;
}

static inline int bpf_test(uint16_t code, uint32_t a, uint32_t k) {
        switch (BPF_OP(code)) {

        case BPF_JEQ:
                return a == k;

        case BPF_JGT:
                return a > k;

        case BPF_JGE:
                return a >= k;

        case BPF_JSET:
                return (a & k) != 0;

        default:
                ck_abort_msg("unknown jump %#x", code);
        }
}

/* Return: what the filter returns; SECCOMP_RET_DATA has the errno. */
static inline uint32_t bpf_run(
                const struct sock_filter *program, size_t n, const struct seccomp_data *data) {
        uint32_t a = 0, memory[BPF_MEMWORDS] = {};

        for (size_t pc = 0; pc < n; pc++) {
                const struct sock_filter *i = &program[pc];

                if (i->code == (BPF_RET | BPF_K))
                        return i->k;
                if (i->code == (BPF_LD | BPF_W | BPF_ABS))
                        a = bpf_load(data, i->k);
                else if (i->code == BPF_ST || i->code == BPF_LD + BPF_MEM) {
                        ck_assert_uint_lt(i->k, BPF_MEMWORDS);
                        if (i->code == BPF_ST)
                                memory[i->k] = a;
                        else
                                a = memory[i->k];
                } else if (i->code == (BPF_ALU | BPF_AND | BPF_K))
                        a &= i->k;
                else if (i->code == (BPF_JMP | BPF_JA))
                        pc += i->k;
                else if (BPF_CLASS(i->code) == BPF_JMP && BPF_SRC(i->code) == BPF_K)
                        pc += bpf_test(i->code, a, i->k) ? i->jt : i->jf;
                else
                        ck_abort_msg("unknown instruction %#x at %zu", i->code, pc);
        }
        ck_abort_msg("the program has no end");
}
