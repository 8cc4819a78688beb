/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where manifests are
 *
 * A list of directories, searched with everything below them. The first file of
 * a name hides those that come later on the list. Listings are sorted, so that
 * what is found does not depend on how a file system keeps its entries. Nothing
 * is opened but directories.
 */

#include <stdbool.h>
#include <stddef.h>

#include "generator/arena.h"
#include "generator/faults.h"

typedef enum SearchScope {
        SEARCH_SYSTEM, /* units of the system manager */
        SEARCH_USER,   /* units of a user's manager */
} SearchScope;

/* A file whose name says that it is a manifest, or a drop-in of one. */
typedef struct SearchFile {
        const char *name;      /* "web.container"; of a drop-in "10-more.conf" */
        const char *directory; /* "/etc/slipway" */
        const char *path;      /* both of them together */
        const char *dropin_of; /* name of the directory without ".d": "web.container"; NULL for manifests */
        unsigned root;         /* which directory of the list it was found under */
        unsigned rank;         /* counts up in the order of finding */
        bool is_plain;         /* known to be a regular file, and no link */
        bool is_directory;     /* known to be one, which a manifest should not be */
} SearchFile;

typedef struct Search {
        SearchFile *manifests; /* sorted by name, then rank */
        size_t n_manifests, manifests_room;
        SearchFile *dropins; /* sorted by dropin_of, then name, then rank */
        size_t n_dropins, dropins_room;
} Search;

/**
 * search_roots() - the directories to search
 * @scope:      whose units
 * @ret:        list of them, the first is the most important
 *
 * $SLIPWAY_UNIT_DIRS, a list with colons, replaces them all.
 *
 * Return: 0 or -ENOMEM.
 */
int search_roots(SearchScope scope, char ***ret);

/**
 * search_run() - find all manifests and drop-ins
 * @roots:      directories; one that does not exist is empty
 * @scope:      the system's search does not look into the users' directories
 * @faults:     directories that cannot be read
 *
 * Return: 0 or -ENOMEM.
 */
int search_run(Search *search, Arena *arena, char *const *roots, SearchScope scope, FaultList *faults);

void search_done(Search *search);
