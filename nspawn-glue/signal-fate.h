/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What becomes of a signal
 *
 * The kernel drops a signal to the first process of a container if that has no
 * handler for it. Whether it would is to be read in /proc before it is sent.
 * Where that cannot be told, a signal is taken for one that arrives.
 */

#include <stddef.h>
#include <sys/types.h>

typedef enum SignalFate {
        SIGNAL_TAKEN,   /* by a handler, or held back until somebody asks for it */
        SIGNAL_DEFAULT, /* what is usual happens; nothing, to the first process of a container */
        SIGNAL_IGNORED,
} SignalFate;

/* Return: 0, -ESRCH for a process that has ended, if only its parent does not know yet. */
int signal_fate(pid_t pid, int number, SignalFate *ret);

/**
 * signal_find_takers() - who below a process would take a signal
 * @pid:        the process; it is not asked itself
 * @ret:        those that would, but none that is below another one
 * @size:       how many there is room for
 *
 * Return: how many; of a very large family, not all.
 */
size_t signal_find_takers(pid_t pid, int number, pid_t *ret, size_t size);
