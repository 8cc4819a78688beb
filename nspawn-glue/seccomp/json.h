/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Members of JSON objects, with types
 *
 * A member that is absent or null is not there, which is never a failure: -ENOENT without a fault.
 * A member of another type is, and the fault names it by its way from the top: "syscalls[3].action".
 */

#include <jansson.h>
#include <stdint.h>

#include "lib/fault.h"

/* Where in the document we are: the way is put together only when something is wrong. */
typedef struct JsonPlace {
        const struct JsonPlace *parent; /* NULL at the top */
        const char *key;                /* NULL for an element of an array */
        size_t index;
        Fault *fault; /* the same all the way up; may be NULL */
} JsonPlace;

/* "'syscalls[3].action' is …". Return: -@error. */
int json_fail(const JsonPlace *place, FaultKind kind, int error, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/* In each: @place is that of @object. Return: 0, -ENOENT if it is not there, -EINVAL with a fault. */
int json_get_string(const JsonPlace *place, const json_t *object, const char *key, const char **ret);
int json_get_number(
                const JsonPlace *place, const json_t *object, const char *key, uint64_t most, uint64_t *ret);
int json_get_array(const JsonPlace *place, const json_t *object, const char *key, json_t **ret);
int json_get_object(const JsonPlace *place, const json_t *object, const char *key, json_t **ret);
int json_get_strings(const JsonPlace *place, const json_t *object, const char *key, char ***ret);

/* How many elements an array has; 0 for what is none. */
size_t json_count(const json_t *object, const char *key);

/* Calls @take for each object of an array; stops at the first failure. */
typedef int JsonTake(const JsonPlace *place, const json_t *element, void *into);
int json_for_each(const JsonPlace *place, const json_t *object, const char *key, JsonTake *take, void *into);
