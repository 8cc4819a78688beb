/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a profile, and compiles it when it can be read. */

#include <assert.h>
#include <linux/filter.h>
#include <stdint.h>

#include "nspawn-glue/seccomp/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(seccomp_profile_done) SeccompProfile profile = {};
        AUTO(seccomp_program_done) SeccompProgram program = {};
        SeccompTarget target;
        Fault fault = {};

        if (size > 65536 || seccomp_target_of_system(0xa80425fb, &target) < 0)
                return 0;

        if (seccomp_profile_read((const char *) data, size, "fuzz", &profile, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return 0;
        }
        if (seccomp_compile(&profile, &target, &program, &fault) < 0)
                assert(fault_is_raised(&fault));
        else
                assert(profile.is_off ? program.n == 0 : program.n > 0 && program.n <= BPF_MAXINSNS);
        return 0;
}
