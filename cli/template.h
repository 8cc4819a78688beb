/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Templates of --format
 *
 * The part of Go's text/template that people type at Docker and Podman:
 *
 *     {{.Name}}\t{{.State}}           fields; case, '_' and '-' in their names do not matter
 *     {{json .}} {{.Name | upper}}    functions, also behind '|'
 *     {{if .Pid}}…{{else}}…{{end}}    also with eq, ne, lt, le, gt, ge, and, or, not
 *     {{range .Mounts}}…{{end}}       also {{range $key, $value := .Labels}}
 *     {{with .Health}}…{{end}}        {{- and -}} take the white space around
 *
 * A template is parsed into a tree, which is then executed on values. A field that is not there is a fault
 * that lists those that are. To add a function, add a row in template-functions.c.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

enum { TEMPLATE_LENGTH_MAX = 64 * 1024 };

typedef struct Template Template;

/* "\t" and "\n", spelled out, are a tab and a line break. Return: 0, -EINVAL with a fault. */
int template_parse(const char *text, Template **ret, Fault *fault);

typedef struct TemplateData {
        json_t *shown; /* what fields are printed as; objects have all their members */
        json_t *raw;   /* the same for programs, what {{json .}} prints */
        bool is_tame;  /* print no bytes from values that would drive a terminal */
} TemplateData;

/* Prints what becomes of the template. Return: 0, -ENOENT for an unknown field, -errno, with a fault. */
int template_execute(const Template *template, const TemplateData *data, FILE *stream, Fault *fault);

void template_free(Template *template);
DEFINE_AUTO(Template *, template_free)
#define autotemplate AUTO(template_freep)
