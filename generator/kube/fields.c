/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kube/fields.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "generator/kube/quantity.h"
#include "lib/nearest.h"

Place kube_place(const char *path, const YamlNode *node, char ret_key[static KUBE_PATH_MAX]) {
        yaml_path(node, ret_key, KUBE_PATH_MAX);
        return (Place){
                .path = path,
                .line = node->line,
                .column = node->column,
                .key = *ret_key ? ret_key : NULL,
                .is_field = true,
        };
}

int kube_fault(FaultList *faults, const char *path, const YamlNode *node, FaultKind kind, const char *format,
                ...) {
        char key[KUBE_PATH_MAX], text[512];
        Place place = kube_place(path, node, key);
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        return faults_raise(faults, &place, kind, "%s", text);
}

void kube_warn(FaultList *faults, const char *path, const YamlNode *node, const char *format, ...) {
        char key[KUBE_PATH_MAX], text[512];
        Place place = kube_place(path, node, key);
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        faults_warn(faults, &place, FAULT_UNSUPPORTED, "%s", text);
}

/* What is being checked. */
typedef struct Check {
        const char *path;
        FaultList *faults;
} Check;

static void check_table(const Check *check, const FieldTable *table, const YamlNode *node);

/* Values are not repeated: it may be a secret that somebody wrote without quotes. */
static void wrong_kind(const Check *check, const YamlNode *node, const char *wanted) {
        bool is_bare = node->kind == YAML_NUMBER || node->kind == YAML_BOOLEAN;

        (void) kube_fault(check->faults, check->path, node, FAULT_VALUE, "this is %s, and has to be %s%s",
                        yaml_kind_to_string(node->kind), wanted,
                        is_bare && strcmp(wanted, "a text") == 0 ? ": put it in quotes" : "");
}

static void check_text(const Check *check, const Field *field, const YamlNode *node) {
        char list[128] = "";
        size_t n = 0;

        if (node->kind != YAML_TEXT) {
                wrong_kind(check, node, "a text");
                return;
        }
        for (const char *const *word = field->words; word && *word; word++) {
                if (strcmp(*word, node->text) == 0)
                        return;
                if (**word)
                        n += (size_t) snprintf(list + n, sizeof(list) - n, "%s%s", n > 0 ? ", " : "", *word);
        }
        if (field->words)
                (void) kube_fault(check->faults, check->path, node, FAULT_VALUE, "'%.100s' is not one of %s",
                                node->text, list);
}

static void check_number(const Check *check, const Field *field, const YamlNode *node) {
        if (node->kind != YAML_NUMBER)
                wrong_kind(check, node, "a number");
        else if (!node->is_integer || node->integer < field->min || node->integer > field->max)
                (void) kube_fault(check->faults, check->path, node, FAULT_VALUE,
                                "%.40s is not a number from %" PRId64 " to %" PRId64, node->text, field->min,
                                field->max);
}

static void check_quantity(const Check *check, const YamlNode *node) {
        int64_t unused;

        if (node->kind != YAML_TEXT && node->kind != YAML_NUMBER)
                wrong_kind(check, node, "a quantity");
        else if (quantity_parse(node->text, &unused) < 0)
                (void) kube_fault(check->faults, check->path, node, FAULT_VALUE,
                                "'%.100s' is not a quantity, as 500m, 2, 1e3, 128Mi or 1G", node->text);
}

static void check_port(const Check *check, const YamlNode *node) {
        if (node->kind != YAML_TEXT && node->kind != YAML_NUMBER)
                wrong_kind(check, node, "a port's number or name");
        else if (node->kind == YAML_NUMBER &&
                        (!node->is_integer || node->integer < 1 || node->integer > 65535))
                (void) kube_fault(check->faults, check->path, node, FAULT_VALUE,
                                "%.40s is not a number from 1 to 65535", node->text);
}

/* Return: whether it is a list, or a fault. */
static bool check_list(const Check *check, const YamlNode *node, YamlKind kind, const char *wanted) {
        if (node->kind == kind)
                return true;
        wrong_kind(check, node, wanted);
        return false;
}

static void check_item(const Check *check, const Field *field, const YamlNode *item) {
        static const Field id = { .min = 0, .max = UINT32_MAX - 1 };
        static const Field text = {};

        switch (field->kind) {

        case FIELD_TABLES:
                check_table(check, field->table, item);
                break;

        case FIELD_NUMBERS:
                check_number(check, &id, item);
                break;

        case FIELD_QUANTITY_MAP:
                check_quantity(check, item);
                break;

        default:
                check_text(check, &text, item);
                break;
        }
}

static void check_items(const Check *check, const Field *field, const YamlNode *node) {
        bool is_map = field->kind == FIELD_TEXT_MAP || field->kind == FIELD_QUANTITY_MAP;

        if (!check_list(check, node, is_map ? YAML_MAP : YAML_LIST, is_map ? "a mapping" : "a list"))
                return;
        for (size_t i = 0; i < node->n; i++)
                if (!is_map || node->items[i]->kind != YAML_NULL)
                        check_item(check, field, node->items[i]);
}

static void check_value(const Check *check, const Field *field, const YamlNode *node) {
        switch (field->kind) {

        case FIELD_TEXT:
                check_text(check, field, node);
                break;

        case FIELD_NUMBER:
                check_number(check, field, node);
                break;

        case FIELD_BOOLEAN:
                if (node->kind != YAML_BOOLEAN)
                        wrong_kind(check, node, "true or false");
                break;

        case FIELD_QUANTITY:
                check_quantity(check, node);
                break;

        case FIELD_PORT:
                check_port(check, node);
                break;

        case FIELD_TABLE:
                check_table(check, field->table, node);
                break;

        case FIELD_TABLES:
        case FIELD_TEXTS:
        case FIELD_NUMBERS:
        case FIELD_TEXT_MAP:
        case FIELD_QUANTITY_MAP:
                check_items(check, field, node);
                break;

        case FIELD_ANY:
                break;
        }
}

/* Whether it asks for nothing. */
static bool is_harmless(const Field *field, const YamlNode *node) {
        if (node->kind == YAML_LIST || node->kind == YAML_MAP)
                return node->n == 0;
        if (node->kind == YAML_BOOLEAN)
                return !node->is_true;
        return !*node->text || (field->harmless && strcmp(node->text, field->harmless) == 0);
}

static void check_field(const Check *check, const Field *field, const YamlNode *node) {
        size_t before = check->faults->n_errors;

        check_value(check, field, node);
        if (check->faults->n_errors > before || is_harmless(field, node))
                return;
        if (field->use == FIELD_REFUSED)
                (void) kube_fault(check->faults, check->path, node, FAULT_UNSUPPORTED, "not supported, %s",
                                field->why);
        else if (field->use == FIELD_NOTICED)
                kube_warn(check->faults, check->path, node, "it makes no difference, %s", field->why);
}

static const Field *find(const FieldTable *table, const char *name) {
        for (size_t i = 0; i < table->n; i++)
                if (strcmp(table->rows[i].name, name) == 0)
                        return &table->rows[i];
        return NULL;
}

static void tell_unknown(const Check *check, const FieldTable *table, const YamlNode *node, size_t i) {
        const char *name = node->keys[i]->text, *found = NULL;
        size_t best = nearest_limit(name) + 1;
        char key[KUBE_PATH_MAX];
        Place place = kube_place(check->path, node, key);

        for (size_t k = 0; k < table->n; k++) {
                size_t distance = nearest_distance(name, table->rows[k].name);

                if (distance < best) {
                        best = distance;
                        found = table->rows[k].name;
                }
        }
        place.line = node->keys[i]->line;
        place.column = node->keys[i]->column;
        (void) faults_raise(check->faults, &place, FAULT_UNKNOWN_KEY, "there is no field '%.100s'%s%s%s",
                        name, found ? "; did you mean '" : "", found ? found : "", found ? "'?" : "");
}

static void check_table(const Check *check, const FieldTable *table, const YamlNode *node) {
        if (!check_list(check, node, YAML_MAP, "a mapping"))
                return;
        for (size_t i = 0; i < node->n; i++) {
                const Field *field = find(table, node->keys[i]->text);

                if (!field)
                        tell_unknown(check, table, node, i);
                else if (node->items[i]->kind != YAML_NULL)
                        check_field(check, field, node->items[i]);
        }
        for (size_t i = 0; i < table->n; i++)
                if (table->rows[i].is_required && !yaml_get(node, table->rows[i].name))
                        (void) kube_fault(check->faults, check->path, node, FAULT_VALUE,
                                        "there is no field '%s', which has to be there",
                                        table->rows[i].name);
}

void fields_check(const FieldTable *table, const YamlNode *node, const char *path, FaultList *faults) {
        check_table(&(Check){ .path = path, .faults = faults }, table, node);
}
