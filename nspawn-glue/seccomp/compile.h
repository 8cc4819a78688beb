/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From a profile to a program
 *
 * libseccomp makes the filter. In front of it goes a part of our own, for
 * calls that libseccomp, or the profile, is too old to know; see newer.h.
 */

#include <linux/filter.h>

#include "nspawn-glue/seccomp/plan.h"

typedef struct SeccompProgram {
        struct sock_filter *code; /* NULL when the profile turns filtering off */
        size_t n;
} SeccompProgram;

/* Return: 0, or -errno with a fault. */
int seccomp_compile(const SeccompProfile *profile, const SeccompTarget *target, SeccompProgram *ret,
                Fault *fault);

void seccomp_program_done(SeccompProgram *program);
