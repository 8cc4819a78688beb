/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Seccomp programs, made beforehand
 *
 * Compiling a profile takes libseccomp longer than all the rest of a start.
 * So it is done once, by slipway-seccomp(8), and the program is kept in
 * /var/cache/slipway/seccomp under a name that is the hash of all that it
 * depends on: the text of the profile, the capabilities, the architecture,
 * the kernel and the version of Slipway. This part is small, links
 * statically, and knows neither JSON nor libseccomp.
 *
 * A program is an array of struct sock_filter; seccomp_program_flags() has the
 * flags with which it wants to be loaded.
 */

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fault.h"

#define SECCOMP_DEFAULT_PROFILE SLIPWAY_POLICY_DIR "/seccomp/default.json"

/* Where programs are kept and what makes them; a member that is NULL stands for the installed one. */
typedef struct SeccompCache {
        const char *directory;
        const char *compiler;
} SeccompCache;

/**
 * seccomp_program_open() - find or make the program of a profile
 * @cache:              NULL for the installed places
 * @profile:            absolute path of a profile in Docker's format, NULL for the default one
 * @capabilities:       the container's bounding set, on which rules may depend
 * @ret_fd:             the program, open for reading; -1 if the profile turns filtering off
 *
 * A cache that cannot be written costs time, but is no failure.
 *
 * Return: 0, or -errno with a fault.
 */
int seccomp_program_open(const SeccompCache *cache, const char *profile, uint64_t capabilities, int *ret_fd,
                Fault *fault);

/* Room for the name that a program has in the cache. */
enum { SECCOMP_NAME_SIZE = 64 + 4 + 1 };

/* Return: 0 or -errno, if the system does not tell what it is. */
int seccomp_program_name(
                const void *profile, size_t size, uint64_t capabilities, char ret[static SECCOMP_NAME_SIZE]);

/*
 * Flags for seccomp(2) travel behind the program's end, as an instruction that is never reached:
 * it loads the flags, and another one returns. Programs without flags do not have it.
 */
static inline unsigned seccomp_program_flags(const struct sock_filter *program, size_t n) {
        return n > 2 && program[n - 2].code == (BPF_LD | BPF_IMM) ? program[n - 2].k : 0;
}
