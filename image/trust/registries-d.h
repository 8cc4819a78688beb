/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * containers-registries.d(5)
 *
 * Files of YAML in /etc/containers/registries.d say for scopes of names where signatures are kept
 * ("lookaside") and whether there are some in the registry itself ("use-sigstore-attachments"). One scope
 * stands in one file only; the most specific one that says something decides.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

#define REGISTRIES_D "/etc/containers/registries.d"
#define LOOKASIDE_DEFAULT "file:///var/lib/containers/sigstore"

typedef struct RegistriesSection {
        char *scope;     /* NULL for "default-docker" */
        char *lookaside; /* NULL when it does not say */
        int attachments; /* -1 when it does not say */
} RegistriesSection;

typedef struct RegistriesD {
        RegistriesSection *items;
        size_t n;
} RegistriesD;

/* Adds the sections of one file. Return: 0, -EINVAL or -EEXIST with a fault, -ENOMEM. */
int registries_d_parse(const char *text, size_t size, RegistriesD *into, Fault *fault);

/* @dir: NULL for the system's, or $SLIPWAY_REGISTRIES_D of a test. One that is not there says nothing. */
int registries_d_load(const char *dir, RegistriesD *ret, Fault *fault);

/**
 * registries_d_find() - what holds for an image
 * @name:               normalised
 * @ret_lookaside:      a new string: the URL below which its signatures are, without its own part
 * @ret_attachments:    -1 when nothing is said
 */
int registries_d_find(
                const RegistriesD *registries, const char *name, char **ret_lookaside, int *ret_attachments);

void registries_d_done(RegistriesD *registries);
#define autoregistries AUTO(registries_d_done)
