/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/dropins.h"

#include <stdlib.h>
#include <string.h>

#include "lib/strv.h"

/* "foo-bar-" of "foo-bar-baz", then "foo-"; @tail is what follows, as ".container" or "@.container". */
static int append_prefixes(char ***names, const char *stem, size_t n, const char *tail, const char *more) {
        int r = 0;

        /* The last byte may be a dash that is no end of a prefix: "foo-" has drop-ins of its own. */
        while (n > 1 && r >= 0) {
                n--;
                if (stem[n - 1] != '-')
                        continue;
                r = more ? strv_appendf(names, "%.*s%s%s", (int) n, stem, more, tail) : 0;
                if (r >= 0)
                        r = strv_appendf(names, "%.*s%s", (int) n, stem, tail);
        }
        return r;
}

int dropins_directories(const char *name, char ***ret) {
        const char *dot = strrchr(name, '.'), *at = strchr(name, '@');
        autostrv char **names = NULL;
        size_t stem;
        int r;

        if (at && at > dot)
                at = NULL;
        stem = (size_t) ((at ? at : dot) - name);

        r = strv_append(&names, name);
        if (r >= 0 && at && at + 1 != dot)
                r = strv_appendf(&names, "%.*s@%s", (int) stem, name, dot);
        if (r >= 0)
                r = append_prefixes(&names, name, stem, dot, at ? "@" : NULL);
        if (r >= 0)
                r = strv_append(&names, dot + 1);
        if (r < 0)
                return r;

        *ret = TAKE(names);
        return 0;
}

/* The first drop-in of a directory name, in the sorted array. */
static size_t first_of(const Search *search, const char *directory) {
        size_t low = 0, high = search->n_dropins;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(search->dropins[middle].dropin_of, directory) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool has_name(const SearchFile *const *files, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(files[i]->name, name) == 0)
                        return true;
        return false;
}

static int compare_name(const void *a, const void *b) {
        return strcmp((*(const SearchFile *const *) a)->name, (*(const SearchFile *const *) b)->name);
}

int dropins_find(const Search *search, const char *name, const SearchFile ***ret, size_t *ret_n) {
        autofree const SearchFile **found = NULL;
        autostrv char **directories = NULL;
        size_t n = 0;
        int r;

        *ret_n = 0;
        if (search->n_dropins == 0)
                return 0;
        r = dropins_directories(name, &directories);
        if (r < 0)
                return r;

        for (size_t k = 0; directories[k]; k++)
                for (size_t i = first_of(search, directories[k]); i < search->n_dropins; i++) {
                        const SearchFile *file = &search->dropins[i], **grown;

                        if (strcmp(file->dropin_of, directories[k]) != 0)
                                break;
                        if (has_name(found, n, file->name))
                                continue;
                        grown = reallocarray(found, n + 1, sizeof(*found));
                        if (!grown)
                                return -ENOMEM;
                        found = grown;
                        found[n++] = file;
                }

        if (n == 0)
                return 0;
        qsort(found, n, sizeof(*found), compare_name);
        *ret = TAKE(found);
        *ret_n = n;
        return 0;
}
