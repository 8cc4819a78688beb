/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Why a container has ended
 *
 * What the service manager tells ExecStopPost= of it, together with what the
 * record and the kernel's counters know, in a sentence for a person.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/message-ids.h"
#include "nspawn-glue/record.h"

typedef struct Ending {
        const char *result; /* $SERVICE_RESULT, $EXIT_CODE, $EXIT_STATUS as systemd.exec(5) has them; may be
                               NULL */
        const char *code;
        const char *status;
        const Record *record;  /* NULL when the container was never recorded */
        uint64_t oom_kills;    /* how many processes the kernel has killed for want of memory */
        uint64_t memory_limit; /* bytes, 0 for none */
        unsigned failures;     /* of its health check in a row, if it was unhealthy */
        const char *check;     /* how its health check has failed at last, NULL when it has not */
        const char *signal; /* by which the app was killed, as SEGV; NULL when systemd-nspawn tells of none
                             */
        const char *words;  /* the last of systemd-nspawn that were about something else, or NULL */
        const char *hint;   /* what the unit has too little of, NULL when that is not known */
} Ending;

/**
 * ending_describe() - put it into words
 * @ret:        one line
 * @ret_id:     what kind of event it is
 *
 * Return: false for an end that was in order, and for one of which somebody else has told.
 */
bool ending_describe(const Ending *ending, char *ret, size_t size, MessageId *ret_id);

/* Reads the environment and the counters, and tells the service manager and the journal. */
void ending_tell(const char *name);
