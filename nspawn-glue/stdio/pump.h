/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From FIFOs to the journal
 *
 * Two streams, one loop. The FIFOs never end, because the service manager
 * holds them open, too: the pump ends when it had nothing to do for a while,
 * and whoever writes next starts another one.
 */

#include <signal.h>

#include "nspawn-glue/stdio/entry.h"

typedef struct Stream {
        int fd; /* does not block */
        EntryHead head;
        LineBuffer lines;
} Stream;

/**
 * pump_run() - log until there is silence, or until a signal says to end
 * @journal_fd: see entry_connect()
 * @idle_ms:    how long silence has to be
 * @stop:       set by a signal handler; what is in the FIFOs is still logged
 * @unblocked:  the signals of ppoll(2)
 *
 * Return: 0, or -errno with a fault.
 */
int pump_run(Stream *streams, size_t n, int journal_fd, int idle_ms, const volatile sig_atomic_t *stop,
                const sigset_t *unblocked, Fault *fault);
