/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The plan: what the launcher tells slipway-init
 *
 * A memory file of NUL-terminated "verb=value" entries, sealed, so that nobody
 * between the two can change it. Verbs are in the table of nspawn-glue/init-plan.c;
 * launcher and init are installed together, and need no version between them.
 *
 * Descriptors are handed over beside it and named by number. Two have a fixed
 * place: after the standard ones come the plan and the control socket.
 */

#include <stddef.h>

#include "lib/fault.h"

#define PLAN_FD 3
#define CONTROL_FD 4
#define SOCKETS_FD 5 /* where a .socket unit's begin, if there are any */

/*
 * What systemd-nspawn passes on, it closes itself. Behind all that come, for as long as the container lives,
 * the lock on its name, the plan once more, and the program of its system call filter if it has one: whoever
 * enters the container later finds them in /proc/PID/fd, see nspawn-glue/running.h. The app has none of
 * them. Behind these are the ports of the host that lead to the container, and the locks of the volumes that
 * it uses.
 */
enum {
        KEPT_LOCK,
        KEPT_PLAN,
        KEPT_SECCOMP,
        _KEPT_MAX,
};

/* What /proc/PID/fd shows for a plan. */
#define PLAN_NAME "slipway-plan"

#define PLAN_MAX (16 * 1024 * 1024)

/* The first failure sticks and is reported by plan_seal(). */
typedef struct PlanWriter {
        char *text;
        size_t size, room;
        int error;
} PlanWriter;

void plan_put(PlanWriter *plan, const char *verb, const char *value);
void plan_putf(PlanWriter *plan, const char *verb, const char *format, ...)
                __attribute__((format(printf, 3, 4)));

/* The same for "verb=name=value" with a value that nobody else shall see: it is in no other memory. */
void plan_put_secret(PlanWriter *plan, const char *verb, const char *name, const char *value);

/* Makes the memory file. Return: 0 or -errno. */
int plan_seal(PlanWriter *plan, int *ret_fd);

/* Wipes what it has written. */
void plan_done(PlanWriter *plan);

/* One entry of a plan that was read; both point into the text. */
typedef struct PlanEntry {
        char *verb;
        char *value;
} PlanEntry;

/**
 * plan_read() - a sealed plan as a list
 * @fd:         the memory file; one that is not sealed is refused with -EPERM
 * @ret_text:   what the entries point into
 * @ret:        entries in order
 * @ret_n:      how many
 */
int plan_read(int fd, char **ret_text, PlanEntry **ret, size_t *ret_n);

/* The same from memory, which is changed. -EBADMSG for what is no plan. */
int plan_parse(char *text, size_t size, PlanEntry **ret, size_t *ret_n);
