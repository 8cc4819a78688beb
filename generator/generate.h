/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A run of the generator: search, load, translate, write. */

#include "generator/quadlet/manifest.h"
#include "generator/search.h"

/* Everything that was found and read, for those who want to look at more than one manifest. */
typedef struct Workspace {
        SearchScope scope;
        Arena *arena;
        Search search;
        ManifestSet set;
        FaultList faults; /* about directories, not about a manifest */
} Workspace;

/**
 * workspace_open() - read all manifests
 * @roots:      directories to search, NULL for those of the scope
 *
 * Return: 0 or -ENOMEM.
 */
int workspace_open(Workspace *workspace, SearchScope scope, char *const *roots);

void workspace_close(Workspace *workspace);

/**
 * generate() - write a unit for each manifest
 * @dir_fd:     where units and links go
 *
 * Tells what is wrong, by lib/report.h.
 *
 * Return: how many manifests did not become what they ask for; -ENOMEM.
 */
int generate(Workspace *workspace, int dir_fd);
