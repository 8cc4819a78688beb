/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plan as init reads it; in the seeds, line breaks stand for NULs. And what a file to execute may begin
 * with. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/executable.h"
#include "nspawn-glue/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree PlanEntry *entries = NULL;
        autofree char *copy = malloc(size + 1);
        Executable what;
        size_t n;

        if (!copy || size > 65536)
                return 0;
        executable_read(data, size, &what);
        assert(strlen(what.interpreter) < sizeof(what.interpreter));

        memcpy(copy, data, size);
        for (size_t i = 0; i < size; i++)
                if (copy[i] == '\n')
                        copy[i] = '\0';
        if (plan_parse(copy, size, &entries, &n) < 0)
                return 0;
        assert(n > 0 && n <= size);
        for (size_t i = 0; i < n; i++)
                assert(*entries[i].verb && entries[i].value + strlen(entries[i].value) < copy + size);
        return 0;
}
