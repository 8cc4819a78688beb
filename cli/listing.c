/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/listing.h"

#include <ctype.h>
#include <getopt.h>
#include <string.h>

#include "cli/pager.h"
#include "cli/template.h"
#include "lib/strv.h"

typedef struct ListingCell {
        json_t *raw;
        char *shown; /* NULL when it is not known */
        TableTone tone;
} ListingCell;

struct Listing {
        const Field *fields;
        size_t n_fields;
        ListingCell *cells; /* row after row */
        size_t n, room;
        int error;
};

bool listing_option(ListingStyle *style, int key) {
        switch (key) {
        case 'q':
                style->quiet = true;
                return true;
        case LISTING_FORMAT:
                /* Podman's users know these two words. */
                style->json = strcmp(optarg, "json") == 0;
                style->format = style->json || strcmp(optarg, "table") == 0 ? NULL : optarg;
                return true;
        case LISTING_JSON:
                style->json = true;
                return true;
        case LISTING_NO_HEADING:
                style->no_heading = true;
                return true;
        case LISTING_NO_PAGER:
                style->no_pager = true;
                return true;
        case LISTING_NO_TRUNC:
                style->no_trunc = true;
                return true;
        default:
                return false;
        }
}

Listing *listing_new(const Field *fields, size_t n) {
        Listing *listing = calloc(1, sizeof(*listing));

        if (!listing)
                return NULL;
        listing->fields = fields;
        listing->n_fields = n;
        return listing;
}

void listing_free(Listing *listing) {
        if (!listing)
                return;
        for (size_t i = 0; i < listing->n; i++) {
                json_decref(listing->cells[i].raw);
                free(listing->cells[i].shown);
        }
        free(listing->cells);
        free(listing);
}

void listing_value(Listing *listing, json_t *raw, const char *shown, TableTone tone) {
        ListingCell cell = { .raw = raw, .tone = tone };

        if (listing && listing->error >= 0 && listing->n == listing->room) {
                size_t room = listing->room > 0 ? listing->room * 2 : 64;
                ListingCell *grown = reallocarray(listing->cells, room, sizeof(*grown));

                if (grown) {
                        listing->cells = grown;
                        listing->room = room;
                } else
                        listing->error = -ENOMEM;
        }
        if (listing && listing->error >= 0 && shown && *shown) {
                cell.shown = strdup(shown);
                if (!cell.shown)
                        listing->error = -ENOMEM;
        }
        if (!listing || listing->error < 0 || !raw) {
                if (listing)
                        listing->error = -ENOMEM;
                free(cell.shown);
                json_decref(raw);
                return;
        }
        listing->cells[listing->n++] = cell;
}

void listing_texts(Listing *listing, char *const *list, bool is_known) {
        autofree char *joined = list ? strv_join(list, ", ") : NULL;
        json_t *array = is_known ? json_array() : json_null();

        for (; is_known && list && *list; list++)
                (void) json_array_append_new(array, json_text(*list));
        listing_value(listing, array, joined, TABLE_PLAIN);
}

void listing_text(Listing *listing, const char *text, TableTone tone) {
        listing_value(listing, text && *text ? json_text(text) : json_null(), text, tone);
}

static const ListingCell *cell_at(const Listing *listing, size_t row, size_t field) {
        return &listing->cells[row * listing->n_fields + field];
}

/* --- forms --- */

static int print_table(const Listing *listing, const ListingStyle *style, FILE *stream) {
        autofree const char **headers = calloc(listing->n_fields + 1, sizeof(*headers));
        autotable Table *table = NULL;
        size_t n = 0;

        if (!headers)
                return -ENOMEM;
        for (size_t k = 0; k < listing->n_fields; k++)
                if (listing->fields[k].header)
                        headers[n++] = listing->fields[k].header;
        table = table_new(headers, n);
        for (size_t i = 0; i < listing->n; i++)
                if (listing->fields[i % listing->n_fields].header)
                        table_cell(table, listing->cells[i].shown, listing->cells[i].tone);

        table_set_width(table, style->no_trunc ? 0 : terminal_width());
        if (style->no_heading)
                table_hide_headers(table);
        return table_print(table, stream, color_is_wanted(stdout));
}

/* What programs get, or with @shown what templates print. */
static json_t *row_object(const Listing *listing, size_t row, bool shown) {
        json_t *object = json_object();

        for (size_t k = 0; k < listing->n_fields; k++) {
                const ListingCell *cell = cell_at(listing, row, k);
                const Field *field = &listing->fields[k];

                if (!shown && field->key)
                        (void) json_object_set(object, field->key, cell->raw);
                else if (shown)
                        (void) json_object_set_new(object, field->name, json_text(cell->shown ?: ""));
        }
        return object;
}

static int print_json(const Listing *listing, FILE *stream) {
        json_t *list = json_array();
        int r = list ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < listing->n / listing->n_fields; i++)
                if (json_array_append_new(list, row_object(listing, i, false)) < 0)
                        r = -ENOMEM;
        if (r >= 0)
                r = json_print(list, stream);
        json_decref(list);
        return r;
}

static void print_quiet(const Listing *listing, FILE *stream) {
        for (size_t i = 0; i < listing->n / listing->n_fields; i++)
                (void) fprintf(stream, "%s\n", cell_at(listing, i, 0)->shown ?: "");
}

/* --- templates --- */

/* The other names of fields, which users of Docker and Podman type. */
static void add_aliases(const Listing *listing, json_t *object) {
        for (size_t k = 0; k < listing->n_fields; k++) {
                const Field *field = &listing->fields[k];

                for (const char *name = field->also; name && *name; name += strspn(name, " ")) {
                        autofree char *alias = strndup(name, strcspn(name, " "));

                        if (alias)
                                (void) json_object_set(object, alias, json_object_get(object, field->name));
                        name += strcspn(name, " ");
                }
        }
}

static json_t *headings(const Listing *listing) {
        json_t *object = json_object();

        for (size_t k = 0; k < listing->n_fields; k++) {
                const Field *field = &listing->fields[k];
                autofree char *text = strdup(
                                field->header ? field->header + (*field->header == '>') : field->name);

                for (char *c = field->header ? NULL : text; c && *c; c++)
                        *c = (char) toupper((unsigned char) *c);
                (void) json_object_set_new(object, field->name, text ? json_string(text) : NULL);
        }
        return object;
}

/* One row, as one text without the line break at its end. Objects are released. */
static int render(const Listing *listing, const Template *template, json_t *shown, json_t *raw, char **ret,
                Fault *fault) {
        TemplateData data = { .is_tame = isatty(STDOUT_FILENO) };
        autofree char *text = NULL;
        FILE *stream = NULL;
        size_t size;
        int r = -ENOMEM;

        data.shown = shown;
        data.raw = raw;
        stream = shown && raw ? open_memstream(&text, &size) : NULL;
        if (stream) {
                add_aliases(listing, shown);
                r = template_execute(template, &data, stream, fault);
                if (fclose(stream) != 0 && r >= 0)
                        r = -ENOMEM;
        }
        json_decref(shown);
        json_decref(raw);
        if (r < 0)
                return r;
        if (size > 0 && text[size - 1] == '\n')
                text[size - 1] = '\0';
        *ret = TAKE(text);
        return 0;
}

/* "table {{.Name}}\t{{.State}}": cells are what tabs separate. */
static int print_aligned(char *const *lines, FILE *stream) {
        size_t widths[64] = {};

        for (char *const *line = lines; *line; line++)
                for (size_t k = 0, at = 0; k < ELEMENTS(widths); k++) {
                        size_t n = strcspn(*line + at, "\t"), width = 0;

                        for (size_t i = 0; i < n; i++)
                                width += ((unsigned char) (*line)[at + i] & 0xc0) != 0x80;
                        if (width > widths[k])
                                widths[k] = width;
                        at += n;
                        if (!(*line)[at])
                                break;
                        at++;
                }
        for (char *const *line = lines; *line; line++) {
                const char *cell = *line;

                for (size_t k = 0;; k++) {
                        size_t n = strcspn(cell, "\t"), width = 0;

                        for (size_t i = 0; i < n; i++)
                                width += ((unsigned char) cell[i] & 0xc0) != 0x80;
                        (void) fwrite(cell, 1, n, stream);
                        cell += n;
                        if (*cell++ != '\t')
                                break;
                        (void) fprintf(stream, "%*s",
                                        k < ELEMENTS(widths) ? (int) (widths[k] - width + 2) : 2, "");
                }
                (void) fputc('\n', stream);
        }
        return 0;
}

static int print_template(const Listing *listing, const ListingStyle *style, FILE *stream, Fault *fault) {
        bool aligned = strncmp(style->format, "table ", 6) == 0;
        autotemplate Template *template = NULL;
        autostrv char **lines = NULL;
        char *line = NULL;
        json_t *heading;
        int r;

        r = template_parse(style->format + (aligned ? 6 : 0), &template, fault);
        if (r < 0)
                return r;

        /* The headings are also there to find fields that do not exist where there are no rows. */
        heading = headings(listing);
        r = render(listing, template, heading, json_incref(heading), &line, fault);
        if (r >= 0 && aligned && !style->no_heading)
                r = strv_take(&lines, TAKE(line));
        free(line);
        for (size_t i = 0; r >= 0 && i < listing->n / listing->n_fields; i++) {
                r = render(listing, template, row_object(listing, i, true), row_object(listing, i, false),
                                &line, fault);
                if (r >= 0)
                        r = strv_take(&lines, line);
        }
        if (r < 0 || !lines)
                return r;
        if (aligned)
                return print_aligned(lines, stream);
        for (char **l = lines; *l; l++)
                (void) fprintf(stream, "%s\n", *l);
        return 0;
}

int listing_print(Listing *listing, const ListingStyle *style, Fault *fault) {
        autofree char *text = NULL;
        FILE *stream = NULL;
        size_t size;
        int r = 0;

        if (!listing || listing->error < 0)
                return -ENOMEM;
        stream = open_memstream(&text, &size);
        if (!stream)
                return -ENOMEM;

        if (style->format)
                r = print_template(listing, style, stream, fault);
        else if (style->json)
                r = print_json(listing, stream);
        else if (style->quiet)
                print_quiet(listing, stream);
        else
                r = print_table(listing, style, stream);
        if (fclose(stream) != 0 && r >= 0)
                r = -ENOMEM;
        return r < 0 ? r : pager_show(text, size, !style->no_pager);
}
