/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/template.h"

#include <errno.h>
#include <string.h>

#include "cli/template-tree.h"
#include "lib/strv.h"

enum { VARIABLES_MAX = 32 };

typedef struct Variable {
        const char *name; /* "" is the whole */
        json_t *value;
} Variable;

typedef struct Run {
        json_t *dot;
        json_t *raw; /* of the whole */
        json_t *shown;
        Variable variables[VARIABLES_MAX];
        size_t n_variables;
        unsigned steps;
        bool is_tame;
        FILE *stream;
        Fault *fault;
} Run;

static json_t *evaluate(Run *run, const Pipeline *pipeline);

/* --- values: functions return a new reference, or NULL, with a fault but when out of memory --- */

static json_t *no_field(Run *run, const json_t *object, const char *name) {
        autofree char *list = NULL;
        size_t size;
        FILE *stream = open_memstream(&list, &size);
        const char *key;
        json_t *value;

        if (!stream)
                return NULL;
        json_object_foreach((json_t *) object, key, value)(void) fprintf(stream, " .%s", key);
        if (fclose(stream) == 0)
                (void) fault_raise(run->fault, FAULT_UNKNOWN_KEY, ENOENT,
                                json_object_size(object) > 0
                                                ? "there is no field '.%s'; there are%s"
                                                : "there is no field '.%s', there are none at all%s",
                                name, list);
        return NULL;
}

static json_t *follow(Run *run, json_t *value, char *const *path) {
        for (; path && *path; path++) {
                json_t *member;

                /* What is not known has no parts that are. */
                if (json_is_null(value))
                        break;
                if (!json_is_object(value)) {
                        (void) fault_raise(run->fault, FAULT_UNKNOWN_KEY, ENOENT,
                                        "'.%s' is asked of what has no fields", *path);
                        return NULL;
                }
                member = template_member(value, *path);
                if (!member)
                        return no_field(run, value, *path);
                value = member;
        }
        return json_incref(value);
}

static json_t *get_field(Run *run, const Operand *operand) {
        if (!operand->variable)
                return follow(run, run->dot, operand->path);
        for (size_t i = run->n_variables; i-- > 0;)
                if (strcmp(run->variables[i].name, operand->variable) == 0)
                        return follow(run, run->variables[i].value, operand->path);
        (void) fault_raise(run->fault, FAULT_UNKNOWN_KEY, ENOENT, "there is no variable '$%s'",
                        operand->variable);
        return NULL;
}

static json_t *get(Run *run, const Operand *operand) {
        switch (operand->kind) {
        case OPERAND_FIELD:
                return get_field(run, operand);
        case OPERAND_CONSTANT:
                return json_incref(operand->constant);
        default:
                return evaluate(run, operand->pipeline);
        }
}

/* {{json .Size}} is for programs: of the whole, fields are taken as they are and not as they are shown. */
static bool wants_raw(const Run *run, const Command *command) {
        return command->function && strcmp(command->function->name, "json") == 0 && run->dot == run->shown;
}

static json_t *get_operand(Run *run, const Command *command, size_t i) {
        json_t *value;

        if (!wants_raw(run, command))
                return get(run, &command->operands[i]);
        run->dot = run->raw;
        value = get(run, &command->operands[i]);
        run->dot = run->shown;
        return value;
}

/* Doubled thirty times, a byte is more than this machine has. */
static json_t *check_length(Run *run, json_t *value) {
        if (!json_is_string(value) || json_string_length(value) <= TEMPLATE_TEXT_MAX)
                return value;
        json_decref(value);
        (void) fault_raise(run->fault, FAULT_VALUE, EFBIG, "the template makes a text that is too long");
        return NULL;
}

/* @piped is what came from before '|', NULL for none; it is released. */
static json_t *run_command(Run *run, const Command *command, json_t *piped) {
        json_t *operands[TEMPLATE_WORDS_MAX + 1] = {}, *result = NULL;
        size_t n = 0;

        if (!command->function)
                return get(run, &command->operands[0]);

        for (; n < command->n; n++) {
                operands[n] = get_operand(run, command, n);
                if (!operands[n])
                        break;
        }
        if (n == command->n) {
                if (piped)
                        operands[n++] = json_incref(piped);
                result = check_length(run, command->function->call(operands, n, run->fault));
        }
        for (size_t i = 0; i < n; i++)
                json_decref(operands[i]);
        json_decref(piped);
        return result;
}

/* {{.Size | json}} is {{json .Size}}. */
static bool is_json_of_field(const Pipeline *pipeline) {
        const Command *first = pipeline->first;

        return !first->function && first->operands[0].kind == OPERAND_FIELD && first->next &&
               !first->next->next && first->next->function &&
               strcmp(first->next->function->name, "json") == 0;
}

static json_t *evaluate(Run *run, const Pipeline *pipeline) {
        bool raw = is_json_of_field(pipeline) && run->dot == run->shown;
        json_t *value = NULL;

        if (raw)
                run->dot = run->raw;
        for (const Command *command = pipeline->first; command; command = command->next) {
                value = run_command(run, command, value);
                if (!value)
                        break;
        }
        if (raw)
                run->dot = run->shown;
        return value;
}

/* --- nodes --- */

static int execute(Run *run, const Node *node);

static int set_variable(Run *run, const char *name, json_t *value) {
        if (run->n_variables == VARIABLES_MAX)
                return fault_raise(run->fault, FAULT_SYNTAX, EINVAL, "the template has too many variables");
        run->variables[run->n_variables++] = (Variable){ .name = name, .value = json_incref(value) };
        return 0;
}

static void drop_variables(Run *run, size_t n) {
        while (run->n_variables > n)
                json_decref(run->variables[--run->n_variables].value);
}

/* Bytes that would move the cursor are nothing that a name or a status needs. */
static void tame(char *text) {
        for (unsigned char *c = (unsigned char *) text; *c; c++)
                if ((*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7f)
                        *c = '?';
                else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
                        c[0] = c[1] = '?';
}

static int print(Run *run, const json_t *value) {
        autofree char *text = template_to_text(value);

        if (!text)
                return -ENOMEM;
        if (run->is_tame)
                tame(text);
        return fputs(text, run->stream) == EOF ? -EIO : 0;
}

/* One turn of a range: @key is released. */
static int turn(Run *run, const Node *node, json_t *key, json_t *value) {
        size_t n = run->n_variables;
        json_t *dot = run->dot;
        int r = key ? 0 : -ENOMEM;

        if (r >= 0 && node->pipeline->key)
                r = set_variable(run, node->pipeline->key, key);
        if (r >= 0 && node->pipeline->value)
                r = set_variable(run, node->pipeline->value, value);
        run->dot = value;
        if (r >= 0)
                r = execute(run, node->body);
        run->dot = dot;
        drop_variables(run, n);
        json_decref(key);
        return r;
}

static int range(Run *run, const Node *node, json_t *list) {
        json_t *value;
        const char *key;
        size_t i;
        int r = 0;

        if (!template_is_true(list))
                return execute(run, node->otherwise);
        if (json_is_array(list))
                json_array_foreach(list, i, value) {
                        r = turn(run, node, json_integer((json_int_t) i), value);
                        if (r < 0)
                                return r;
                }
        else if (json_is_object(list))
                json_object_foreach(list, key, value) {
                        r = turn(run, node, json_string(key), value);
                        if (r < 0)
                                return r;
                }
        else
                return fault_raise(run->fault, FAULT_VALUE, EINVAL,
                                "the template's 'range' needs a list or a map");
        return r;
}

static int execute_if(Run *run, const Node *node, json_t *value) {
        size_t n = run->n_variables;
        json_t *dot = run->dot;
        bool is_true = template_is_true(value);
        int r = node->pipeline->value ? set_variable(run, node->pipeline->value, value) : 0;

        if (r < 0)
                return r;
        if (node->kind == NODE_WITH && is_true)
                run->dot = value;
        r = execute(run, is_true ? node->body : node->otherwise);
        run->dot = dot;
        drop_variables(run, n);
        return r;
}

static int execute_node(Run *run, const Node *node) {
        json_t *value;
        int r;

        if (node->kind == NODE_TEXT)
                return fputs(node->text, run->stream) == EOF ? -EIO : 0;

        value = evaluate(run, node->pipeline);
        if (!value)
                return fault_is_raised(run->fault) ? -ENOENT : -ENOMEM;
        if (node->kind == NODE_PRINT)
                r = print(run, value);
        else if (node->kind == NODE_SET)
                r = set_variable(run, node->pipeline->value, value);
        else if (node->kind == NODE_RANGE)
                r = range(run, node, value);
        else
                r = execute_if(run, node, value);
        json_decref(value);
        return r;
}

static int execute(Run *run, const Node *node) {
        size_t n = run->n_variables;
        int r = 0;

        for (; r >= 0 && node; node = node->next) {
                if (++run->steps > TEMPLATE_STEPS_MAX)
                        r = fault_raise(run->fault, FAULT_VALUE, ELOOP,
                                        "the template never comes to an end");
                else
                        r = execute_node(run, node);
        }
        drop_variables(run, n);
        return r;
}

int template_execute(const Template *template, const TemplateData *data, FILE *stream, Fault *fault) {
        Fault own = {};
        Run run = {
                .dot = data->shown,
                .shown = data->shown,
                .raw = data->raw,
                .is_tame = data->is_tame,
                .stream = stream,
                .fault = fault ?: &own,
        };
        int r = set_variable(&run, "", data->shown);

        if (r >= 0)
                r = execute(&run, template->first);
        drop_variables(&run, 0);
        return r;
}
