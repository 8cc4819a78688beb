/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <linux/audit.h>

/* What the kernel tells a seccomp filter when a call comes by this machine's own interface. */
#if defined(__x86_64__) && defined(__LP64__)
#define OWN_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define OWN_AUDIT_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_AUDIT_ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define OWN_AUDIT_ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define OWN_AUDIT_ARCH AUDIT_ARCH_PPC64LE
#endif
