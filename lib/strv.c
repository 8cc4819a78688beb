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

int strv_take(char ***list, char *item) {
        autofree char *owned = item;
        size_t n = strv_length(*list);
        char **grown;

        if (!owned)
                return -ENOMEM;

        /* Grows in powers of two, so that long lists do not copy themselves at each item. */
        if (n == 0 || ((n + 1) & n) == 0) {
                grown = reallocarray(*list, (n + 1) * 2, sizeof(char *));
                if (!grown)
                        return -ENOMEM;
                *list = grown;
        }

        (*list)[n] = TAKE(owned);
        (*list)[n + 1] = NULL;
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
