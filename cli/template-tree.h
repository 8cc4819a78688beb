/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a template is parsed into; for template*.c only. */

#include <jansson.h>
#include <stddef.h>

#include "cli/template.h"

enum {
        TEMPLATE_DEPTH_MAX = 32,     /* of blocks and parentheses within each other */
        TEMPLATE_WORDS_MAX = 16,     /* words of a command */
        TEMPLATE_TEXT_MAX = 1 << 20, /* bytes that a function returns */
        TEMPLATE_STEPS_MAX =
                        200000, /* nodes that are executed before somebody is assumed to make fun of us */
};

typedef enum OperandKind {
        OPERAND_FIELD,    /* .A.B, $.A, $name.A */
        OPERAND_CONSTANT, /* "text", 42, true */
        OPERAND_PIPELINE, /* ( … ) */
} OperandKind;

typedef struct Operand {
        OperandKind kind;
        char *variable; /* of fields: NULL for ".", "" for "$", else a name */
        char **path;    /* NULL or NULL-terminated */
        json_t *constant;
        struct Pipeline *pipeline;
} Operand;

typedef struct TemplateFunction TemplateFunction;

/* A function with its operands, or one operand alone. */
typedef struct Command {
        const TemplateFunction *function;
        Operand *operands;
        size_t n;
        struct Command *next; /* behind '|': gets the result as its last operand */
} Command;

typedef struct Pipeline {
        char *key, *value; /* variables that it sets, NULL for none; a single one is the value */
        Command *first;
} Pipeline;

typedef enum NodeKind {
        NODE_TEXT,
        NODE_PRINT,
        NODE_SET, /* {{$x := …}} */
        NODE_IF,
        NODE_RANGE,
        NODE_WITH,
} NodeKind;

typedef struct Node {
        NodeKind kind;
        char *text;
        Pipeline *pipeline;
        struct Node *body, *otherwise;
        struct Node *next;
} Node;

struct Template {
        Node *first;
};

void pipeline_free(Pipeline *pipeline);
void node_free(Node *node);

/* --- functions --- */

struct TemplateFunction {
        const char *name;
        size_t least, most; /* operands */
        json_t *(*call)(json_t *const *operands, size_t n,
                        Fault *fault); /* a new reference; NULL is a fault */
};

const TemplateFunction *template_function_find(const char *name);

/* Whether {{if}} takes it for true: not 0, "", null, false or empty. */
bool template_is_true(const json_t *value);

/* As Go's fmt prints it: [a b], map[k:v]. Return: a new text, or NULL when out of memory. */
char *template_to_text(const json_t *value);

/* The member that a name means, however it is written. Return: borrowed, NULL when there is none. */
json_t *template_member(const json_t *object, const char *name);
