/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Updating
 *
 * For each group: find out what the name leads to now, restart those that run something else, and if one of
 * them does not get ready, give the name back to the image that had it and restart all of them.
 */

#include <systemd/sd-bus.h>

#include "cli/update-plan.h"
#include "image/registries/plan.h"

typedef struct UpdateCall {
        sd_bus *bus;
        const char *authfile; /* in place of what the containers say; NULL for that */
        TlsVerify tls;
        bool dry_run, keeps_bad; /* keeps_bad: --rollback=no */
} UpdateCall;

/* Sets the results of its units, and reports what has gone wrong. */
void update_group(const UpdateCall *call, UpdateGroup *group);
