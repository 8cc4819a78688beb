/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which rules of a profile hold
 *
 * A profile has conditions: on capabilities, the architecture, the kernel.
 * Planning settles them, so that what is left can be compiled as it stands.
 */

#include "nspawn-glue/seccomp/profile.h"

/* The system and the container that a program is for. */
typedef struct SeccompTarget {
        const char *arch;      /* in Go's words, see seccomp_native_arch() */
        uint64_t capabilities; /* the bounding set */
        SeccompKernel kernel;
} SeccompTarget;

/* In Go's words: amd64, arm64. NULL for a machine that this table does not know. */
const char *seccomp_native_arch(void);

/* Fills in the system that this is. Return: 0 or -errno. */
int seccomp_target_of_system(uint64_t capabilities, SeccompTarget *ret);

bool seccomp_rule_holds(const SeccompRule *rule, const SeccompTarget *target);

/**
 * seccomp_plan_arches() - which architectures a program answers for, beside the native one
 * @ret:        in libseccomp's words, upper case with SCMP_ARCH_
 */
int seccomp_plan_arches(const SeccompProfile *profile, const SeccompTarget *target, char ***ret);
