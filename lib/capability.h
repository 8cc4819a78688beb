/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Capabilities by name
 *
 * The names of capabilities(7) and the set that a container gets unless its
 * manifest says otherwise. To add a capability of a newer kernel, add a row
 * to the table in capability.c.
 */

#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY_BIT(number) (UINT64_C(1) << (number))

/**
 * capability_from_name() - find a capability
 * @name:       in any case, with or without "CAP_"
 *
 * Return: its number, or -ENOENT. "all" is not a capability, see capability_is_all().
 */
int capability_from_name(const char *name);

/* Lower case and without "cap_". Return: NULL for a number that has no name here. */
const char *capability_to_name(int number);

/* Whether @name is the word for all of them, in any case. */
bool capability_is_all(const char *name);

/* The eleven that Podman and Docker agree on, as bits. */
uint64_t capability_default_set(void);
