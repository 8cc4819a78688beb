/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names of units: which are valid, and which unit a manifest becomes. */

#include <stdbool.h>

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"

typedef enum UnitForm {
        UNIT_PLAIN = 1 << 0,    /* web.service */
        UNIT_INSTANCE = 1 << 1, /* web@1.service */
        UNIT_TEMPLATE = 1 << 2, /* web@.service */
        UNIT_ANY = UNIT_PLAIN | UNIT_INSTANCE | UNIT_TEMPLATE,
} UnitForm;

/* Whether systemd would take this as the name of a unit, in one of these forms. */
bool unit_name_is_valid(const char *name, unsigned forms);

/**
 * names_service() - which service a manifest becomes
 * @type:       what the manifest is about
 * @stem:       its file name without extension
 *
 * "web" and "web@1" of a container are "web.service" and "web@1.service"; of a
 * network they are "web-network.service" and "web-network@1.service".
 *
 * Return: NULL when out of memory. The name need not be valid.
 */
char *names_service(Arena *arena, ManifestType type, const char *stem);

/* A valid name for the service, with each odd character as \xNN, as systemd-escape(1) does. */
char *names_escape(Arena *arena, const char *service);

/* The same unit with an instance: "web@.service" and "1" are "web@1.service". */
char *names_instantiate(Arena *arena, const char *service, const char *instance);
