/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Who needs which image
 *
 * What asks for images by name: manifests of the search path, units that are
 * loaded, pins. They are read first, without the store; then the store says
 * what the names mean, and which containers there are.
 *
 * A name that has specifiers or variables in it ("app:%i") needs all images
 * that it could mean.
 */

#include "generator/search.h"
#include "image/list.h"

/* A text that asks for an image, and whose it is. */
typedef struct Wish {
        char *text;
        char *who; /* "/etc/slipway/web.container" */
} Wish;

typedef struct Wishes {
        Wish *items;
        size_t n;
        Fault doubt; /* raised when there may be more: a manifest cannot be read */
} Wishes;

/* Reads manifests and, for the system's store, units. Return: 0 or -errno with a fault. */
int wishes_read(Wishes *ret, Fault *fault);

/* For what has read the wish itself. Return: 0 or -ENOMEM. */
int wishes_add(Wishes *wishes, const char *text, const char *who);

void wishes_done(Wishes *wishes);
#define autowishes AUTO(wishes_done)

typedef struct Need {
        Digest id;
        char *who; /* "container web", "/etc/slipway/web.container", "a pin" */
} Need;

typedef struct Needs {
        Need *items;
        size_t n;
} Needs;

/* @store must be locked. Return: 0 or -errno with a fault. */
int needs_find(Store *store, const Wishes *wishes, const NameList *names, Needs *ret, Fault *fault);

/* Who needs an image, of several the first; NULL when nobody does. */
const char *needs_who(const Needs *needs, const Digest *id);

void needs_done(Needs *needs);
#define autoneeds AUTO(needs_done)

/* Whether an image called @name may be what @text asks for, if that has specifiers or variables. */
bool wish_could_mean(const char *text, const char *name);
