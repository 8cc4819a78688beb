/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

#define NAME_MAX_CONTAINER 64

int value_wrong(Fault *fault, const char *text, const char *what) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not %s", text, what);
}

int value_refuse(Fault *fault, const char *format, ...) {
        char why[384];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(why, sizeof(why), format, ap);
        va_end(ap);
        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "not supported, %s", why);
}

static bool is_identifier(const char *text) {
        if (!isalpha((unsigned char) *text) && *text != '_')
                return false;
        while (isalnum((unsigned char) *text) || *text == '_')
                text++;
        return *text == '\0';
}

bool value_is_dynamic_part(const char *text, size_t size) {
        for (size_t i = 0; i + 1 < size; i++) {
                if (text[i] != '%' && text[i] != '$')
                        continue;
                if (text[i + 1] == text[i])
                        i++;
                else if (text[i] == '%' ? isalpha((unsigned char) text[i + 1]) : text[i + 1] == '{')
                        return true;
        }
        return false;
}

bool value_is_dynamic(const char *text) {
        return value_is_dynamic_part(text, strlen(text)) || (*text == '$' && is_identifier(text + 1));
}

bool value_begins_dynamic(const char *text) {
        if (*text == '%')
                return isalpha((unsigned char) text[1]);
        return *text == '$' && (text[1] == '{' || is_identifier(text + 1));
}

char *value_escape(const char *text) {
        char *escaped = malloc(strlen(text) * 2 + 1), *end = escaped;

        if (!escaped)
                return NULL;

        for (; *text; text++) {
                if (*text == '%' || *text == '$')
                        *end++ = *text;
                *end++ = *text;
        }
        *end = '\0';
        return escaped;
}

char *value_unescape(const char *text) {
        char *plain = malloc(strlen(text) + 1), *end = plain;

        if (!plain)
                return NULL;

        for (; *text; text++) {
                if ((*text == '%' || *text == '$') && text[1] == *text)
                        text++;
                *end++ = *text;
        }
        *end = '\0';
        return plain;
}

int value_copy(const char *text, char **ret) {
        char *copy = strdup(text);

        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

int value_printf(char **ret, const char *format, ...) {
        char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;
        *ret = text;
        return 0;
}

/* Takes "." and ".." out of an absolute path, in place. */
static void simplify(char *path) {
        char *to = path;
        const char *from = path;

        while (*from) {
                size_t n;

                from += strspn(from, "/");
                n = strcspn(from, "/");
                if (n == 2 && strncmp(from, "..", 2) == 0) {
                        while (to > path && *--to != '/')
                                ;
                } else if (n > 0 && !(n == 1 && *from == '.')) {
                        *to++ = '/';
                        memmove(to, from, n);
                        to += n;
                }
                from += n;
        }
        if (to == path)
                *to++ = '/';
        *to = '\0';
}

int value_resolve(const char *path, const char *directory, char **ret) {
        autofree char *base = NULL;
        char *resolved;

        if (*path == '/' || value_begins_dynamic(path))
                return value_copy(path, ret);

        base = value_escape(directory);
        if (!base || asprintf(&resolved, "%s/%s", base, path) < 0)
                return -ENOMEM;

        simplify(resolved);
        *ret = resolved;
        return 0;
}

int value_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret) {
        uint64_t number = 0;

        if (!*text)
                return -EINVAL;

        for (; *text; text++)
                if (!isdigit((unsigned char) *text) || __builtin_mul_overflow(number, 10, &number) ||
                                __builtin_add_overflow(number, (uint64_t) (*text - '0'), &number))
                        return -EINVAL;

        if (number < min || number > max)
                return -EINVAL;
        *ret = number;
        return 0;
}

bool value_is_one_of(const char *word, const char *const *list) {
        for (; *list; list++)
                if (strcmp(word, *list) == 0)
                        return true;
        return false;
}

char *value_cut(char *text, char separator) {
        char *at = strchr(text, separator);

        if (!at)
                return NULL;
        *at = '\0';
        return at + 1;
}

char *value_find_colon(char *text) {
        for (; *text; text++) {
                if (*text == ':')
                        return text;
                if (text[0] == '$' && text[1] == '{')
                        text += strcspn(text, "}");
                if (!*text)
                        break;
        }
        return NULL;
}

bool value_is_name(const char *text, size_t max) {
        if (!isalnum((unsigned char) *text) || strlen(text) > max)
                return false;
        for (; *text; text++)
                if (!isalnum((unsigned char) *text) && !strchr("_.-", *text))
                        return false;
        return true;
}

int value_parse_text(Value *value, char **ret, Fault *fault) {
        return value_copy(value->text, ret);
}

int value_parse_absolute_path(Value *value, char **ret, Fault *fault) {
        if (*value->text != '/' && !value_begins_dynamic(value->text))
                return value_wrong(fault, value->text, "an absolute path");
        return value_copy(value->text, ret);
}

int value_parse_path(Value *value, char **ret, Fault *fault) {
        return value_resolve(value->text, value->directory, ret);
}

int value_parse_count(Value *value, char **ret, Fault *fault) {
        uint64_t number;

        if (!value_is_dynamic(value->text) && value_number(value->text, 0, INT32_MAX, &number) < 0)
                return value_wrong(fault, value->text, "a number");
        return value_copy(value->text, ret);
}

int value_parse_name(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !value_is_name(value->text, NAME_MAX_CONTAINER))
                return value_wrong(fault, value->text,
                                "a name: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-', the first a letter or "
                                "digit");
        return value_copy(value->text, ret);
}
