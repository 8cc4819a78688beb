/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/build-bases.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

#define LOCAL "localhost/"
#define BUILD_ARG "--build-arg="

/* What ends a word: blanks, quotes, and what is around names in --from=NAME, ARG NAME=VALUE and from=NAME,…
 */
static const char ends[] = " \t\r\n\"'=,\\";

/* --- arguments --- */

/* "NAME=VALUE", of which the last one of a name counts. Return: NULL when there is none of @n bytes. */
static const char *find_argument(char *const *arguments, const char *name, size_t n) {
        const char *found = NULL;

        for (; arguments && *arguments; arguments++)
                if (strncmp(*arguments, name, n) == 0 && (*arguments)[n] == '=')
                        found = *arguments + n + 1;
        return found;
}

/* "ARG A=1 B="2"": may be several. What has no value gets one by an option, or has none. */
static int add_line(char ***arguments, const char *line) {
        autofree char *copy = NULL;
        char *rest, *word;
        int r = 0;

        line += strspn(line, " \t");
        if (strncasecmp(line, "ARG", 3) != 0 || !isspace((unsigned char) line[3]))
                return 0;
        rest = copy = strndup(line + 4, strcspn(line + 4, "\n"));
        if (!copy)
                return -ENOMEM;
        while (r >= 0 && (word = strsep(&rest, " \t\r"))) {
                char *to = word;

                for (const char *from = word; *from; from++)
                        if (*from != '"' && *from != '\'')
                                *to++ = *from;
                *to = '\0';
                if (strchr(word, '='))
                        r = strv_append(arguments, word);
        }
        return r;
}

/* Those of the command line come last, and win. */
static int read_arguments(const char *text, char *const *options, char ***ret) {
        int r = 0;

        for (const char *line = text; line && r >= 0; line = strchr(line, '\n')) {
                line += *line == '\n';
                r = add_line(ret, line);
        }
        for (; *options && r >= 0; options++)
                if (strncmp(*options, BUILD_ARG, strlen(BUILD_ARG)) == 0)
                        r = strv_append(ret, *options + strlen(BUILD_ARG));
        return r;
}

/* --- words --- */

static size_t name_length(const char *text) {
        size_t n = 0;

        while (isalnum((unsigned char) text[n]) || text[n] == '_')
                n++;
        return n;
}

/* At a '$': "$NAME", "${NAME}", "${NAME:-DEFAULT}". Return: where the text goes on. */
static const char *expand_one(const char *at, char *const *arguments, FILE *to) {
        bool is_braced = at[1] == '{';
        const char *name = at + 1 + is_braced, *rest, *value;
        size_t n = name_length(name);

        value = n > 0 ? find_argument(arguments, name, n) : NULL;
        rest = name + n;
        if (!is_braced) {
                (void) fputs(value ? value : "", to);
                return rest;
        }
        n = strcspn(rest, "}");
        if ((!value || !*value) && strncmp(rest, ":-", 2) == 0)
                (void) fprintf(to, "%.*s", (int) n - 2, rest + 2);
        else
                (void) fputs(value ? value : "", to);
        return rest + n + (rest[n] == '}');
}

static int expand(const char *word, char *const *arguments, char **ret) {
        autofree char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        if (!to)
                return -ENOMEM;
        while (*word)
                if (*word == '$')
                        word = expand_one(word, arguments, to);
                else
                        (void) fputc(*word++, to);
        if (fclose(to) != 0)
                return -ENOMEM;
        *ret = TAKE(text);
        return 0;
}

int build_bases_find(const char *text, char *const *options, char ***ret) {
        autostrv char **arguments = NULL, **names = NULL;
        int r = read_arguments(text, options, &arguments);

        while (r >= 0 && *(text += strspn(text, ends))) {
                size_t n = strcspn(text, ends);
                autofree char *word = strndup(text, n), *name = NULL;

                r = word ? expand(word, arguments, &name) : -ENOMEM;
                if (r >= 0 && strncmp(name, LOCAL, strlen(LOCAL)) == 0 && !strv_find(names, name))
                        r = strv_append(&names, name);
                text += n;
        }
        if (r < 0)
                return r;
        *ret = TAKE(names);
        return 0;
}
