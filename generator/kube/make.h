/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From objects to manifests
 *
 * Shared by the files that do it: make-pod.c makes the manifest of a pod, make-container.c that of a
 * container, and the others a part of one of them each. Values were held to their tables, so what a table
 * calls a text is one. What cannot be honoured is told to the faults; the first lack of memory sticks to a
 * sheet.
 */

#include "generator/kube/objects.h"
#include "generator/kube/sheet.h"
#include "generator/model/kube.h"

/* One .kube file. */
typedef struct KubeMake {
        Manifest *manifest;
        const Kube *kube;
        ManifestSet *set; /* all manifests; those that are made join them */
        const KubeObjects *objects;
        Arena *arena;
        FaultList *faults;
        size_t n_pods; /* all that there will be */

        Manifest **made;
        size_t n, room;
        int error; /* -ENOMEM */
} KubeMake;

/* One pod of it. */
typedef struct KubePod {
        KubeMake *make;
        const char *path;
        const YamlNode *node; /* the object */
        const YamlNode *meta; /* the pod's own */
        const YamlNode *spec;
        const char *name;
        const char *restart;    /* Always, OnFailure, Never */
        const YamlNode *job;    /* spec of the Job that it belongs to; NULL for none */
        const YamlNode *before; /* the init container that has to be done first, see make-container.c */
        const char *before_service;
        bool has_empty; /* there is a directory that goes with the pod */
        unsigned checked_volumes;
        bool is_warned; /* that nobody looks whether it is root */
        Sheet sheet;
} KubePod;

/* A variable of a container. */
typedef struct KubeVariable {
        const char *name;
        const YamlNode *node; /* where it is set */
        const char *text;     /* plain; NULL when it is only known at the start */
        const char *dynamic;  /* unit text that becomes its value then */
        const char *secret;   /* or the value of a key that brings it, but for target and type */
        bool is_yaml;         /* of which of two keys: YamlSecret or Secret */
} KubeVariable;

typedef struct KubeContainer {
        KubePod *pod;
        const YamlNode *node;
        const char *name; /* in the pod */
        const char *full; /* everywhere else */
        bool is_init;     /* it ends before the next one begins */
        bool is_sidecar;  /* among the init containers, but stays */
        KubeVariable *variables;
        size_t n_variables, room;
        Sheet sheet;
} KubeContainer;

/* The manifest of a sheet joins those that are made. */
void make_add(KubeMake *make, Sheet *sheet);

/* All manifests that an object becomes. */
void make_object(KubeMake *make, const KubeObject *object);

void make_pod(KubeMake *make, const KubeObject *object, const YamlNode *meta, const YamlNode *spec,
                const char *name);
void make_container(KubePod *pod, const YamlNode *node, bool is_init);
void make_claim(KubeMake *make, const KubeObject *object);

/* Parts of a container */
void make_environment(KubeContainer *container);
void make_command(KubeContainer *container);
void make_security(KubeContainer *container);
void make_resources(Sheet *sheet, const YamlNode *resources, const char *memory_section);
void make_mounts(KubeContainer *container);
void make_probes(KubeContainer *container);
void make_lifecycle(KubeContainer *container);

/**
 * variables_expand() - "$(NAME)" by what is known of the container's variables
 * @node:       to blame for one that is not known yet
 *
 * Unknown names stay as they are, and "$$(NAME)" is "$(NAME)". Return: a text in the arena.
 */
const char *variables_expand(KubeContainer *container, const YamlNode *node, const char *text);

/* What brings a key of a Secret or ConfigMap: the beginning of a value of YamlSecret=; the file is its end.
 */
const char *make_yaml_secret(Sheet *sheet, const KubeObject *object, const char *key, const char *options);

/* Fields of a value; NULL or @otherwise if they are not there. */
const char *field_text(const YamlNode *node, const char *name);
bool field_is_true(const YamlNode *node, const char *name);
int64_t field_number(const YamlNode *node, const char *name, int64_t otherwise);

/* Items of a list; none if it is not there. */
size_t field_count(const YamlNode *list);

/* A list of texts, which is borrowed; NULL without memory. To be freed, but not what is in it. */
char **field_words(const YamlNode *list);
