/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Fields of a model by their offsets, so that those that it owns are a table. */

#include <stddef.h>

/**
 * fields_free() - free a model with all that it owns
 * @model:      from malloc(3), or NULL
 * @texts:      where its strings are
 * @lists:      where its lists of strings are; NULL without any
 */
void fields_free(void *model, const size_t *texts, size_t n_texts, const size_t *lists, size_t n_lists);
