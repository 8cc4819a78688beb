/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/nearest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 64 };

static size_t smaller(size_t a, size_t b) {
        return a < b ? a : b;
}

static bool is_swapped(const char *a, const char *b) {
        return a[0] == b[-1] && a[-1] == b[0];
}

size_t nearest_distance(const char *a, const char *b) {
        size_t n_a = strlen(a), n_b = strlen(b);
        size_t rows[3][LONGEST + 1];
        size_t *before = rows[0], *last = rows[1], *row = rows[2];

        if (strcasecmp(a, b) == 0)
                return strcmp(a, b) != 0;
        if (n_a > LONGEST || n_b > LONGEST)
                return n_a > n_b ? n_a : n_b;

        for (size_t k = 0; k <= n_b; k++)
                last[k] = k;

        for (size_t i = 1; i <= n_a; i++) {
                size_t *done = before;

                row[0] = i;
                for (size_t k = 1; k <= n_b; k++) {
                        row[k] = smaller(last[k], row[k - 1]) + 1;
                        row[k] = smaller(row[k], last[k - 1] + (a[i - 1] != b[k - 1]));
                        if (i > 1 && k > 1 && is_swapped(&a[i - 1], &b[k - 1]))
                                row[k] = smaller(row[k], before[k - 2] + 1);
                }
                before = last;
                last = row;
                row = done;
        }
        return last[n_b];
}

size_t nearest_limit(const char *word) {
        return strlen(word) < 5 ? 1 : 2;
}
