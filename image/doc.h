/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * JSON documents of an image
 *
 * An index, a manifest, a config: written by a stranger, so each field is
 * checked for its type when it is read. null is the same as absent, unknown
 * fields are ignored (the specification wants that), and a key that is there
 * twice is refused, since two readers would take two different images from
 * it. Nothing is kept of the document: what is returned is a copy.
 */

#include <jansson.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

/* The size that registries allow for a manifest, and more than any has. */
#define DOC_LIMIT (4u << 20)

#define autojson AUTO(json_decrefp)

/**
 * doc_parse() - read a document whose outermost value is an object
 * @text:       its bytes
 * @size:       how many, at most DOC_LIMIT
 * @what:       what it is called in a message: "config"
 * @ret:        the object, to be released with json_decref()
 *
 * Return: 0, -EINVAL or -EFBIG with a fault.
 */
int doc_parse(const char *text, size_t size, const char *what, json_t **ret, Fault *fault);

/* The same for an array. */
int doc_parse_array(const char *text, size_t size, const char *what, json_t **ret, Fault *fault);

/*
 * Fields of an object. All return 0 and leave @ret alone when the field is absent or null, and raise
 * a fault and return -EINVAL when it is of another type. @object may be NULL: all is absent in it.
 */
int doc_string(const json_t *object, const char *key, char **ret, Fault *fault);
int doc_strings(const json_t *object, const char *key, char ***ret, Fault *fault);
int doc_number(const json_t *object, const char *key, int64_t *ret, Fault *fault);

/* The keys of an object, which is how a set is written: {"80/tcp": {}}. */
int doc_keys(const json_t *object, const char *key, char ***ret, Fault *fault);

/* An object of strings as a list of "KEY=VALUE". */
int doc_pairs(const json_t *object, const char *key, char ***ret, Fault *fault);

/* Borrowed, NULL when absent. */
int doc_object(const json_t *object, const char *key, const json_t **ret, Fault *fault);
int doc_array(const json_t *object, const char *key, const json_t **ret, Fault *fault);
