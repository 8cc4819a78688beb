/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/seccomp/plan.h"

#include <string.h>
#include <sys/utsname.h>

#include "lib/strv.h"

/* One row per architecture: what Go calls it (and profiles in their conditions), and libseccomp. */
static const struct {
        const char *go, *libseccomp;
} arches[] = {
        { "amd64", "SCMP_ARCH_X86_64" },
        { "arm", "SCMP_ARCH_ARM" },
        { "arm64", "SCMP_ARCH_AARCH64" },
        { "loong64", "SCMP_ARCH_LOONGARCH64" },
        { "mips64", "SCMP_ARCH_MIPS64" },
        { "mips64le", "SCMP_ARCH_MIPSEL64" },
        { "ppc64le", "SCMP_ARCH_PPC64LE" },
        { "riscv64", "SCMP_ARCH_RISCV64" },
        { "s390x", "SCMP_ARCH_S390X" },
        { "x86", "SCMP_ARCH_X86" },
};

const char *seccomp_native_arch(void) {
#if defined(__x86_64__)
        return "amd64";
#elif defined(__i386__)
        return "x86";
#elif defined(__aarch64__)
        return "arm64";
#elif defined(__arm__)
        return "arm";
#elif defined(__riscv) && __riscv_xlen == 64
        return "riscv64";
#elif defined(__s390x__)
        return "s390x";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
        return "ppc64le";
#elif defined(__loongarch64)
        return "loong64";
#elif defined(__mips64) && defined(__MIPSEL__)
        return "mips64le";
#elif defined(__mips64)
        return "mips64";
#else
        return NULL;
#endif
}

int seccomp_target_of_system(uint64_t capabilities, SeccompTarget *ret) {
        SeccompTarget target = { .arch = seccomp_native_arch(), .capabilities = capabilities };
        struct utsname name;

        if (!target.arch)
                return -EAFNOSUPPORT;
        if (uname(&name) < 0)
                return -errno;
        if (sscanf(name.release, "%u.%u", &target.kernel.major, &target.kernel.minor) != 2)
                return -ENODATA;
        *ret = target;
        return 0;
}

static bool is_at_least(const SeccompKernel *kernel, const SeccompKernel *wanted) {
        return kernel->major != wanted->major ? kernel->major > wanted->major
                                              : kernel->minor >= wanted->minor;
}

static bool is_said(const SeccompKernel *kernel) {
        return kernel->major > 0 || kernel->minor > 0;
}

/* Each part of a condition that is met is enough to leave a rule out. */
static bool is_excluded(const SeccompCondition *excludes, const SeccompTarget *target) {
        return strv_find(excludes->arches, target->arch) ||
               (excludes->capabilities & target->capabilities) ||
               (is_said(&excludes->min_kernel) && is_at_least(&target->kernel, &excludes->min_kernel));
}

/* Each part of a condition must be met to let a rule in. */
static bool is_included(const SeccompCondition *includes, const SeccompTarget *target) {
        return (!includes->arches || strv_find(includes->arches, target->arch)) &&
               !includes->has_unknown_capability && !(includes->capabilities & ~target->capabilities) &&
               (!is_said(&includes->min_kernel) || is_at_least(&target->kernel, &includes->min_kernel));
}

bool seccomp_rule_holds(const SeccompRule *rule, const SeccompTarget *target) {
        return !is_excluded(&rule->excludes, target) && is_included(&rule->includes, target);
}

int seccomp_plan_arches(const SeccompProfile *profile, const SeccompTarget *target, char ***ret) {
        const char *native = NULL;

        for (size_t i = 0; i < ELEMENTS(arches); i++)
                if (strcmp(arches[i].go, target->arch) == 0)
                        native = arches[i].libseccomp;

        if (profile->arches)
                return strv_extend(ret, profile->arches);

        for (size_t i = 0; native && i < profile->n_arch_maps; i++)
                if (strcmp(profile->arch_maps[i].arch, native) == 0)
                        return strv_extend(ret, profile->arch_maps[i].sub_arches);
        return 0;
}
