/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The objects of YAML files, read and held to their tables
 *
 * All that is wrong with them is told when they are read; what is in here afterwards, with no fault told, is
 * as the tables say.
 */

#include "generator/arena.h"
#include "generator/kube/fields.h"
#include "generator/quadlet/manifest.h"

typedef struct KubeObject {
        const KubeKindRow *kind;
        const YamlNode *node;
        const char *name; /* metadata.name; a name as value_is_name() has it */
        const char *path; /* of its file */
} KubeObject;

typedef struct KubeObjects {
        KubeObject *items; /* in the order of files and documents */
        size_t n, room;

        YamlTree *trees;
        size_t n_trees;
} KubeObjects;

/**
 * kube_objects_read() - read a file
 * @path:       plain text
 * @only_maps:  whether only ConfigMaps may be in it
 * @place:      who names it, for what is wrong with the file as such
 * @arena:      for texts
 *
 * Return: 0 or -ENOMEM; what is wrong goes to @faults.
 */
int kube_objects_read(KubeObjects *objects, const char *path, bool only_maps, const Place *place,
                Arena *arena, FaultList *faults);

void kube_objects_done(KubeObjects *objects);

/* Return: NULL when there is none. */
const KubeObject *kube_objects_find(const KubeObjects *objects, KubeKind kind, const char *name);

/* A key of a ConfigMap or Secret: letters, digits, '-', '_' and '.', and no way to another directory. */
bool kube_is_key(const char *key);
