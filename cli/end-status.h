/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a container has ended with
 *
 * The service manager knows the end of systemd-nspawn, which is 1 whichever
 * signal has killed the app. The container's record knows better.
 */

#include "cli/job.h"
#include "nspawn-glue/record.h"

/**
 * end_status() - an exit status as a shell has it
 * @name:       the container; it has ended
 * @report:     what the service manager knows of its unit
 *
 * Return: that of the app, or 128 and the number of the signal that has killed it.
 */
int end_status(const char *name, const UnitReport *report);

/* Whether the kernel has ended it for want of memory. */
bool end_was_out_of_memory(const char *name);

/* The same for a record that was read, and for what systemd has said. For tests. */
int end_status_of(const Record *record, const UnitReport *report);
