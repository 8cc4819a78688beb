/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * registries.conf
 *
 * What the host's files say about registries: mirrors, other places for a
 * prefix, what is blocked, and what a short name means; the format is that of
 * containers-registries.conf(5), version 2. slipway-registries(5) has where
 * the files are and how they add up.
 *
 * Everything that was read remembers its file and line, as a person who
 * wonders why an image comes from there has to know.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

/* Where something was read. */
typedef struct ConfPlace {
        const char *file; /* lives as long as the Registries */
        unsigned line;
} ConfPlace;

typedef enum MirrorUse {
        MIRROR_ALL,
        MIRROR_DIGEST_ONLY,
        MIRROR_TAG_ONLY,
        _MIRROR_USE_MAX,
} MirrorUse;

typedef struct Mirror {
        char *location;
        bool insecure, insecure_is_given;
        MirrorUse use;
        ConfPlace place;
} Mirror;

typedef struct Registry {
        char *prefix;   /* "docker.io/library", "*.example.com" */
        char *location; /* what takes the prefix's place; NULL for a pattern without one */
        bool insecure, insecure_is_given;
        bool blocked;
        bool mirror_by_digest_only;
        Mirror *mirrors;
        size_t n_mirrors;
        ConfPlace place;
} Registry;

typedef struct Alias {
        char *name, *value;
        ConfPlace place;
} Alias;

typedef enum ShortNameMode {
        SHORT_NAME_ENFORCING,
        SHORT_NAME_PERMISSIVE,
        SHORT_NAME_DISABLED,
        _SHORT_NAME_MODE_MAX,
} ShortNameMode;

typedef struct Registries {
        Registry *items;
        size_t n;
        char **search; /* unqualified-search-registries */
        ConfPlace search_place;
        ShortNameMode mode;
        char **helpers; /* credential-helpers; NULL when no file speaks of them */
        Alias *aliases;
        size_t n_aliases;
        char **files; /* that were read, in their order */
} Registries;

/* Is told of what is odd and has no consequence, such as a key that nobody knows. */
typedef void ConfNote(void *data, const Fault *fault);

/* Which files to read; NULL for a place that is not to be looked at. */
typedef struct RegistriesPaths {
        const char *home; /* of who is not root: files below .config/containers take the place of the host's
                           */
        const char *file, *directory; /* these and no others, from $CONTAINERS_REGISTRIES_CONF(_DIR) */
        const char *root;             /* put in front of the host's places; NULL or "" for none */
        const char *cache;            /* aliases that podman(1) has asked a person for */
} RegistriesPaths;

/* What the environment says. @ret points into it. */
void registries_paths(RegistriesPaths *ret);

/* Return: 0, or -errno with a fault that has file and line. Without any file there is nothing to read. */
int registries_load(const RegistriesPaths *paths, ConfNote *note, void *data, Registries *ret, Fault *fault);

/* Reads one file on top of what there is. Return: 0, -ENOENT without a fault, -errno with one. */
int registries_read_file(Registries *registries, const char *path, ConfNote *note, void *data, Fault *fault);

/*
 * Reads only the aliases of a file, on top of what there is: for the one that podman(1) writes. Mistakes are
 * told to @note and passed over. Return: 0, also when there is no file; -ENOMEM.
 */
int registries_read_aliases(Registries *registries, const char *path, ConfNote *note, void *data);

/**
 * registries_find() - what goes for a name
 * @name:       normalised
 * @ret_length: how much of the name the prefix is
 *
 * Return: the one of the longest prefix, NULL for none.
 */
const Registry *registries_find(const Registries *registries, const char *name, size_t *ret_length);

const Alias *registries_find_alias(const Registries *registries, const char *name);

void registry_done(Registry *registry);
void registries_done(Registries *registries);
#define autoregistries AUTO(registries_done)
