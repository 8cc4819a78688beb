/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Verbs whose first word is what to do: slipway network ls, slipway pod start
 *
 * The verb reads its options into an ObjectCall; object_verb() finds the action in its table, refuses
 * options that mean nothing for it, and tells what went wrong.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/listing.h"
#include "lib/fault.h"

enum {
        OBJECT_WORDS = 1,  /* takes names, and needs one */
        OBJECT_LISTS = 2,  /* takes options of listings */
        OBJECT_FORCES = 4, /* takes --force */
};

typedef struct ObjectCall ObjectCall;

typedef struct ObjectAction {
        const char *name;

        /* Return: 0, or -errno with a fault; -EALREADY when all has been told. */
        int (*run)(const ObjectCall *call, Fault *fault);
        unsigned flags;
} ObjectAction;

struct ObjectCall {
        const char *what; /* "network" */
        const ObjectAction *actions;
        size_t n_actions;
        ListingStyle style;
        bool force, is_listing;
        const char *action;
        char *const *words; /* NULL-terminated */
};

/* With optind where options_next() has left it. Return: an exit status. */
int object_verb(ObjectCall *call, int argc, char **argv);

/**
 * object_inspect() - tell all about what the words mean
 * @inspect:    adds one to an array; -ENOENT with a fault when there is no such thing
 * @data:       handed to it
 *
 * Those that there are are printed all the same, and the others are told.
 */
typedef int ObjectInspect(const void *data, const char *word, json_t *into, Fault *fault);
int object_inspect(const ObjectCall *call, ObjectInspect *inspect, const void *data, Fault *fault);

/* An array of objects: as JSON, or each by the template of --format. */
int object_print(const json_t *list, const ListingStyle *style, Fault *fault);
