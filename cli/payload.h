/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals for the app of a container that runs. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "cli/generated.h"
#include "lib/fault.h"

/**
 * payload_signal() - send a signal to the app
 * @unit:       with the container's name
 *
 * To the app itself, by a descriptor of its process; for that one has to be root.
 *
 * Return: 0; -ESRCH when it does not run; -errno; with a fault.
 */
int payload_signal(const GeneratedUnit *unit, int signal, Fault *fault);

/*
 * Whether a signal can arrive: the kernel keeps those from process 1 of a container that it has no handler
 * for. What cannot be found out can.
 */
bool payload_takes(const char *container, int signal);
