/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Maps of user and group ids: CONTAINER:HOST[:COUNT], and the ranges of subuid(5). */

#include "generator/values/value.h"

typedef struct IdRange {
        uint32_t container, host;
        uint32_t count;
} IdRange;

/* As it is written, after a check. */
ValueParse idmap_parse;

/**
 * idmap_join() - many maps as one range
 * @maps:       what idmap_parse() let pass, in any order
 *
 * Return: 0; -EOPNOTSUPP with a fault if they are not one range that begins with id 0 of the container.
 */
int idmap_join(char *const *maps, IdRange *ret, Fault *fault);

/**
 * idmap_find_sub() - the range that belongs to a name
 * @text:       what is in /etc/subuid
 *
 * Return: 0, -ENOENT, or -EOPNOTSUPP if there are several.
 */
int idmap_find_sub(const char *text, const char *name, IdRange *ret);
