/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who is told how a container is
 *
 * The state file after each probe, the service manager and the journal when something has changed. A check
 * that goes on as before writes a few hundred bytes to a file in memory, and nothing else.
 */

#include "nspawn-glue/health/call.h"
#include "nspawn-glue/health/log.h"

typedef struct Announcer {
        const HealthCall *call;
        HealthLog log;
        uint64_t since;     /* when the status came about, microseconds since the epoch */
        uint64_t own_began; /* of this process, for the state file */
        char told[512];     /* what the service manager was told last */
} Announcer;

/* Return: 0 or -ENOMEM. */
int announce_begin(Announcer *announcer, const HealthCall *call, const Schedule *schedule);

/* Takes the result's output. */
void announce_result(Announcer *announcer, const Schedule *schedule, ScheduleChange change,
                const HealthResult *result);

void announce_end(Announcer *announcer);

/* Microseconds since the epoch. */
uint64_t announce_now(void);
