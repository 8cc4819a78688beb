/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Listings
 *
 * A verb that lists things describes its fields in one table, fills rows cell by cell, and has with that a
 * table for people, --json for programs, --format for scripts, and --quiet:
 *
 *     static const Field fields[] = {
 *             { "Name",   "name",   "NAME",    "Names" },
 *             { "Memory", "memory", ">MEMORY", NULL },
 *             { "Id",     "id",     NULL,      "ID" },      no column, but there for --json and --format
 *     };
 *
 *     listing = listing_new(fields, ELEMENTS(fields));
 *     listing_text(listing, "web", TABLE_PLAIN);
 *     listing_value(listing, json_integer(4096), "4.0K", TABLE_PLAIN);
 *     listing_text(listing, NULL, TABLE_PLAIN);             not known: null
 *     r = listing_print(listing, &style, &fault);
 *
 * The first failure sticks and is returned by listing_print(), so that the calls in between need no
 * checking.
 */

#include "cli/table.h"
#include "lib/fault.h"

typedef struct Field {
        const char *name;   /* in templates */
        const char *key;    /* in JSON; NULL for what is for templates only */
        const char *header; /* of its column, '>' for one aligned to the right; NULL for no column */
        const char *also;   /* other names that people type in templates, separated by spaces; or NULL */
} Field;

/* How to print, as the options that all listings have say it. */
typedef struct ListingStyle {
        bool json, quiet, no_pager, no_trunc, no_heading;
        const char *format; /* NULL for a table */
} ListingStyle;

/* Keys of the options below; those of a verb's own start from LISTING_KEYS_END. */
enum {
        LISTING_FORMAT = 256,
        LISTING_JSON,
        LISTING_NO_HEADING,
        LISTING_NO_PAGER,
        LISTING_NO_TRUNC,
        LISTING_KEYS_END,
};

/* Rows for a verb's table of options. */
/* clang-format off */
#define LISTING_OPTIONS \
        { LISTING_FORMAT,     "format",     "TEMPLATE", "print each by a Go template: '{{.Name}}'" }, \
        { LISTING_JSON,       "json",       NULL,       "print JSON" }, \
        { LISTING_NO_HEADING, "noheading",  NULL,       "print no headings" }, \
        { LISTING_NO_PAGER,   "no-pager",   NULL,       "do not use a pager" }, \
        { LISTING_NO_TRUNC,   "no-trunc",   NULL,       "do not shorten columns to fit the terminal" }
/* clang-format on */

/* Return: whether @key was one of the options above; optarg is its value. */
bool listing_option(ListingStyle *style, int key);

typedef struct Listing Listing;

/* Both @fields and what they point to must outlive the listing. Return: NULL when out of memory, which the
 * functions below take as a listing that sticks in failure. */
Listing *listing_new(const Field *fields, size_t n);

/* The next cell, a text; NULL for what is not known. */
void listing_text(Listing *listing, const char *text, TableTone tone);

/* The next cell, whose value for programs (a reference that is taken) is not what is shown. */
void listing_value(Listing *listing, json_t *raw, const char *shown, TableTone tone);

/* The next cell, a list: an array, and texts with commas between them; null when it is not known. */
void listing_texts(Listing *listing, char *const *list, bool is_known);

/**
 * listing_print() - print all rows to standard output
 * @style:      with quiet, the first field of each row is all there is
 *
 * Return: 0, or -errno; with a fault when the template is to blame.
 */
int listing_print(Listing *listing, const ListingStyle *style, Fault *fault);

void listing_free(Listing *listing);
DEFINE_AUTO(Listing *, listing_free)
#define autolisting AUTO(listing_freep)
