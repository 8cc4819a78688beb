/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Verbs of podman and docker that Slipway has not
 *
 * Who comes from there types them; they are told what to type instead, or why
 * there is nothing. A letter or two away from one of ours they would otherwise
 * get a suggestion that does something else: 'ps' is no 'cp'.
 */

#include <stddef.h>

typedef struct ForeignVerb {
        const char *name;
        const char *instead; /* completes "there is no verb 'ps': …" */
} ForeignVerb;

/* Sorted by name. */
extern const ForeignVerb foreign_verbs[];
extern const size_t n_foreign_verbs;

/* Return: NULL for a word that means nothing there either. */
const ForeignVerb *foreign_verb_find(const char *name);
