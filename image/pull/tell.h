/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Telling the client how a pull goes
 *
 * Progress is told ten times a second for each layer, and not at all while
 * the client has no time for it: nobody shall wait for a progress bar. What
 * matters is waited for, but not for ever.
 */

#include "image/import.h"
#include "image/importer.h"

typedef struct Tell Tell;

/* @fd stays the caller's. Return: 0 or -errno. */
int tell_new(int fd, Tell **ret);
void tell_free(Tell *tell);
DEFINE_AUTO(Tell *, tell_free)

/* Which layers there are, and which of them are there. */
int tell_layers(Tell *tell, const Importer *importer);

/* May be called by any thread, often. */
void tell_fetched(Tell *tell, size_t layer, uint64_t bytes);
void tell_unpacked(Tell *tell, size_t layer, uint64_t bytes);

void tell_done(Tell *tell, size_t layer);
void tell_again(Tell *tell, size_t layer, const char *why);
void tell_note(Tell *tell, const char *text);

/* @rule, @key: of the verdict, NULL for none. */
void tell_end(Tell *tell, const ImportResult *result, const char *rule, const char *key);
void tell_fault(Tell *tell, const Fault *fault);
