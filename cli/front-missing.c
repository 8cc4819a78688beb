/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/front.h"
#include "cli/missing.h"

int missing_find(const char *name, char *const *argv, char **ret, Fault *fault) {
        return front_execute_other(argv, fault);
}
