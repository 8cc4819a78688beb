/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an archive makes of a layer's directory
 *
 * Entry by entry, as image/unpack.c does it, but in memory.
 */

#include <limits.h>

#include "image/attributes.h"
#include "image/tar.h"

typedef struct ExpectedXattr {
        char *name;
        char *value;
        size_t size;
} ExpectedXattr;

typedef struct Expected {
        char *path;
        Attributes attributes;
        dev_t device;
        int64_t size;
        char *target; /* of a symbolic link */
        ExpectedXattr *xattrs;
        size_t n_xattrs;
        bool any_xattrs; /* what they are is up to a layer below */
        bool any_mode;   /* an access control list changes it */
        bool opaque;
        bool is_whiteout;
        char *link;               /* path of another name in this layer, NULL if it is the first */
        unsigned link_turn, turn; /* how often that, and this, had been replaced */
        bool is_wrong;            /* its content */
        bool seen;
} Expected;

/* Attributes of directories come last, in the order of the archive, wherever their paths lead by then. */
typedef struct ExpectedLate {
        char *path;
        Attributes attributes;
        bool implied; /* unless there is a directory below that has better ones */
} ExpectedLate;

typedef struct Expectations {
        const int *below; /* roots, the next one first */
        size_t n_below;
        void *tree; /* tsearch(3) by path */
        char **opaque, **whiteouts;
        ExpectedLate *late;
        size_t n_late, late_room;
        char parent[PATH_MAX], real[PATH_MAX]; /* the directory that was used last, and where it is */
        bool has_parent;
} Expectations;

int expect_begin(Expectations *expectations, const int *below, size_t n_below);

/**
 * expect_entry() - the next entry of the archive
 * @ret:        what was made of it, if that is a regular file; NULL otherwise
 */
int expect_entry(Expectations *expectations, struct archive_entry *entry, Expected **ret);

/* Whiteouts and opaque directories, which come last. */
int expect_end(Expectations *expectations);

Expected *expect_find(const Expectations *expectations, const char *path);

/* What was not seen and should have been. */
typedef void ExpectMissing(void *data, const char *path);
void expect_missing(const Expectations *expectations, ExpectMissing *missing, void *data);

void expectations_done(Expectations *expectations);
