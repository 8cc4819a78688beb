/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/plan/log.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

const char *log_find_value(char *const *list, const char *name, size_t n) {
        const char *value = NULL;

        for (; list && *list; list++)
                if (strncmp(*list, name, n) == 0 && (*list)[n] == '=')
                        value = *list + n + 1;
        return value;
}

/* Variables are not replaced in LogExtraFields= and SyslogIdentifier=: "$$" would stay as it is. */
static char *without_variables(const char *text) {
        char *copy = strdup(text), *to = copy;

        for (const char *from = text; copy && *from; from++) {
                if (from[0] == '$' && from[1] == '$')
                        from++;
                *to++ = *from;
        }
        if (copy)
                *to = '\0';
        return copy;
}

/* What systemd would have to put a variable into is left out; it does not. */
static void set_field(UnitWriter *unit, const char *name, const char *value) {
        autofree char *plain = without_variables(value);

        if (!plain)
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
        else if (*value != '$' && !strstr(value, "${"))
                unit_set_words(unit, "LogExtraFields", &(UnitWord){ plain, true, name }, 1);
}

/* A field's name has capital letters, digits and underscores. */
static int add_field(char ***fields, const char *name, size_t n, const char *value) {
        char *field = NULL;

        if (asprintf(&field, "%.*s=%s", (int) n, name, value) < 0)
                return -ENOMEM;
        for (char *c = field; *c != '='; c++)
                *c = (char) (isalnum((unsigned char) *c) ? toupper((unsigned char) *c) : '_');
        return strv_take(fields, field);
}

/* "A,B": the values that the container's own list has for these. */
static int add_listed(char ***fields, char *const *list, const char *names) {
        int r = 0;

        for (size_t n; r >= 0 && *names; names += n + (names[n] == ',')) {
                const char *value;

                n = strcspn(names, ",");
                value = log_find_value(list, names, n);
                if (value)
                        r = add_field(fields, names, n, value);
        }
        return r;
}

int log_fields(const Container *container, char ***ret) {
        autostrv char **fields = NULL;
        int r = 0;

        for (char **option = container->log_opt; r >= 0 && option && *option; option++) {
                const char *text = strchr(*option, '=') + 1, *equals = strchr(text, '=');

                if (strncmp(*option, "label=", 6) == 0 && equals)
                        r = add_field(&fields, text, (size_t) (equals - text), equals + 1);
                else if (strncmp(*option, "label", 5) == 0)
                        r = add_listed(&fields, container->label, text);
                else if (strncmp(*option, "env=", 4) == 0)
                        r = add_listed(&fields, container->environment, text);
        }
        if (r >= 0)
                *ret = TAKE(fields);
        return r;
}

/* Docker's templates; the parser of the value lets no others through. */
static char *fill_in(const Container *container, const char *text) {
        const struct {
                const char *template, *value;
        } known[] = {
                { "{{.Name}}", container->name },
                { "{{.ImageName}}", container->image ? container->image : container->rootfs },
        };
        char *filled = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&filled, &size);

        if (!stream)
                return NULL;
        while (*text) {
                size_t i = 0;

                while (i < ELEMENTS(known) &&
                                strncmp(text, known[i].template, strlen(known[i].template)) != 0)
                        i++;
                if (i < ELEMENTS(known)) {
                        (void) fputs(known[i].value, stream);
                        text += strlen(known[i].template);
                } else
                        (void) fputc(*text++, stream);
        }
        if (fclose(stream) == 0)
                return filled;
        free(filled);
        return NULL;
}

int log_tag(const Container *container, char **ret) {
        const char *tag = NULL;

        for (char **option = container->log_opt; option && *option; option++)
                if (strncmp(*option, "tag=", 4) == 0)
                        tag = *option + 4;
        if (container->log_identifier)
                tag = container->log_identifier;

        *ret = NULL;
        if (!tag || strcmp(tag, container->name) == 0)
                return 0;
        *ret = fill_in(container, tag);
        return *ret ? 0 : -ENOMEM;
}

static void write_fields(const Container *container, UnitWriter *unit) {
        autostrv char **fields = NULL;

        if (log_fields(container, &fields) < 0)
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
        for (char **field = fields; field && *field; field++) {
                autofree char *name = strndup(*field, strcspn(*field, "=") + 1);

                if (name)
                        set_field(unit, name, *field + strlen(name));
                else
                        unit->error = unit->error < 0 ? unit->error : -ENOMEM;
        }
}

void log_write(const Container *container, UnitWriter *unit) {
        autofree char *tag = NULL, *plain = NULL;

        if (log_tag(container, &tag) < 0 || !(plain = without_variables(tag ? tag : container->name)))
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
        else
                unit_set_words(unit, "SyslogIdentifier", &(UnitWord){ plain, true }, 1);

        set_field(unit, "CONTAINER_NAME=", container->name);
        set_field(unit, "IMAGE_NAME=", container->image ? container->image : container->rootfs);
        if (container->pod)
                set_field(unit, "POD_NAME=", container->pod);
        write_fields(container, unit);
}
