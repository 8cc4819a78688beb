/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * YAML as a tree in which every value knows its place
 *
 * Plain scalars have the types that Kubernetes gives them: those of JSON, as YAML 1.1 writes them ("yes",
 * "0644"). What is said twice in one mapping is an error, and so are tags. An alias is the node that it
 * speaks of, once more; what the whole would be if each were a copy has a limit, so that nobody walks for
 * ever.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef enum YamlKind {
        YAML_NULL,
        YAML_BOOLEAN,
        YAML_NUMBER,
        YAML_TEXT,
        YAML_LIST,
        YAML_MAP,
} YamlKind;

typedef struct YamlNode YamlNode;
struct YamlNode {
        YamlKind kind;
        unsigned line, column; /* from 1, in bytes */

        const YamlNode *up; /* NULL for a document */
        size_t index;       /* among the items of @up */

        YamlNode **items; /* of a list or map */
        YamlNode **keys;  /* of a map: texts, each once */
        size_t n;

        bool is_true;    /* of a boolean */
        bool is_integer; /* of a number: it fits into @integer */
        int64_t integer;

        size_t weight;    /* how many nodes it would be without aliases */
        unsigned height;  /* how many levels there are below it, aliases followed */
        const char *text; /* of a scalar, as it was written but for quotes and escapes; without NUL bytes */
};

typedef struct YamlTree {
        YamlNode **documents; /* without those that are empty */
        size_t n;

        void **owned;
        size_t n_owned, room;
} YamlTree;

#define YAML_NODES_MAX 200000
#define YAML_DEPTH_MAX 64

/**
 * yaml_tree_read() - read all documents of a file
 * @path:       for faults
 * @ret:        to be freed with yaml_tree_done(), also on failure
 *
 * Return: 0, -EBADMSG with a fault, -ENOMEM.
 */
int yaml_tree_read(const char *text, size_t size, const char *path, YamlTree *ret, Fault *fault);

void yaml_tree_done(YamlTree *tree);

/* The value of a key; NULL if it is not there or null, or @map is no map. */
const YamlNode *yaml_get(const YamlNode *map, const char *key);

/* "spec.containers[0].image", cut at @size; "" for a document. */
void yaml_path(const YamlNode *node, char *ret, size_t size);

/* "a list": for faults. */
const char *yaml_kind_to_string(YamlKind kind);
