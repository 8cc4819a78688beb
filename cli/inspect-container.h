/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* All about a container, from its manifest to what the kernel enforces. */

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "cli/generated.h"
#include "lib/fault.h"

/**
 * inspect_container() - collect it
 * @unit:       the container
 * @bus:        NULL when systemd cannot be asked
 *
 * What cannot be found out is null; what is only known while it runs is null as long as it does not. Values
 * of secrets are not in it.
 *
 * Return: 0 or -errno with a fault.
 */
int inspect_container(const GeneratedUnit *unit, sd_bus *bus, json_t **ret, Fault *fault);

/* The parts of it that are about the processes of a container that runs, in inspect-running.c. */
struct Running;
int inspect_running(json_t *into, const char *name, Fault *fault);
