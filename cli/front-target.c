/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What does not run under the name that was written is looked for by the large program, which knows units.
 */

#include <errno.h>

#include "cli/front.h"
#include "cli/target.h"

int target_open(const char *word, Running *ret, Fault *fault) {
        int r = running_open(word, ret, fault);

        if (r != -ESRCH && r != -EINVAL)
                return r;
        fault_clear(fault);
        return front_hand_over(fault);
}
