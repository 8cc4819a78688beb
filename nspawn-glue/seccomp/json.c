/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/seccomp/json.h"

#include <stdarg.h>
#include <strings.h>

#include "lib/strv.h"

/* Writes the way from the top, the outermost first. */
static size_t put_way(const JsonPlace *place, char *text, size_t size) {
        size_t n = place->parent ? put_way(place->parent, text, size) : 0;
        int more = 0;

        if (n >= size)
                return n;
        if (place->key)
                more = snprintf(text + n, size - n, "%s%s", n > 0 ? "." : "", place->key);
        else if (place->parent)
                more = snprintf(text + n, size - n, "[%zu]", place->index);
        return n + (more > 0 ? (size_t) more : 0);
}

int json_fail(const JsonPlace *place, FaultKind kind, int error, const char *format, ...) {
        char way[128] = "", text[384];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);

        if (put_way(place, way, sizeof(way)) == 0)
                return fault_raise(place->fault, kind, error, "%s", text);
        return fault_raise(place->fault, kind, error, "'%s' %s", way, text);
}

/* As Go finds members, for whose programs profiles are written: by their name, else by it in any case. */
static const json_t *member(const json_t *object, const char *key) {
        const json_t *value = json_object_get(object, key), *other;
        const char *name;

        if (!value)
                json_object_foreach((json_t *) object, name, other) if (strcasecmp(name, key) == 0) value =
                                other;
        return value && !json_is_null(value) ? value : NULL;
}

size_t json_count(const json_t *object, const char *key) {
        const json_t *value = member(object, key);

        return json_is_array(value) ? json_array_size(value) : 0;
}

static int is_not(const JsonPlace *place, const char *key, const char *what) {
        const JsonPlace at = { .parent = place, .key = key, .fault = place->fault };

        return json_fail(&at, FAULT_VALUE, EINVAL, "is not %s", what);
}

int json_get_string(const JsonPlace *place, const json_t *object, const char *key, const char **ret) {
        const json_t *value = member(object, key);

        if (!value)
                return -ENOENT;
        if (!json_is_string(value))
                return is_not(place, key, "a string");
        *ret = json_string_value(value);
        return 0;
}

int json_get_number(const JsonPlace *place, const json_t *object, const char *key, uint64_t most,
                uint64_t *ret) {
        const json_t *value = member(object, key);

        if (!value)
                return -ENOENT;
        if (!json_is_integer(value) || json_integer_value(value) < 0)
                return is_not(place, key, "a number from 0 on");
        if ((uint64_t) json_integer_value(value) > most)
                return is_not(place, key, "within its limits");
        *ret = (uint64_t) json_integer_value(value);
        return 0;
}

int json_get_array(const JsonPlace *place, const json_t *object, const char *key, json_t **ret) {
        const json_t *value = member(object, key);

        if (!value)
                return -ENOENT;
        if (!json_is_array(value))
                return is_not(place, key, "an array");
        *ret = (json_t *) value;
        return 0;
}

int json_get_object(const JsonPlace *place, const json_t *object, const char *key, json_t **ret) {
        const json_t *value = member(object, key);

        if (!value)
                return -ENOENT;
        if (!json_is_object(value))
                return is_not(place, key, "an object");
        *ret = (json_t *) value;
        return 0;
}

int json_get_strings(const JsonPlace *place, const json_t *object, const char *key, char ***ret) {
        json_t *array = NULL;
        int r = json_get_array(place, object, key, &array);

        for (size_t i = 0; r >= 0 && i < json_array_size(array); i++) {
                const JsonPlace at = { .parent = place, .key = key, .fault = place->fault };
                const char *item = json_string_value(json_array_get(array, i));

                if (!item)
                        return json_fail(&at, FAULT_VALUE, EINVAL, "has something that is not a string");
                r = strv_append(ret, item);
        }
        return r;
}

int json_for_each(
                const JsonPlace *place, const json_t *object, const char *key, JsonTake *take, void *into) {
        const JsonPlace list = { .parent = place, .key = key, .fault = place->fault };
        json_t *array = NULL;
        int r = json_get_array(place, object, key, &array);

        for (size_t i = 0; r >= 0 && i < json_array_size(array); i++) {
                const JsonPlace at = { .parent = &list, .index = i, .fault = place->fault };
                const json_t *element = json_array_get(array, i);

                if (!json_is_object(element))
                        return json_fail(&at, FAULT_VALUE, EINVAL, "is not an object");
                r = take(&at, element, into);
        }
        return r;
}
