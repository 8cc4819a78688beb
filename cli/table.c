/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "generator/utf8.h"
#include "lib/cleanup.h"

typedef struct Cell {
        char *text;
        size_t width; /* in columns of the terminal, near enough: code points */
        TableTone tone;
} Cell;

struct Table {
        const char *const *headers;
        size_t n_columns;
        Cell *cells; /* row after row */
        size_t n_cells, room;
        size_t limit; /* how wide lines may be, 0 for any width */
        bool hides_headers;
        int error;
};

/* Columns that are shortened keep as much. */
enum { LEAST_WIDTH = 6 };

Table *table_new(const char *const *headers, size_t n) {
        Table *table = calloc(1, sizeof(*table));

        if (!table)
                return NULL;
        table->headers = headers;
        table->n_columns = n;
        return table;
}

void table_free(Table *table) {
        if (!table)
                return;
        for (size_t i = 0; i < table->n_cells; i++)
                free(table->cells[i].text);
        free(table->cells);
        free(table);
}

static size_t width_of(const char *text) {
        size_t n = 0;

        for (; *text; text++)
                n += ((unsigned char) *text & 0xc0) != 0x80;
        return n;
}

/* What a container says about itself must not move the cursor. */
static void defuse(char *text) {
        for (unsigned char *c = (unsigned char *) text; *c; c++)
                if (*c < 0x20 || *c == 0x7f)
                        *c = '?';
                else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
                        c[0] = c[1] = '?';
}

static int grow(Table *table) {
        size_t room = table->room > 0 ? table->room * 2 : 64;
        Cell *grown = reallocarray(table->cells, room, sizeof(Cell));

        if (!grown)
                return -ENOMEM;
        table->cells = grown;
        table->room = room;
        return 0;
}

TableTone table_state_tone(const char *state) {
        static const struct {
                const char *word;
                TableTone tone;
        } tones[] = {
                { "active", TABLE_GOOD },
                { "failed", TABLE_BAD },
                { "fault", TABLE_BAD },
                { "inactive", TABLE_FAINT },
                { "reloading", TABLE_GOOD },
        };

        for (size_t i = 0; i < ELEMENTS(tones); i++)
                if (strcmp(tones[i].word, state) == 0)
                        return tones[i].tone;
        return TABLE_PLAIN;
}

void table_cell(Table *table, const char *text, TableTone tone) {
        char *copy;

        if (!table || table->error < 0)
                return;
        if (table->n_cells == table->room)
                table->error = grow(table);
        if (table->error < 0)
                return;

        copy = strdup(text && *text ? text : "-");
        if (!copy) {
                table->error = -ENOMEM;
                return;
        }
        defuse(copy);
        table->cells[table->n_cells++] = (Cell){ .text = copy, .width = width_of(copy), .tone = tone };
}

static bool is_right(const char *header) {
        return *header == '>';
}

static void measure(const Table *table, size_t *widths) {
        for (size_t k = 0; k < table->n_columns; k++)
                widths[k] = width_of(table->headers[k] + is_right(table->headers[k]));
        for (size_t i = 0; i < table->n_cells; i++)
                if (table->cells[i].width > widths[i % table->n_columns])
                        widths[i % table->n_columns] = table->cells[i].width;
}

void table_set_width(Table *table, size_t width) {
        if (table)
                table->limit = width;
}

void table_hide_headers(Table *table) {
        if (table)
                table->hides_headers = true;
}

/* Takes from the widest columns what is too much. */
static void shrink(const Table *table, size_t *widths) {
        size_t total = 2 * (table->n_columns - 1);

        for (size_t k = 0; k < table->n_columns; k++)
                total += widths[k];
        while (table->limit > 0 && total > table->limit) {
                size_t widest = 0;

                for (size_t k = 1; k < table->n_columns; k++)
                        if (widths[k] >= widths[widest])
                                widest = k;
                if (widths[widest] <= LEAST_WIDTH)
                        return;
                widths[widest]--;
                total--;
        }
}

/* How many bytes of a text fill @columns. */
static int bytes_of(const char *text, size_t columns) {
        const char *at = text;

        for (; *at && columns > 0; columns--)
                do
                        at++;
                while (((unsigned char) *at & 0xc0) == 0x80);
        return (int) (at - text);
}

/* The last column is not padded, unless it is aligned to the right. */
static void put_cell(const Table *table, FILE *stream, size_t column, size_t width, const char *text,
                size_t text_width, const char *on) {
        bool right = is_right(table->headers[column]), last = column + 1 == table->n_columns;
        bool cut = text_width > width;
        int pad = cut ? 0 : (int) (width - text_width);

        if (right)
                (void) fprintf(stream, "%*s", pad, "");
        (void) fprintf(stream, "%s%.*s%s%s", on, bytes_of(text, cut ? width - 1 : width), text,
                        cut ? "…" : "", *on ? "\x1b[0m" : "");
        if (!right && !last)
                (void) fprintf(stream, "%*s", pad, "");
        (void) fputs(last ? "\n" : "  ", stream);
}

int table_print(const Table *table, FILE *stream, bool color) {
        static const char *const tones[_TABLE_TONE_MAX] = {
                [TABLE_PLAIN] = "",
                [TABLE_GOOD] = "\x1b[32m",
                [TABLE_BAD] = "\x1b[31m",
                [TABLE_FAINT] = "\x1b[2m",
        };
        autofree size_t *widths = NULL;

        if (!table)
                return -ENOMEM;
        if (table->error < 0)
                return table->error;

        widths = calloc(table->n_columns, sizeof(*widths));
        if (!widths)
                return -ENOMEM;
        measure(table, widths);
        shrink(table, widths);

        for (size_t k = 0; !table->hides_headers && k < table->n_columns; k++) {
                const char *header = table->headers[k] + is_right(table->headers[k]);

                put_cell(table, stream, k, widths[k], header, width_of(header), color ? "\x1b[1m" : "");
        }
        for (size_t i = 0; i < table->n_cells; i++) {
                const Cell *cell = &table->cells[i];
                size_t k = i % table->n_columns;

                put_cell(table, stream, k, widths[k], cell->text, cell->width,
                                color ? tones[cell->tone] : "");
        }
        return 0;
}

bool color_is_wanted(FILE *stream) {
        const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

        return !(no && *no) && term && strcmp(term, "dumb") != 0 && isatty(fileno(stream));
}

json_t *json_text(const char *text) {
        json_t *string = json_string(text);
        autofree char *copy = string ? NULL : strdup(text);
        char *invalid;

        if (string || !copy)
                return string;
        while ((invalid = (char *) utf8_find_invalid(copy, strlen(copy))))
                *invalid = '?';
        return json_string(copy);
}

json_t *json_text_or_null(const char *text) {
        return text && *text ? json_text(text) : json_null();
}

/* Of control characters, jansson escapes those below a blank. The others are in strings, and nowhere else.
 */
static int put_tamed(const char *text, FILE *stream) {
        const unsigned char *from = (const unsigned char *) text, *c;

        for (c = from; *c; c++) {
                bool is_late = *c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

                if (*c != 0x7f && !is_late)
                        continue;
                (void) fwrite(from, 1, (size_t) (c - from), stream);
                c += is_late;
                (void) fprintf(stream, "\\u%04x", *c);
                from = c + 1;
        }
        (void) fwrite(from, 1, (size_t) (c - from), stream);
        return ferror(stream) ? -EIO : 0;
}

static int print_json(const json_t *json, size_t flags, FILE *stream) {
        autofree char *text = json_dumps(json, flags);

        if (!text || put_tamed(text, stream) < 0 || fputc('\n', stream) == EOF)
                return -EIO;
        return 0;
}

int json_print(const json_t *json, FILE *stream) {
        return print_json(json, JSON_INDENT(2), stream);
}

int json_print_line(const json_t *json, FILE *stream) {
        return print_json(json, JSON_COMPACT, stream);
}
