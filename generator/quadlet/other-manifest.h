/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a manifest has to know of another one that it names
 *
 * Its unit, and what the thing that it is about is called, both as they are written in the unit of who names
 * it: "%i" of the other unit is not "%i" of this one.
 */

#include "generator/arena.h"
#include "generator/quadlet/key-load.h"

/* A manifest that was found. */
typedef struct OtherManifest {
        const char *name; /* as it was named: "data@1.network" */
        const Manifest *manifest;
        const char *service; /* its unit; "%i" in it is that of this unit */
} OtherManifest;

/**
 * other_find() - the manifest that a key names
 * @place:      where that is; what is wrong is told there
 * @arena:      for @ret
 *
 * Return: 1 when it is there, 0 when not, -ENOMEM.
 */
int other_find(KeyLoad *load, const Place *place, const char *name, Arena *arena, OtherManifest *ret);

/**
 * other_expand() - what a text of the other manifest reads in this one
 * @text:       unit text
 * @ret:        unit text, a new string
 *
 * Return: 1; 0 when nobody can tell, and @place was told so; -ENOMEM.
 */
int other_expand(
                KeyLoad *load, const Place *place, const OtherManifest *other, const char *text, char **ret);

/**
 * other_name() - what the container, network, pod or volume of a manifest is called
 *
 * As it stands there: see other_expand(). Return: 0, or as a ValueParse.
 */
int other_name(const Manifest *manifest, char **ret, Fault *fault);

/* The same for the manifest itself, if none of its lines says it in @name. Return: 0, also with a fault;
 * -ENOMEM. */
int other_default_name(KeyLoad *load, char **name);

/* The same for the manifest that was found, in terms of this one. Return: as other_expand(). */
int other_name_here(KeyLoad *load, const Place *place, const OtherManifest *other, char **ret);

/**
 * other_find_named() - the manifest whose thing has that name
 * @name:       without expansions; names with some are never equal to it
 *
 * Return: NULL when there is none.
 */
const Manifest *other_find_named(const ManifestSet *all, ManifestType type, const char *name);

/* The line whose value begins with @text, of those that set a key; or the last that does, or the file. */
Place other_place(KeyLoad *load, const char *key, const char *text);
