/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Units without a file
 *
 * The text of a unit becomes one of systemd's transient units: started at once,
 * and gone when it has ended.
 */

#include <systemd/sd-bus.h>

#include "lib/fault.h"

/* The standard streams of a unit; -1 leaves one to what the text says. */
typedef struct TransientStreams {
        int fds[3];
} TransientStreams;

/**
 * transient_start() - make a unit and queue its start
 * @name:       "web.service"
 * @text:       as the unit writer has written it
 * @ret_job:    object path of the job, see cli/job.h
 *
 * Return: 0; -EEXIST when there is such a unit; -errno; with a fault.
 */
int transient_start(sd_bus *bus, const char *name, const char *text, const TransientStreams *streams,
                char **ret_job, Fault *fault);

/* What would be sent for a text, without sending it: whether systemd can be told at all. */
int transient_check(sd_bus *bus, const char *name, const char *text, Fault *fault);
