/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/directives.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

static void directive_done(Directive *directive) {
        free(directive->section);
        free(directive->key);
        free(directive->value);
}

static void forget(Directives *directives, const char *section, const char *key) {
        size_t kept = 0;

        for (size_t i = 0; i < directives->n; i++) {
                Directive *directive = &directives->directives[i];

                if (strcmp(directive->section, section) == 0 && strcmp(directive->key, key) == 0)
                        directive_done(directive);
                else
                        directives->directives[kept++] = *directive;
        }
        directives->n = kept;
}

static int add(Directives *directives, const char *section, const char *key, const char *value) {
        Directive *grown = reallocarray(directives->directives, directives->n + 1, sizeof(Directive));
        Directive directive = {
                .section = strdup(section),
                .key = strdup(key),
                .value = strdup(value),
        };

        if (grown)
                directives->directives = grown;
        if (!grown || !directive.section || !directive.key || !directive.value) {
                directive_done(&directive);
                return -ENOMEM;
        }
        directives->directives[directives->n++] = directive;
        return 0;
}

/* A line is never continued: the unit writer sees to that. */
static int read_line(Directives *directives, char *line, char **section) {
        char *equals = strchr(line, '='), *bracket = strrchr(line, ']');

        if (*line == '[' && bracket) {
                *bracket = '\0';
                *section = line + 1;
                return 0;
        }
        if (*line == '#' || *line == ';' || !equals || !*section || strncmp(*section, "X-", 2) == 0 ||
                        strcmp(*section, "Install") == 0)
                return 0;
        *equals = '\0';
        if (equals[1])
                return add(directives, *section, line, equals + 1);
        forget(directives, *section, line);
        return 0;
}

int directives_read(const char *text, Directives *ret) {
        autofree char *copy = strdup(text);
        char *rest = copy, *line, *section = NULL;
        Directives directives = {};
        int r = copy ? 0 : -ENOMEM;

        while (r >= 0 && (line = strsep(&rest, "\n")))
                r = read_line(&directives, line, &section);
        if (r < 0) {
                directives_done(&directives);
                return r;
        }
        *ret = directives;
        return 0;
}

void directives_done(Directives *directives) {
        for (size_t i = 0; i < directives->n; i++)
                directive_done(&directives->directives[i]);
        free(directives->directives);
        *directives = (Directives){};
}
