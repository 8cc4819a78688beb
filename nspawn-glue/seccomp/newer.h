/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * System calls that are newer than libseccomp, or than the profile
 *
 * Two things would go wrong if libseccomp were alone. A call that it does not
 * know by name could not be allowed. And a call that did not exist when the
 * profile was written would get the profile's EPERM, where programs expect
 * ENOSYS before they fall back to something older.
 *
 * So a prologue comes first: it answers for calls from the table in newer.c
 * that libseccomp cannot name, and says ENOSYS to all that are numbered above
 * the highest call that the profile names, in whatever rule.
 */

#include <linux/filter.h>

#include "nspawn-glue/seccomp/plan.h"

/**
 * seccomp_newer_number() - the number of a call that libseccomp does not know
 * @arch:       libseccomp's token of the architecture
 *
 * Return: the number, or -ENOENT.
 */
int seccomp_newer_number(uint32_t arch, const char *name);

/* The number of a call on an architecture: from libseccomp, else from the table. Return: -ENOENT if neither.
 */
int seccomp_number(uint32_t arch, const char *name);

/* What an action is for the kernel: the value that a filter returns. */
uint32_t seccomp_return_value(const SeccompAction *action);

enum { SECCOMP_PROLOGUE_MOST = 512 };

/**
 * seccomp_prologue() - write the instructions that go in front of libseccomp's
 * @arches:     libseccomp's tokens, the native one included, 0 at the end
 * @code:       room for SECCOMP_PROLOGUE_MOST instructions
 *
 * Return: how many there are, or -errno with a fault.
 */
int seccomp_prologue(const SeccompProfile *profile, const SeccompTarget *target, const uint32_t *arches,
                struct sock_filter *code, Fault *fault);
