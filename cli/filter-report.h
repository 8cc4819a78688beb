/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a system call filter lets through
 *
 * The very program that the kernel has is run on each system call of this architecture, with all arguments
 * 0.
 */

#include <jansson.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct FilterVerdict {
        uint32_t action;         /* SECCOMP_RET_* */
        bool looks_at_arguments; /* another argument may have another verdict */
} FilterVerdict;

/* Return: 0, -EINVAL for a program that the kernel would not take. */
int filter_run(const struct sock_filter *program, size_t n, uint32_t arch, int number, FilterVerdict *ret);

/* {"allowed": 350, "syscalls": ["accept", …], "conditional": ["clone", …]}. Return: NULL when it cannot be
 * read. */
json_t *filter_report(int fd);
