/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/run-manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/utf8.h"
#include "lib/cleanup.h"

static const char *const sections[_RUN_SECTION_MAX] = { "Unit", "Container", "Slipway", "Service" };

/* What ends a word, or begins a quoted part of one. */
static const char special[] = " \t\r\n\v\f\"'\\;#";

static int cannot_write(Fault *fault, const char *value) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' cannot be a line of a manifest", value);
}

/* Takes @text. */
static int add_text(RunManifest *manifest, RunSection section, char *text) {
        RunLine *grown = text ? reallocarray(manifest->lines, manifest->n + 1, sizeof(RunLine)) : NULL;
        RunLine *line;

        if (!grown) {
                free(text);
                return -ENOMEM;
        }
        manifest->lines = grown;
        line = &manifest->lines[manifest->n++];
        *line = (RunLine){ .section = section, .text = text };
        (void) snprintf(line->flag, sizeof(line->flag), "%s", manifest->flag ? manifest->flag : "");
        return 0;
}

/* Nothing that would end the line, or make the next one a part of it. */
static bool is_one_line(const char *value) {
        size_t n = strlen(value), backslashes = 0;

        while (backslashes < n && value[n - 1 - backslashes] == '\\')
                backslashes++;
        return backslashes % 2 == 0 && !strpbrk(value, "\r\n") && !utf8_find_invalid(value, n);
}

static bool has_blank_end(const char *value) {
        size_t n = strlen(value);

        return n > 0 && (strchr(" \t", value[0]) || strchr(" \t", value[n - 1]));
}

int run_manifest_add(RunManifest *manifest, RunSection section, const char *key, const char *value,
                Fault *fault) {
        char *text = NULL;

        if (!is_one_line(value) || has_blank_end(value))
                return cannot_write(fault, value);
        if (asprintf(&text, "%s=%s", key, value) < 0)
                text = NULL;
        return add_text(manifest, section, text);
}

/* A word in which backslashes mean themselves: quotes of the other sort go around quotes. */
static void put_literal(FILE *stream, const char *word) {
        if (*word && !strpbrk(word, special)) {
                (void) fputs(word, stream);
                return;
        }
        (void) fputc('"', stream);
        for (; *word; word++)
                if (*word == '"')
                        (void) fputs("\"'\"'\"", stream);
                else
                        (void) fputc(*word, stream);
        (void) fputc('"', stream);
}

/* A word with escapes, which can have any byte in it. */
static void put_escaped(FILE *stream, const char *word) {
        bool is_quoted = !*word || strpbrk(word, special);

        if (is_quoted)
                (void) fputc('"', stream);
        while (*word) {
                size_t n = utf8_measure(word, strlen(word));

                if (*word == '"' || *word == '\\')
                        (void) fprintf(stream, "\\%c", *word);
                else if (n == 0 || (unsigned char) *word < 0x20 || *word == 0x7f)
                        (void) fprintf(stream, "\\x%02x", (unsigned char) *word);
                else
                        (void) fwrite(word, 1, n, stream);
                word += n > 0 ? n : 1;
        }
        if (is_quoted)
                (void) fputc('"', stream);
}

/* Plain text as it is read in that shape. */
static void put_value(FILE *stream, KeyShape shape, const char *value) {
        switch (shape) {

        case KEY_WORDS:
                put_literal(stream, value);
                break;

        case KEY_ESCAPED:
        case KEY_COMMAND:
        case KEY_ARGUMENTS:
                put_escaped(stream, value);
                break;

        case KEY_ENTRY:
                if (*value && *value != '[')
                        put_escaped(stream, value);
                else
                        (void) fputs(value, stream);
                break;

        case KEY_TEXT:
        case KEY_NUMBER:
        case KEY_CHOICE:
        case KEY_LINES:
        case KEY_REFUSED:
        default:
                (void) fputs(value, stream);
        }
}

/* One pair of quotes around the whole of such a value is taken off when it is read. */
static bool wants_quotes(KeyShape shape, const char *value) {
        size_t n = strlen(value);

        if (shape != KEY_TEXT && shape != KEY_NUMBER && shape != KEY_CHOICE)
                return false;
        return has_blank_end(value) || (n > 0 && value[n - 1] == '\\') ||
               (n >= 2 && value[0] == '"' && value[n - 1] == '"');
}

static char *quote(KeyShape shape, const char *const *values, size_t n) {
        char *quoted = NULL;
        size_t size;
        FILE *stream = open_memstream(&quoted, &size);

        if (!stream)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                autofree char *escaped = value_escape(values[i]);
                const char *around = escaped && wants_quotes(shape, escaped) ? "\"" : "";

                if (i > 0)
                        (void) fputc(' ', stream);
                (void) fputs(around, stream);
                put_value(stream, shape, escaped ? escaped : "");
                (void) fputs(around, stream);
        }
        if (fclose(stream) == 0)
                return quoted;
        free(quoted);
        return NULL;
}

static int add_quoted(RunManifest *manifest, const char *key, KeyShape shape, const char *const *values,
                size_t n, Fault *fault) {
        autofree char *quoted = quote(shape, values, n);

        if (!quoted)
                return -ENOMEM;
        return run_manifest_add(manifest, RUN_CONTAINER, key, quoted, fault);
}

int run_manifest_add_key(RunManifest *manifest, const char *key, const char *value, Fault *fault) {
        const KeyRow *row = key_find(&container_section, key);

        return add_quoted(manifest, key, row ? row->shape : KEY_TEXT, &value, 1, fault);
}

int run_manifest_add_words(RunManifest *manifest, const char *key, char *const *words, Fault *fault) {
        size_t n = 0;

        while (words[n])
                n++;
        return add_quoted(manifest, key, KEY_COMMAND, (const char *const *) words, n, fault);
}

int run_manifest_add_argument(RunManifest *manifest, const char *name, const char *value, Fault *fault) {
        autofree char *word = NULL;

        if (asprintf(&word, "--%s=%s", name, value) < 0)
                return -ENOMEM;
        return add_quoted(manifest, "PodmanArgs", KEY_ARGUMENTS, (const char *const[]){ word }, 1, fault);
}

int run_manifest_extend(RunManifest *manifest, const RunManifest *more) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < more->n; i++) {
                manifest->flag = more->lines[i].flag;
                r = add_text(manifest, more->lines[i].section, strdup(more->lines[i].text));
        }
        manifest->flag = NULL;
        return r;
}

/* In the order of sections, lines of one section as they came. Return: false at the end. */
static bool walk(const RunManifest *manifest, size_t *at, RunSection *section) {
        for (; *section < _RUN_SECTION_MAX; (*section)++, *at = 0)
                for (; *at < manifest->n; (*at)++)
                        if (manifest->lines[*at].section == *section)
                                return true;
        return false;
}

char *run_manifest_text(const RunManifest *manifest) {
        RunSection section = 0, last = _RUN_SECTION_MAX;
        char *text = NULL;
        size_t size, at = 0;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        for (; walk(manifest, &at, &section); at++) {
                if (section != last)
                        (void) fprintf(stream, "%s[%s]\n", last == _RUN_SECTION_MAX ? "" : "\n",
                                        sections[section]);
                (void) fprintf(stream, "%s\n", manifest->lines[at].text);
                last = section;
        }
        if (fclose(stream) == 0)
                return text;
        free(text);
        return NULL;
}

const char *run_manifest_flag_of(const RunManifest *manifest, unsigned line) {
        RunSection section = 0, last = _RUN_SECTION_MAX;
        unsigned number = 0;
        size_t at = 0;

        for (; walk(manifest, &at, &section); at++) {
                if (section != last)
                        number += last == _RUN_SECTION_MAX ? 1 : 2;
                number++;
                last = section;
                if (number == line)
                        return *manifest->lines[at].flag ? manifest->lines[at].flag : NULL;
        }
        return NULL;
}

void run_manifest_done(RunManifest *manifest) {
        for (size_t i = 0; i < manifest->n; i++)
                free(manifest->lines[i].text);
        free(manifest->lines);
        *manifest = (RunManifest){};
}
