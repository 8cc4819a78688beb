/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How far a mistyped word is from the one that was meant, for "did you mean". */

#include <stddef.h>

/**
 * nearest_distance() - letters to insert, remove, change or swap with a neighbour
 *
 * A word that is right but for its case is at distance 1. Words longer than 64
 * letters are not compared, and as far away as they are long.
 */
size_t nearest_distance(const char *a, const char *b);

/* The distance up to which a suggestion helps rather than puzzles. */
size_t nearest_limit(const char *word);
