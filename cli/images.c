/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway images: what is in the store. */

#include <getopt.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "cli/image-rows.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"

enum { KEY_DIGESTS = LISTING_KEYS_END };

/* clang-format off */
static const Option options[] = {
        { 'q',         "quiet",   NULL, "print ids only" },
        { KEY_DIGESTS, "digests", NULL, "show the digests of manifests, too" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Name",       NULL, "NAME",     "Names" },
        { "Id",         NULL, "IMAGE ID", "ID ImageID" },
        { "Created",    NULL, "CREATED",  "CreatedSince" },
        { "Size",       NULL, ">SIZE",    NULL },
        { "Layers",     NULL, ">LAYERS",  NULL },
        { "Digest",     NULL, "DIGEST",   NULL },
        { "Repository", NULL, NULL,       NULL },
        { "Tag",        NULL, NULL,       NULL },
        { "FullId",     NULL, NULL,       NULL },
        { "CreatedAt",  NULL, NULL,       NULL },
};
/* clang-format on */

enum { FIELD_DIGEST = 5 };

typedef struct Rows {
        ImageRow *items;
        size_t n;
} Rows;

static void rows_done(Rows *rows) {
        for (size_t i = 0; i < rows->n; i++)
                image_row_done(&rows->items[i]);
        free(rows->items);
        *rows = (Rows){};
}

static int collect(Store *store, Rows *rows, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        AUTO(id_list_done) IdList ids = {};
        int r;

        r = store_lock(store, STORE_SHARED, fault);
        if (r < 0)
                return r;
        if ((r = store_list_names(store, &names, fault)) < 0 ||
                        (r = store_list_images(store, &ids, fault)) < 0)
                return r;
        rows->items = calloc(ids.n + 1, sizeof(ImageRow));
        if (!rows->items)
                return -ENOMEM;

        for (size_t i = 0; i < ids.n; i++) {
                r = image_row_load(store, &ids.items[i], &names, &rows->items[rows->n], fault);
                if (r == -ENOMEM)
                        return r;
                if (r < 0) { /* one that is damaged must not hide the others */
                        report_fault(REPORT_WARNING, fault);
                        fault_clear(fault);
                        continue;
                }
                rows->n++;
        }
        return 0;
}

/* "2 days ago" tells more than a date; a time that cannot be read is shown as it is. */
static const char *age(const char *created, char *text, size_t size) {
        static const struct {
                time_t seconds;
                const char *name;
        } units[] = {
                { 31557600, "year" },
                { 2629800, "month" },
                { 604800, "week" },
                { 86400, "day" },
                { 3600, "hour" },
                { 60, "minute" },
                { 1, "second" },
        };
        struct tm tm = {};
        time_t ago;

        if (!created || !strptime(created, "%Y-%m-%dT%H:%M:%S", &tm))
                return created;
        ago = time(NULL) - timegm(&tm);
        if (ago < 1)
                return "now";
        for (size_t i = 0; i < ELEMENTS(units); i++)
                if (ago >= units[i].seconds) {
                        long n = (long) (ago / units[i].seconds);

                        (void) snprintf(text, size, "%ld %s%s ago", n, units[i].name, n == 1 ? "" : "s");
                        break;
                }
        return text;
}

/* "docker.io/library/redis:7" is "docker.io/library/redis" and "7". */
static void add_parts(Listing *listing, const char *name) {
        const char *colon = name ? strrchr(name, ':') : NULL;
        autofree char *repository = NULL;

        if (colon && strchr(colon, '/'))
                colon = NULL;
        repository = name ? strndup(name, colon ? (size_t) (colon - name) : strlen(name)) : NULL;
        listing_text(listing, repository ?: "<none>", TABLE_PLAIN);
        listing_text(listing, colon ? colon + 1 : "<none>", TABLE_PLAIN);
}

static void add_row(Listing *listing, const ImageRow *row, const char *name) {
        char id[13], full[DIGEST_HEX + 8], created[32], layers[24], digest[DIGEST_HEX + 8];

        (void) snprintf(id, sizeof(id), "%.12s", row->image.id.hex);
        (void) snprintf(full, sizeof(full), "sha256:%s", row->image.id.hex);
        (void) snprintf(layers, sizeof(layers), "%zu", row->image.n_layers);
        (void) snprintf(digest, sizeof(digest), "sha256:%s", row->manifest.hex);

        listing_text(listing, name, name ? TABLE_PLAIN : TABLE_FAINT);
        listing_text(listing, id, TABLE_PLAIN);
        listing_text(listing, age(row->image.config.created, created, sizeof(created)), TABLE_PLAIN);
        listing_text(listing, size_to_text((uint64_t) row->size).text, TABLE_PLAIN);
        listing_text(listing, layers, TABLE_PLAIN);
        listing_text(listing, digest, TABLE_PLAIN);
        add_parts(listing, name);
        listing_text(listing, full, TABLE_PLAIN);
        listing_text(listing, row->image.config.created, TABLE_PLAIN);
}

/* A row for each name, sorted by name; those without one are last. */
typedef struct NamedRow {
        const char *name;
        const ImageRow *row;
} NamedRow;

static int compare_rows(const void *a, const void *b) {
        const NamedRow *x = a, *y = b;

        if (!x->name || !y->name)
                return !x->name - !y->name;
        return strcmp(x->name, y->name);
}

static int print_rows(const Rows *rows, const ListingStyle *style, bool digests, Fault *fault) {
        Field columns[ELEMENTS(fields)] = {};
        autolisting Listing *listing = listing_new(columns, ELEMENTS(columns));
        autofree NamedRow *lines = NULL;
        size_t n = 0, room = 1;

        memcpy(columns, fields, sizeof(columns));
        if (!digests)
                columns[FIELD_DIGEST].header = NULL;
        for (size_t i = 0; i < rows->n; i++)
                room += strv_length(rows->items[i].names) + 1;
        lines = calloc(room, sizeof(NamedRow));
        if (!lines)
                return -ENOMEM;

        for (size_t i = 0; i < rows->n; i++) {
                char *const *names = rows->items[i].names;

                if (!names)
                        lines[n++] = (NamedRow){ NULL, &rows->items[i] };
                for (size_t k = 0; names && names[k]; k++)
                        lines[n++] = (NamedRow){ names[k], &rows->items[i] };
        }
        qsort(lines, n, sizeof(NamedRow), compare_rows);
        for (size_t i = 0; i < n; i++)
                add_row(listing, lines[i].row, lines[i].name);
        return listing_print(listing, style, fault);
}

/* For programs, an image is one object with all its names. */
static int print_json(const Rows *rows) {
        json_t *array = json_array();
        int r;

        for (size_t i = 0; i < rows->n; i++)
                (void) json_array_append_new(array, image_row_json(&rows->items[i], true));
        r = json_print(array, stdout);
        json_decref(array);
        return r;
}

static int print(const Rows *rows, const ListingStyle *style, bool digests, Fault *fault) {
        if (style->json)
                return print_json(rows);
        if (style->format || !style->quiet)
                return print_rows(rows, style, digests, fault);
        for (size_t i = 0; i < rows->n; i++)
                printf("sha256:%s\n", rows->items[i].image.id.hex);
        return 0;
}

static int list_images(const ListingStyle *style, bool digests, Fault *fault) {
        AUTO(rows_done) Rows rows = {};
        autostore Store store = STORE_CLOSED;
        int r;

        r = store_open(state_directory(), &store, fault);
        if (r >= 0)
                r = collect(&store, &rows, fault);
        if (r == -ENOENT) { /* nothing was ever imported: that is a list, too */
                fault_clear(fault);
                r = 0;
        }
        return r < 0 ? r : print(&rows, style, digests, fault);
}

int verb_images(int argc, char **argv) {
        ListingStyle style = {};
        bool digests = false;
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == KEY_DIGESTS)
                        digests = true;
                else if (!listing_option(&style, key))
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (optind < argc)
                return options_misused(argv[0], "no arguments are taken");

        r = list_images(&style, digests, &fault);
        if (r >= 0)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot list the images");
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
