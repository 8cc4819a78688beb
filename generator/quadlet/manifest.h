/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Manifests, read but not yet understood
 *
 * A manifest is a list of assignments in the order in which they count: those
 * of the file itself, then those of its drop-ins. Continued lines are joined,
 * blanks around the value are gone, as systemd does it. That an empty value
 * may forget what came before is up to whoever knows the key.
 *
 * Everything here lives as long as its ManifestSet; nothing needs freeing by itself.
 */

#include <stdbool.h>
#include <stddef.h>

#include "generator/faults.h"
#include "lib/fault.h"

typedef enum ManifestType {
        MANIFEST_ARTIFACT,
        MANIFEST_BUILD,
        MANIFEST_CONTAINER,
        MANIFEST_IMAGE,
        MANIFEST_KUBE,
        MANIFEST_NETWORK,
        MANIFEST_POD,
        MANIFEST_VOLUME,
        _MANIFEST_TYPE_MAX,
        _MANIFEST_TYPE_INVALID = -1,
} ManifestType;

typedef struct Assignment {
        const char *section;
        const char *key;
        const char *value;     /* never NULL */
        const char *path;      /* the file or drop-in that it is in */
        unsigned line, column; /* where the value begins; see manifest_place() for a spot inside */
        unsigned key_line, key_column;
        const char *field; /* of a document that it was made from: "spec.containers[0].image"; or NULL */
} Assignment;

/* A continued line: from @at in a value, text comes from this line of the file. */
typedef struct Joint {
        const char *at;
        unsigned line, column;
} Joint;

typedef struct Manifest {
        ManifestType type;
        const char *name;      /* file name: "web@.container" */
        const char *path;      /* as found, not resolved: "/etc/slipway/web@.container" */
        const char *directory; /* what relative paths start from, also those in drop-ins: "/etc/slipway" */
        const char *stem;      /* "web@"; the file name without extension */
        const char *service;   /* "web@.service": the unit to be, from the name or ServiceName= */
        const char *socket;    /* "web@.socket", for a container that is started by one; or NULL */
        bool is_masked;        /* empty, or a link to /dev/null: not there, and hides others of its name */
        bool is_shadowed;      /* another manifest has the same service; one unit tells of both */

        /* Of one that is in no file, but was made from another one, see generator/kube/expand.h. */
        struct Manifest *parent; /* NULL for a file */
        Place origin;            /* what it was made from */

        Assignment *assignments;
        size_t n_assignments;
        Joint *joints;
        size_t n_joints;

        FaultList faults; /* what reading it has found; translating adds more */
} Manifest;

typedef struct ManifestSet {
        Manifest **manifests; /* sorted by name, each name once */
        size_t n_manifests;
        struct Arena *arena;

        /* The same by type, those of one type by name: [at[TYPE], at[TYPE + 1]) of the list. */
        Manifest **typed;
        size_t at[_MANIFEST_TYPE_MAX + 1];
} ManifestSet;

/**
 * manifest_next() - walk through a section, wherever its parts are
 * @previous:   what was returned before, NULL to begin
 *
 * Return: the next assignment in [@section], NULL at the end.
 */
const Assignment *manifest_next(const Manifest *manifest, const char *section, const Assignment *previous);

/* The last assignment of a key, which may be an empty one; NULL when there is none. */
const Assignment *manifest_last(const Manifest *manifest, const char *section, const char *key);

/* Where a value is, for a fault about it. */
Place assignment_place(const Assignment *assignment);

/* Where a key is, for a fault about the key itself. */
Place assignment_key_place(const Assignment *assignment);

/* Where byte @at of the value is in the file, whatever lines were joined before it. */
Place manifest_place(const Manifest *manifest, const Assignment *assignment, const char *at);

/* The file as a whole. */
Place manifest_file_place(const Manifest *manifest);

/* True for a service "web@.service", which only makes sense with an instance. */
bool manifest_is_template(const Manifest *manifest);

/* True for "web@.service" and "web@1.service": there is an instance, which is %i. */
bool manifest_is_templated(const Manifest *manifest);

/* The manifest of that file name, "web.network"; NULL when it is not there or masked. */
const Manifest *manifest_find(const ManifestSet *set, const char *name);

/* By the extension of a file name; _MANIFEST_TYPE_INVALID when it is none of ours. */
ManifestType manifest_type_from_name(const char *name);

/* "container", which is extension and, with a capital, main section. */
const char *manifest_type_to_string(ManifestType type);

/* "Container": the main section of a type. */
const char *manifest_type_section(ManifestType type);
