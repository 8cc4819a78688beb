/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cli/table.h"
#include "cli/template-tree.h"

enum { WIDTH_MAX = 4096 };

/* --- values --- */

bool template_is_true(const json_t *value) {
        switch (json_typeof(value)) {
        case JSON_OBJECT:
                return json_object_size(value) > 0;
        case JSON_ARRAY:
                return json_array_size(value) > 0;
        case JSON_STRING:
                return json_string_length(value) > 0;
        case JSON_INTEGER:
                return json_integer_value(value) != 0;
        case JSON_REAL:
                return json_real_value(value) != 0;
        default:
                return json_is_true(value);
        }
}

/* Case and what joins words do not matter: "ImageID", "image_id" and "image-id" are the same. */
static bool is_same_name(const char *a, const char *b) {
        for (;; a++, b++) {
                while (*a == '_' || *a == '-')
                        a++;
                while (*b == '_' || *b == '-')
                        b++;
                if (tolower((unsigned char) *a) != tolower((unsigned char) *b))
                        return false;
                if (!*a)
                        return true;
        }
}

json_t *template_member(const json_t *object, const char *name) {
        json_t *member = json_object_get(object, name), *value;
        const char *key;

        if (member)
                return member;
        json_object_foreach((json_t *) object, key, value) if (is_same_name(key, name)) return value;
        return NULL;
}

static void write_value(const json_t *value, FILE *stream) {
        const char *key;
        json_t *member;
        size_t i;

        switch (json_typeof(value)) {
        case JSON_STRING:
                (void) fwrite(json_string_value(value), 1, json_string_length(value), stream);
                break;
        case JSON_INTEGER:
                (void) fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
                break;
        case JSON_REAL:
                (void) fprintf(stream, "%.10g", json_real_value(value));
                break;
        case JSON_ARRAY:
                (void) fputc('[', stream);
                json_array_foreach(value, i, member) {
                        if (i > 0)
                                (void) fputc(' ', stream);
                        write_value(member, stream);
                }
                (void) fputc(']', stream);
                break;
        case JSON_OBJECT:
                (void) fputs("map[", stream);
                i = 0;
                json_object_foreach((json_t *) value, key, member) {
                        (void) fprintf(stream, "%s%s:", i++ > 0 ? " " : "", key);
                        write_value(member, stream);
                }
                (void) fputc(']', stream);
                break;
        default:
                (void) fputs(json_is_null(value) ? "<nil>" : json_is_true(value) ? "true" : "false", stream);
        }
}

char *template_to_text(const json_t *value) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        write_value(value, stream);
        if (fclose(stream) == 0)
                return text;
        free(text);
        return NULL;
}

static json_t *cannot(Fault *fault, const char *function, const char *why) {
        (void) fault_raise(fault, FAULT_VALUE, EINVAL, "the template's '%s' %s", function, why);
        return NULL;
}

/* --- functions --- */

static json_t *call_json(json_t *const *operands, size_t n, Fault *fault) {
        autofree char *text = json_dumps(operands[0], JSON_ENCODE_ANY | JSON_COMPACT);

        return text ? json_text(text) : cannot(fault, "json", "has no value to print");
}

static json_t *change_case(const json_t *value, int (*change)(int), bool first_only) {
        autofree char *text = template_to_text(value);
        bool begins = true;

        for (char *c = text; c && *c; c++) {
                if (!((unsigned char) *c & 0x80) && (!first_only || begins))
                        *c = (char) change((unsigned char) *c);
                begins = *c == ' ';
        }
        return text ? json_text(text) : NULL;
}

static json_t *call_upper(json_t *const *operands, size_t n, Fault *fault) {
        return change_case(operands[0], toupper, false);
}

static json_t *call_lower(json_t *const *operands, size_t n, Fault *fault) {
        return change_case(operands[0], tolower, false);
}

static json_t *call_title(json_t *const *operands, size_t n, Fault *fault) {
        return change_case(operands[0], toupper, true);
}

static json_t *call_len(json_t *const *operands, size_t n, Fault *fault) {
        const json_t *value = operands[0];

        if (json_is_string(value))
                return json_integer((json_int_t) json_string_length(value));
        if (json_is_array(value))
                return json_integer((json_int_t) json_array_size(value));
        if (json_is_object(value))
                return json_integer((json_int_t) json_object_size(value));
        if (json_is_null(value))
                return json_integer(0);
        return cannot(fault, "len", "needs a list, a map or a text");
}

static json_t *call_join(json_t *const *operands, size_t n, Fault *fault) {
        autofree char *text = NULL;
        const json_t *item;
        size_t size, i;
        FILE *stream;

        if (json_is_null(operands[0]))
                return json_string("");
        if (!json_is_array(operands[0]) || !json_is_string(operands[1]))
                return cannot(fault, "join", "needs a list and a text");
        stream = open_memstream(&text, &size);
        if (!stream)
                return NULL;
        json_array_foreach(operands[0], i, item) {
                if (i > 0)
                        (void) fputs(json_string_value(operands[1]), stream);
                write_value(item, stream);
        }
        return fclose(stream) == 0 ? json_text(text) : NULL;
}

static json_t *call_split(json_t *const *operands, size_t n, Fault *fault) {
        const char *text = json_string_value(operands[0]), *separator = json_string_value(operands[1]),
                   *next;
        json_t *list;

        if (!text || !separator || !*separator)
                return cannot(fault, "split", "needs two texts");
        list = json_array();
        for (; list && (next = strstr(text, separator)); text = next + strlen(separator))
                (void) json_array_append_new(list, json_stringn(text, (size_t) (next - text)));
        if (list)
                (void) json_array_append_new(list, json_string(text));
        return list;
}

/* Go panics where a list is too short; of a map, what is not there is nothing. */
static json_t *call_index(json_t *const *operands, size_t n, Fault *fault) {
        json_t *value = operands[0];

        for (size_t i = 1; i < n && value; i++)
                if (json_is_array(value) && json_is_integer(operands[i]))
                        value = json_integer_value(operands[i]) < 0
                                                ? NULL
                                                : json_array_get(value,
                                                                  (size_t) json_integer_value(operands[i]));
                else if (json_is_object(value) && json_is_string(operands[i]))
                        value = json_object_get(value, json_string_value(operands[i])) ?: json_null();
                else
                        value = json_is_null(value) ? value : NULL;
        if (!value)
                return cannot(fault, "index", "finds no such element");
        return json_is_null(value) ? json_string("") : json_incref(value);
}

static json_t *join_texts(json_t *const *operands, size_t n, const char *separator, const char *end) {
        autofree char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        (void) fputs(separator, stream);
                write_value(operands[i], stream);
        }
        (void) fputs(end, stream);
        return fclose(stream) == 0 ? json_text(text) : NULL;
}

static json_t *call_print(json_t *const *operands, size_t n, Fault *fault) {
        return join_texts(operands, n, "", "");
}

static json_t *call_println(json_t *const *operands, size_t n, Fault *fault) {
        return join_texts(operands, n, " ", "\n");
}

/* One conversion, "%-20s" for instance, with the value it is for. Return: what is behind it, NULL for what
 * is none. */
static const char *convert(const char *at, const json_t *value, FILE *stream) {
        bool left = *at == '-';
        autofree char *text = NULL;
        long width = 0;

        if (left)
                at++;
        while (isdigit((unsigned char) *at) && width <= WIDTH_MAX)
                width = width * 10 + *at++ - '0';
        if (!*at || !strchr("svdqt", *at) || width > WIDTH_MAX)
                return NULL;
        text = *at == 'q' ? json_dumps(value, JSON_ENCODE_ANY) : template_to_text(value);
        if (text)
                (void) fprintf(stream, "%*s", (int) (left ? -width : width), text);
        return at + 1;
}

static json_t *call_printf(json_t *const *operands, size_t n, Fault *fault) {
        const char *at = json_string_value(operands[0]);
        autofree char *text = NULL;
        size_t size, next = 1;
        FILE *stream = at ? open_memstream(&text, &size) : NULL;

        if (!stream)
                return cannot(fault, "printf", "needs a text first");
        while (at && *at) {
                if (at[0] == '%' && at[1] == '%') {
                        (void) fputc('%', stream);
                        at += 2;
                } else if (*at == '%')
                        at = next < n ? convert(at + 1, operands[next++], stream) : NULL;
                else
                        (void) fputc(*at++, stream);
        }
        if (fclose(stream) != 0)
                return NULL;
        return at ? json_text(text)
                  : cannot(fault, "printf", "knows %s, %v, %d, %q and %t, one for each value");
}

static json_t *call_truncate(json_t *const *operands, size_t n, Fault *fault) {
        const char *text = json_string_value(operands[0]);
        json_int_t left = json_integer_value(operands[1]);
        const char *end = text;

        if (!text || !json_is_integer(operands[1]) || left < 0)
                return cannot(fault, "truncate", "needs a text and a number");
        for (; *end && left > 0; left--)
                do
                        end++;
                while (((unsigned char) *end & 0xc0) == 0x80);
        return json_stringn(text, (size_t) (end - text));
}

static json_t *call_pad(json_t *const *operands, size_t n, Fault *fault) {
        json_int_t before = json_integer_value(operands[1]), after = json_integer_value(operands[2]);
        autofree char *padded = NULL, *text = template_to_text(operands[0]);

        if (!json_is_integer(operands[1]) || !json_is_integer(operands[2]) || before < 0 || after < 0 ||
                        before > WIDTH_MAX || after > WIDTH_MAX)
                return cannot(fault, "pad", "needs a text and two numbers");
        if (!text || asprintf(&padded, "%*s%s%*s", (int) before, "", text, (int) after, "") < 0)
                return NULL;
        return json_text(padded);
}

/* --- conditions --- */

/* Numbers as numbers, everything else as text. */
static int compare(const json_t *a, const json_t *b) {
        autofree char *left = NULL, *right = NULL;

        if (json_is_number(a) && json_is_number(b)) {
                double x = json_number_value(a), y = json_number_value(b);

                return (x > y) - (x < y);
        }
        left = template_to_text(a);
        right = template_to_text(b);
        return left && right ? strcmp(left, right) : 1;
}

static json_t *call_eq(json_t *const *operands, size_t n, Fault *fault) {
        for (size_t i = 1; i < n; i++)
                if (compare(operands[0], operands[i]) == 0)
                        return json_true();
        return json_false();
}

static json_t *call_ne(json_t *const *operands, size_t n, Fault *fault) {
        return json_boolean(compare(operands[0], operands[1]) != 0);
}

static json_t *call_lt(json_t *const *operands, size_t n, Fault *fault) {
        return json_boolean(compare(operands[0], operands[1]) < 0);
}

static json_t *call_le(json_t *const *operands, size_t n, Fault *fault) {
        return json_boolean(compare(operands[0], operands[1]) <= 0);
}

static json_t *call_gt(json_t *const *operands, size_t n, Fault *fault) {
        return json_boolean(compare(operands[0], operands[1]) > 0);
}

static json_t *call_ge(json_t *const *operands, size_t n, Fault *fault) {
        return json_boolean(compare(operands[0], operands[1]) >= 0);
}

/* The first that decides, or the last. */
static json_t *decide(json_t *const *operands, size_t n, bool by) {
        for (size_t i = 0; i + 1 < n; i++)
                if (template_is_true(operands[i]) == by)
                        return json_incref(operands[i]);
        return json_incref(operands[n - 1]);
}

static json_t *call_and(json_t *const *operands, size_t n, Fault *fault) {
        return decide(operands, n, false);
}

static json_t *call_or(json_t *const *operands, size_t n, Fault *fault) {
        return decide(operands, n, true);
}

static json_t *call_not(json_t *const *operands, size_t n, Fault *fault) {
        return json_boolean(!template_is_true(operands[0]));
}

/* clang-format off */
static const TemplateFunction functions[] = {
        { "and",      1, TEMPLATE_WORDS_MAX, call_and },
        { "eq",       2, TEMPLATE_WORDS_MAX, call_eq },
        { "ge",       2, 2, call_ge },
        { "gt",       2, 2, call_gt },
        { "index",    1, TEMPLATE_WORDS_MAX, call_index },
        { "join",     2, 2, call_join },
        { "json",     1, 1, call_json },
        { "le",       2, 2, call_le },
        { "len",      1, 1, call_len },
        { "lower",    1, 1, call_lower },
        { "lt",       2, 2, call_lt },
        { "ne",       2, 2, call_ne },
        { "not",      1, 1, call_not },
        { "or",       1, TEMPLATE_WORDS_MAX, call_or },
        { "pad",      3, 3, call_pad },
        { "print",    0, TEMPLATE_WORDS_MAX, call_print },
        { "printf",   1, TEMPLATE_WORDS_MAX, call_printf },
        { "println",  0, TEMPLATE_WORDS_MAX, call_println },
        { "split",    2, 2, call_split },
        { "title",    1, 1, call_title },
        { "truncate", 2, 2, call_truncate },
        { "upper",    1, 1, call_upper },
};
/* clang-format on */

const TemplateFunction *template_function_find(const char *name) {
        for (size_t i = 0; i < ELEMENTS(functions); i++)
                if (strcmp(functions[i].name, name) == 0)
                        return &functions[i];
        return NULL;
}
