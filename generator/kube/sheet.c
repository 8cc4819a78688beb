/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kube/sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

static char nothing[1];

void sheet_begin(Sheet *sheet, Arena *arena, Manifest *parent, ManifestType type, const char *name,
                const char *path, const YamlNode *node, FaultList *faults) {
        Manifest *manifest = arena_alloc(arena, sizeof(Manifest));
        char key[KUBE_PATH_MAX];
        Place place = kube_place(path, node, key);

        *sheet = (Sheet){ .arena = arena, .manifest = manifest, .path = path, .faults = faults };
        if (!manifest) {
                sheet->error = -ENOMEM;
                return;
        }
        place.key = place.key ? sheet_format(sheet, "%s", place.key) : NULL;
        *manifest = (Manifest){
                .type = type,
                .name = sheet_format(sheet, "%s.%s", name, manifest_type_to_string(type)),
                .path = parent->path,
                .directory = parent->directory,
                .stem = sheet_format(sheet, "%s", name),
                .parent = parent,
                .origin = place,
        };
}

char *sheet_format(Sheet *sheet, const char *format, ...) {
        char *text = NULL, *copy = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n >= 0) {
                copy = arena_string(sheet->arena, text);
                free(text);
        }
        if (copy)
                return copy;
        sheet->error = -ENOMEM;
        return nothing;
}

static Assignment *append(Sheet *sheet) {
        Manifest *manifest = sheet->manifest;

        if (sheet->error < 0)
                return NULL;
        if (manifest->n_assignments == sheet->room) {
                size_t room = sheet->room > 0 ? sheet->room * 2 : 16;
                Assignment *grown = arena_alloc(sheet->arena, room * sizeof(Assignment));

                if (!grown) {
                        sheet->error = -ENOMEM;
                        return NULL;
                }
                if (sheet->room > 0)
                        memcpy(grown, manifest->assignments, manifest->n_assignments * sizeof(Assignment));
                manifest->assignments = grown;
                sheet->room = room;
        }
        return &manifest->assignments[manifest->n_assignments++];
}

/* Lines of one section have one pointer to its name, by which they are found. */
static const char *section_of(Sheet *sheet, const char *section) {
        for (size_t i = 0; i < sheet->manifest->n_assignments; i++)
                if (strcmp(sheet->manifest->assignments[i].section, section) == 0)
                        return sheet->manifest->assignments[i].section;
        return section;
}

void sheet_set(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *value) {
        const char *kept = sheet->error < 0 ? section : section_of(sheet, section);
        Assignment *assignment;
        char path[KUBE_PATH_MAX];

        yaml_path(node, path, sizeof(path));
        assignment = append(sheet);
        if (!assignment)
                return;
        *assignment = (Assignment){
                .section = kept,
                .key = key,
                .path = sheet->path,
                .line = node->line,
                .column = node->column,
                .key_line = node->line,
                .key_column = node->column,
        };
        assignment->value = sheet_format(sheet, "%s", value);
        assignment->field = sheet_format(sheet, "%s", path);
}

void sheet_setf(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *format,
                ...) {
        char *text = NULL;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0)
                sheet->error = -ENOMEM;
        else {
                sheet_set(sheet, section, key, node, text);
                free(text);
        }
}

void sheet_copy(Sheet *sheet, const char *section, const Assignment *assignment) {
        const char *kept = sheet->error < 0 ? section : section_of(sheet, section);
        Assignment *copy = append(sheet);

        if (!copy)
                return;
        *copy = *assignment;
        copy->section = kept;
        copy->value = sheet_format(
                        sheet, "%s", assignment->value); /* joints of the other manifest are not for it */
}

bool sheet_has(const Sheet *sheet, const char *value) {
        for (size_t i = 0; sheet->error == 0 && i < sheet->manifest->n_assignments; i++)
                if (strcmp(sheet->manifest->assignments[i].value, value) == 0)
                        return true;
        return false;
}

bool sheet_check(Sheet *sheet, const YamlNode *node, const char *text) {
        for (; *text; text++)
                if ((unsigned char) *text < ' ' || *text == 0x7f) {
                        (void) kube_fault(sheet->faults, sheet->path, node, FAULT_VALUE,
                                        "there is a line break or another control character in it");
                        return false;
                }
        return true;
}

char *sheet_escape(Sheet *sheet, const char *text) {
        char *escaped = arena_alloc(sheet->arena, strlen(text) * 2 + 1), *to = escaped;

        if (!escaped) {
                sheet->error = -ENOMEM;
                return nothing;
        }
        for (; *text; text++) {
                if (*text == '%' || *text == '$')
                        *to++ = *text;
                *to++ = *text;
        }
        *to = '\0';
        return escaped;
}

/* As command lines are written, of manifests and of units. */
char *sheet_quote(Sheet *sheet, const char *text) {
        char *quoted = arena_alloc(sheet->arena, strlen(text) * 4 + 3), *to = quoted;

        if (!quoted) {
                sheet->error = -ENOMEM;
                return nothing;
        }
        *to++ = '"';
        for (; *text; text++) {
                unsigned char c = (unsigned char) *text;

                if (c < ' ' || c == 0x7f) {
                        to += sprintf(to, "\\x%02x", c);
                        continue;
                }
                if (c == '%' || c == '$')
                        *to++ = (char) c;
                else if (c == '"' || c == '\\')
                        *to++ = '\\';
                *to++ = (char) c;
        }
        (void) strcpy(to, "\"");
        return quoted;
}

void sheet_text(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *text) {
        if (sheet_check(sheet, node, text))
                sheet_set(sheet, section, key, node, sheet_escape(sheet, text));
}

void sheet_quoted(
                Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *text) {
        if (sheet_check(sheet, node, text))
                sheet_setf(sheet, section, key, node, "\"%s\"", sheet_escape(sheet, text));
}

void sheet_word(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *text) {
        sheet_set(sheet, section, key, node, sheet_quote(sheet, text));
}

void sheet_words(Sheet *sheet, const char *section, const char *key, const YamlNode *node,
                char *const *words) {
        autofree char *line = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&line, &size);

        if (!stream) {
                sheet->error = -ENOMEM;
                return;
        }
        for (char *const *word = words; word && *word; word++)
                (void) fprintf(stream, "%s%s", word > words ? " " : "", sheet_quote(sheet, *word));
        if (fclose(stream) != 0)
                sheet->error = -ENOMEM;
        else
                sheet_set(sheet, section, key, node, line);
}

static void put_json(FILE *stream, const char *text) {
        (void) fputc('"', stream);
        for (; *text; text++) {
                unsigned char c = (unsigned char) *text;

                if (c < ' ' || c == 0x7f)
                        (void) fprintf(stream, "\\u%04x", c);
                else if (c == '"' || c == '\\')
                        (void) fprintf(stream, "\\%c", c);
                else
                        (void) fputc(c, stream);
        }
        (void) fputc('"', stream);
}

void sheet_array(Sheet *sheet, const char *section, const char *key, const YamlNode *node,
                char *const *words) {
        autofree char *line = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&line, &size);

        if (!stream) {
                sheet->error = -ENOMEM;
                return;
        }
        (void) fputc('[', stream);
        for (char *const *word = words; word && *word; word++) {
                (void) fputs(word > words ? ", " : "", stream);
                put_json(stream, sheet_escape(sheet, *word));
        }
        (void) fputc(']', stream);
        if (fclose(stream) != 0)
                sheet->error = -ENOMEM;
        else
                sheet_set(sheet, section, key, node, line);
}
