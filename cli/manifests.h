/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Manifests that a verb is asked about: all on the search path, those of a directory, or one file. */

#include "generator/generate.h"
#include "generator/unit/writer.h"

typedef struct ManifestsView {
        Workspace workspace;
        char *path;        /* the only file to look at, NULL for all */
        bool is_installed; /* these are the manifests of the search path, not others */
} ManifestsView;

/**
 * manifests_view_open() - read the manifests that an argument means
 * @argument:   a file or directory, or the name of a manifest as manifests_view_find() knows it; NULL for
 * the search path
 *
 * A file is read together with the others on the search path when it is one of them,
 * otherwise with those in its own directory.
 *
 * Return: 0, or a negative errno with a fault.
 */
int manifests_view_open(ManifestsView *view, SearchScope scope, const char *argument, Fault *fault);

void manifests_view_close(ManifestsView *view);

/* Translates a manifest once more than the generator would: what was wrong is in its faults. As
 * translate_manifest(). */
int manifests_view_translate(ManifestsView *view, Manifest *manifest, UnitWriter *unit);

/* The manifest that is meant by "web", "web.container", "web.service" or "web@1"; NULL when there is none.
 */
Manifest *manifests_view_find(const ManifestsView *view, const char *name);
