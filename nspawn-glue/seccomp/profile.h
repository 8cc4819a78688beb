/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Seccomp profiles as Docker and OCI write them
 *
 * Reading only: what the file says, field by field, checked for what can be
 * checked without knowing the system it is for. Keys that are not known are
 * left alone, as Docker does. plan.h decides which rules hold.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef enum SeccompAct {
        SECCOMP_ACT_ALLOW,
        SECCOMP_ACT_ERRNO,
        SECCOMP_ACT_KILL_PROCESS,
        SECCOMP_ACT_KILL_THREAD,
        SECCOMP_ACT_LOG,
        SECCOMP_ACT_TRACE,
        SECCOMP_ACT_TRAP,
        _SECCOMP_ACT_MAX,
} SeccompAct;

typedef struct SeccompAction {
        SeccompAct act;
        unsigned data; /* errno of ERRNO, message of TRACE, else 0 */
} SeccompAction;

typedef enum SeccompCompare {
        SECCOMP_NE,
        SECCOMP_LT,
        SECCOMP_LE,
        SECCOMP_EQ,
        SECCOMP_GE,
        SECCOMP_GT,
        SECCOMP_MASKED_EQ, /* (argument & value) == value_two */
        _SECCOMP_COMPARE_MAX,
} SeccompCompare;

typedef struct SeccompArg {
        unsigned index; /* 0 to 5 */
        SeccompCompare compare;
        uint64_t value, value_two;
} SeccompArg;

typedef struct SeccompKernel {
        unsigned major, minor; /* both 0: not said */
} SeccompKernel;

/* When a rule holds, or does not. */
typedef struct SeccompCondition {
        char **arches;         /* in Go's words: amd64, arm64 */
        uint64_t capabilities; /* as bits */
        SeccompKernel min_kernel;
        bool has_unknown_capability; /* one that no container can have */
} SeccompCondition;

enum { SECCOMP_MOST_ARGS = 16 };

typedef struct SeccompRule {
        char **names;
        SeccompAction action;
        SeccompArg args[SECCOMP_MOST_ARGS];
        size_t n_args;
        SeccompCondition includes, excludes;
} SeccompRule;

typedef struct SeccompArchMap {
        char *arch; /* in libseccomp's words: SCMP_ARCH_X86_64 */
        char **sub_arches;
} SeccompArchMap;

typedef struct SeccompProfile {
        bool is_off; /* says nothing at all: no filter */
        SeccompAction default_action;
        unsigned flags;            /* of seccomp(2) */
        char **arches;             /* either this */
        SeccompArchMap *arch_maps; /* or this */
        size_t n_arch_maps;
        SeccompRule *rules;
        size_t n_rules;
} SeccompProfile;

/**
 * seccomp_profile_read() - read a profile
 * @text:       JSON, need not end in NUL
 * @path:       what faults call it
 * @ret:        empty; to be given to seccomp_profile_done() also after a failure
 *
 * Return: 0, or -errno with a fault.
 */
int seccomp_profile_read(const char *text, size_t size, const char *path, SeccompProfile *ret, Fault *fault);

void seccomp_profile_done(SeccompProfile *profile);
