/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/doc.h"

#include <string.h>

#include "lib/strv.h"

static int parse(const char *text, size_t size, const char *what, json_t **ret, Fault *fault) {
        json_error_t error;
        json_t *json;

        if (size > DOC_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "%s is larger than %u MiB", what,
                                DOC_LIMIT >> 20);

        json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        if (!json)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "%s is not valid JSON: line %d: %s", what,
                                error.line, error.text);
        *ret = json;
        return 0;
}

int doc_parse(const char *text, size_t size, const char *what, json_t **ret, Fault *fault) {
        autojson json_t *json = NULL;
        int r = parse(text, size, what, &json, fault);

        if (r < 0)
                return r;
        if (!json_is_object(json))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "%s is not a JSON object", what);
        *ret = TAKE(json);
        return 0;
}

int doc_parse_array(const char *text, size_t size, const char *what, json_t **ret, Fault *fault) {
        autojson json_t *json = NULL;
        int r = parse(text, size, what, &json, fault);

        if (r < 0)
                return r;
        if (!json_is_array(json))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "%s is not a JSON array", what);
        *ret = TAKE(json);
        return 0;
}

static const json_t *field(const json_t *object, const char *key) {
        const json_t *value = json_object_get(object, key);

        return json_is_null(value) ? NULL : value;
}

static int wrong_type(const char *key, const char *wanted, Fault *fault) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%s' is not %s", key, wanted);
}

int doc_string(const json_t *object, const char *key, char **ret, Fault *fault) {
        const json_t *value = field(object, key);

        if (!value)
                return 0;
        if (!json_is_string(value))
                return wrong_type(key, "a string", fault);

        free(*ret);
        *ret = strdup(json_string_value(value));
        return *ret ? 0 : -ENOMEM;
}

int doc_number(const json_t *object, const char *key, int64_t *ret, Fault *fault) {
        const json_t *value = field(object, key);

        if (!value)
                return 0;
        if (!json_is_integer(value))
                return wrong_type(key, "a whole number", fault);
        *ret = json_integer_value(value);
        return 0;
}

/* Room for a whole list at once: a document may hold more items than appending one by one could bear. */
static char **new_list(size_t n) {
        return calloc(n + 1, sizeof(char *));
}

int doc_strings(const json_t *object, const char *key, char ***ret, Fault *fault) {
        const json_t *value = field(object, key);
        autostrv char **list = NULL;

        if (!value)
                return 0;
        if (!json_is_array(value))
                return wrong_type(key, "a list of strings", fault);

        list = new_list(json_array_size(value));
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < json_array_size(value); i++) {
                const json_t *item = json_array_get(value, i);

                if (!json_is_string(item))
                        return wrong_type(key, "a list of strings", fault);
                list[i] = strdup(json_string_value(item));
                if (!list[i])
                        return -ENOMEM;
        }

        strv_free(*ret);
        *ret = TAKE(list);
        return 0;
}

/* The text that stands for one member of an object in a list. Return: NULL when out of memory. */
typedef char *MakeText(const char *name, const json_t *item);

static char *make_key(const char *name, const json_t *item) {
        return strdup(name);
}

static char *make_pair(const char *name, const json_t *item) {
        char *pair;

        return asprintf(&pair, "%s=%s", name, json_string_value(item)) < 0 ? NULL : pair;
}

static bool has_only_strings(const json_t *object) {
        const json_t *item;
        const char *name;

        json_object_foreach((json_t *) object, name, item) if (!json_is_string(item)) return false;
        return true;
}

static int list_members(const json_t *object, MakeText *make, char ***ret) {
        autostrv char **list = new_list(json_object_size(object));
        const json_t *item;
        const char *name;
        size_t n = 0;

        if (!list)
                return -ENOMEM;
        json_object_foreach(
                        (json_t *) object, name, item) if (!(list[n++] = make(name, item))) return -ENOMEM;

        strv_free(*ret);
        *ret = TAKE(list);
        return 0;
}

int doc_keys(const json_t *object, const char *key, char ***ret, Fault *fault) {
        const json_t *value = field(object, key);

        if (!value)
                return 0;
        if (!json_is_object(value))
                return wrong_type(key, "an object", fault);
        return list_members(value, make_key, ret);
}

int doc_pairs(const json_t *object, const char *key, char ***ret, Fault *fault) {
        const json_t *value = field(object, key);

        if (!value)
                return 0;
        if (!json_is_object(value) || !has_only_strings(value))
                return wrong_type(key, "an object of strings", fault);
        return list_members(value, make_pair, ret);
}

int doc_object(const json_t *object, const char *key, const json_t **ret, Fault *fault) {
        const json_t *value = field(object, key);

        if (!value)
                return 0;
        if (!json_is_object(value))
                return wrong_type(key, "an object", fault);
        *ret = value;
        return 0;
}

int doc_array(const json_t *object, const char *key, const json_t **ret, Fault *fault) {
        const json_t *value = field(object, key);

        if (!value)
                return 0;
        if (!json_is_array(value))
                return wrong_type(key, "an array", fault);
        *ret = value;
        return 0;
}
