/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/strv.h"

#include <stdarg.h>
#include <string.h>

size_t strv_length(char *const *list) {
        size_t n = 0;

        while (list && list[n])
                n++;
        return n;
}

/*
 * The length of a list that grows here: its size is a power of two, and what is not used of it is NULL. So
 * the end need not be looked for item by item, which a list of a hundred thousand would feel.
 */
static size_t grown_length(char *const *list) {
        size_t low = 0, size = 1;

        if (!list)
                return 0;
        while (list[size - 1]) {
                low = size;
                size *= 2;
        }
        while (low < size - 1) {
                size_t middle = low + (size - 1 - low) / 2;

                if (list[middle])
                        low = middle + 1;
                else
                        size = middle + 1;
        }
        return low;
}

int strv_take(char ***list, char *item) {
        autofree char *owned = item;
        size_t n = grown_length(*list);
        char **grown;

        if (!owned)
                return -ENOMEM;

        if (n == 0 || ((n + 1) & n) == 0) {
                grown = reallocarray(*list, (n + 1) * 2, sizeof(char *));
                if (!grown)
                        return -ENOMEM;
                memset(grown + n + 1, 0, (n + 1) * sizeof(char *));
                *list = grown;
        }

        (*list)[n] = TAKE(owned);
        return 0;
}

int strv_append(char ***list, const char *item) {
        return strv_take(list, strdup(item));
}

int strv_appendf(char ***list, const char *format, ...) {
        char *item = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&item, format, ap);
        va_end(ap);

        return r < 0 ? -ENOMEM : strv_take(list, item);
}

int strv_extend(char ***list, char *const *more) {
        for (size_t i = 0; more && more[i]; i++) {
                int r = strv_append(list, more[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

char *const *strv_find(char *const *list, const char *item) {
        for (size_t i = 0; list && list[i]; i++)
                if (strcmp(list[i], item) == 0)
                        return &list[i];
        return NULL;
}

char *strv_join(char *const *list, const char *separator) {
        size_t size = 1, gap = strlen(separator);
        char *joined, *end;

        for (size_t i = 0; list && list[i]; i++)
                size += strlen(list[i]) + gap;

        joined = end = malloc(size);
        if (!joined)
                return NULL;

        *end = '\0';
        for (size_t i = 0; list && list[i]; i++) {
                if (i > 0)
                        end = stpcpy(end, separator);
                end = stpcpy(end, list[i]);
        }
        return joined;
}

void strv_free(char **list) {
        for (size_t i = 0; list && list[i]; i++)
                free(list[i]);
        free(list);
}
