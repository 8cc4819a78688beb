/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What there is of networks without a record that says whose it is
 *
 * A record is written before all else and removed after all else, so nothing of this comes of a single
 * crash. Who looks without the lock of state.h may take for an orphan what is just being made, and has to
 * look again.
 */

#include "lib/fault.h"

typedef enum OrphanKind {
        ORPHAN_LEASE,   /* an address of somebody who is in no network */
        ORPHAN_FILE,    /* a hosts file or resolv.conf of nobody, or of a network that is not up */
        ORPHAN_PLUGINS, /* what plugins of CNI have made for somebody who is not there */
        ORPHAN_BRIDGE,  /* of a network that is not up, or that has another one */
        _ORPHAN_KIND_MAX,
} OrphanKind;

typedef struct Orphan {
        OrphanKind kind;
        const char *subject; /* a path; of a bridge its name */
        const char *network; /* of a lease and a bridge */
        const char *owner;   /* of a lease and of plugins */
} Orphan;

/* Calls for each until something else than 0 is returned, which it gives back. */
typedef int OrphanVisit(const Orphan *orphan, void *data);
int orphans_visit(OrphanVisit *visit, void *data);
