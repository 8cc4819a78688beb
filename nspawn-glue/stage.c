/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/stage.h"

#include "lib/fault-point.h"

void stages_undo(const Stage *stages, size_t n, void *run) {
        while (n-- > 0)
                if (stages[n].undo)
                        stages[n].undo(run);
}

int stages_apply(const Stage *stages, size_t n, void *run, Fault *fault) {
        for (size_t i = 0; i < n; i++) {
                int r = FAULT_POINT_OF("stage:", stages[i].purpose);

                if (r >= 0)
                        r = stages[i].apply(run, fault);
                if (r >= 0)
                        continue;

                stages_undo(stages, i, run);
                return fault_wrap(fault, r, "cannot %s", stages[i].purpose);
        }
        return 0;
}
