/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Fields of Kubernetes' objects
 *
 * A row says what a field is called, what its value has to be, and what becomes of it. Whoever turns objects
 * into manifests finds in a document that was checked only what the tables have, of the kind that they say.
 * All fields that Kubernetes has are there, so that an unknown one is a mistake for certain.
 */

#include "generator/faults.h"
#include "lib/yaml-tree.h"

typedef enum FieldKind {
        FIELD_TEXT,
        FIELD_NUMBER,       /* an integer in a range */
        FIELD_BOOLEAN,      /* true or false */
        FIELD_QUANTITY,     /* "500m", "128Mi", 2 */
        FIELD_PORT,         /* a number, or the name of a port */
        FIELD_TABLE,        /* fields of their own */
        FIELD_TABLES,       /* a list of those */
        FIELD_TEXTS,        /* a list of texts */
        FIELD_NUMBERS,      /* a list of ids */
        FIELD_TEXT_MAP,     /* texts by name */
        FIELD_QUANTITY_MAP, /* quantities by name */
        FIELD_ANY,          /* whatever it is, nobody looks at it */
} FieldKind;

typedef enum FieldUse {
        FIELD_HONOURED,
        FIELD_SILENT,  /* says nothing about what is to run */
        FIELD_NOTICED, /* makes no difference here, and whoever wrote it should know */
        FIELD_REFUSED,
} FieldUse;

typedef struct FieldTable FieldTable;

typedef struct Field {
        const char *name;
        FieldKind kind;
        FieldUse use;
        bool is_required;
        const FieldTable *table;  /* of a table or tables */
        const char *const *words; /* what a text may be; NULL for anything */
        int64_t min, max;         /* of a number */
        const char *why;          /* it is refused or makes no difference; follows a comma */
        const char *harmless;     /* a value that asks for nothing, besides null, false, {} and [] */
} Field;

struct FieldTable {
        const Field *rows;
        size_t n;
};

extern const FieldTable pod_fields;  /* spec of a Pod, and of a template */
extern const FieldTable meta_fields; /* metadata */

/* A kind of object. */
typedef enum KubeKind {
        KUBE_CONFIG_MAP,
        KUBE_DAEMON_SET,
        KUBE_DEPLOYMENT,
        KUBE_JOB,
        KUBE_CLAIM,
        KUBE_POD,
        KUBE_SECRET,
        _KUBE_KIND_MAX,
} KubeKind;

typedef struct KubeKindRow {
        const char *name;    /* "PersistentVolumeClaim" */
        const char *version; /* "v1" */
        const FieldTable *fields;
        const char *why; /* why there can be none here; NULL for those that can */
        KubeKind kind;
        bool is_noticed; /* what is there without it runs all the same */
} KubeKindRow;

/* Return: NULL for a kind that nobody has heard of. */
const KubeKindRow *kube_kind_find(const char *name);

/* The kind that was probably meant, NULL when none is near. */
const char *kube_kind_nearest(const char *name);

/**
 * fields_check() - hold an object to its table
 * @path:       of the file, for faults
 * @node:       a mapping, or what should be one
 *
 * Each field that is unknown, wrong or refused is a fault, with its place and path.
 */
void fields_check(const FieldTable *table, const YamlNode *node, const char *path, FaultList *faults);

/* A fault about a value. */
int kube_fault(FaultList *faults, const char *path, const YamlNode *node, FaultKind kind, const char *format,
                ...) __attribute__((format(printf, 5, 6)));
void kube_warn(FaultList *faults, const char *path, const YamlNode *node, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/* Where a value is; @ret_key has room for its path. */
#define KUBE_PATH_MAX 128
Place kube_place(const char *path, const YamlNode *node, char ret_key[static KUBE_PATH_MAX]);
