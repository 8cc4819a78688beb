/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway df: what takes up the room. */

#include <fcntl.h>
#include <getopt.h>
#include <string.h>

#include "cli/gc-plan.h"
#include "cli/incoming.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "lib/disk-usage.h"
#include "lib/paths.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"

/* clang-format off */
static const Option options[] = {
        { 'v', "verbose", NULL, "a line for each thing, not for each type" },
        LISTING_OPTIONS,
};

static const Field types[] = {
        { "Type",        "type",        "TYPE",         NULL },
        { "TotalCount",  "total",       ">TOTAL",       "Total" },
        { "Active",      "active",      ">ACTIVE",      NULL },
        { "Size",        "size",        ">SIZE",        NULL },
        { "Reclaimable", "reclaimable", ">RECLAIMABLE", NULL },
};

static const Field things[] = {
        { "Type",   "type",    "TYPE",    NULL },
        { "Name",   "name",    "NAME",    NULL },
        { "Size",   "size",    ">SIZE",   NULL },
        { "Unique", "unique",  ">UNIQUE", "UniqueSize" },
        { "UsedBy", "used_by", "USED BY", NULL },
        { "Id",     "id",      NULL,      "ID" },
};
/* clang-format on */

typedef struct Df {
        Listing *listing;
        bool verbose;
} Df;

/* What there is of a type. */
typedef struct Sum {
        const char *type;
        size_t total, active;
        uint64_t size, reclaimable;
        bool has_active, has_reclaimable; /* else that is not known */
} Sum;

static void put_number(Listing *listing, bool is_known, uint64_t number) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%ju", (uintmax_t) number);
        listing_value(listing, is_known ? json_integer((json_int_t) number) : json_null(),
                        is_known ? text : NULL, TABLE_PLAIN);
}

static void put_bytes(Listing *listing, bool is_known, uint64_t bytes) {
        listing_value(listing, is_known ? json_integer((json_int_t) bytes) : json_null(),
                        is_known ? size_to_text(bytes).text : NULL, TABLE_PLAIN);
}

static void put_sum(const Df *df, const Sum *sum) {
        if (df->verbose)
                return;
        listing_text(df->listing, sum->type, TABLE_PLAIN);
        put_number(df->listing, true, sum->total);
        put_number(df->listing, sum->has_active, sum->active);
        put_bytes(df->listing, true, sum->size);
        put_bytes(df->listing, sum->has_reclaimable, sum->reclaimable);
}

static void put_thing(const Df *df, const char *type, const char *name, uint64_t size) {
        if (!df->verbose)
                return;
        listing_text(df->listing, type, TABLE_PLAIN);
        listing_text(df->listing, name, TABLE_PLAIN);
        put_bytes(df->listing, true, size);
        put_bytes(df->listing, true, size);
        listing_text(df->listing, NULL, TABLE_PLAIN);
        listing_text(df->listing, NULL, TABLE_PLAIN);
}

/* --- images
 * ------------------------------------------------------------------------------------------------
 */

static bool is_in(const Image *image, const Digest *layer) {
        for (size_t i = 0; i < image->n_layers; i++)
                if (digest_equal(&image->layers[i], layer))
                        return true;
        return false;
}

/* Of the layers that no other image has. */
static uint64_t unique_size(const GcPlan *plan, size_t row) {
        const ImageRow *image = &plan->rows[row].image;
        uint64_t size = 0;

        for (size_t i = 0; i < image->image.n_layers; i++) {
                bool is_shared = false;

                for (size_t k = 0; k < plan->n && !is_shared; k++)
                        is_shared = k != row && is_in(&plan->rows[k].image.image, &image->image.layers[i]);
                size += is_shared ? 0 : (uint64_t) image->layers[i].size;
        }
        return size;
}

static void put_image(const Df *df, const GcPlan *plan, size_t i) {
        const GcRow *row = &plan->rows[i];
        autofree char *names = strv_join(row->image.names, ", ");
        char id[DIGEST_HEX + 8];

        if (!df->verbose)
                return;
        (void) snprintf(id, sizeof(id), "sha256:%s", row->image.image.id.hex);
        listing_text(df->listing, "image", TABLE_PLAIN);
        listing_text(df->listing, names && *names ? names : id, TABLE_PLAIN);
        put_bytes(df->listing, true, (uint64_t) row->image.size);
        put_bytes(df->listing, true, unique_size(plan, i));
        listing_text(df->listing, row->is_needed ? row->why : NULL, TABLE_PLAIN);
        listing_text(df->listing, id, TABLE_PLAIN);
}

/* The rows are in the order in which they would go, so what each gives adds up to what all have. */
static int put_images(const Df *df, Store *store, Fault *fault) {
        Sum sum = { .type = "images", .has_active = true, .has_reclaimable = true };
        autowishes Wishes wishes = {};
        autogcplan GcPlan plan = {};
        int r;

        if ((r = wishes_read(&wishes, fault)) < 0 || (r = store_lock(store, STORE_SHARED, fault)) < 0)
                return r;
        r = gc_plan_make(store, &wishes, INT64_MAX, &plan, fault);
        store_unlock(store);
        if (r < 0)
                return r;

        sum.total = plan.n;
        sum.active = plan.n - plan.n_unneeded;
        for (size_t i = 0; i < plan.n; i++) {
                uint64_t gain = (uint64_t) gc_plan_gain(&plan, i);

                sum.size += gain;
                sum.reclaimable += i < plan.n_unneeded ? gain : 0;
                put_image(df, &plan, i);
        }
        put_sum(df, &sum);
        return 0;
}

/* --- directories
 * -------------------------------------------------------------------------------------------
 */

static int add_entries(const Df *df, int dir_fd, const char *thing, Sum *sum) {
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                uint64_t size = 0;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = disk_usage(dir_fd, entry->d_name, &size);
                sum->total++;
                sum->size += size;
                put_thing(df, thing, entry->d_name, size);
        }
        return r < 0 ? r : -errno;
}

static int put_directory(const Df *df, int fd, const char *type, const char *thing, bool is_reclaimable) {
        Sum sum = { .type = type, .has_reclaimable = is_reclaimable };
        int r = 0;

        if (fd < 0 && errno != ENOENT)
                return -errno;
        if (fd >= 0)
                r = add_entries(df, fd, thing, &sum);
        sum.reclaimable = sum.size;
        if (r >= 0)
                put_sum(df, &sum);
        return r;
}

static int put_directories(const Df *df, const Store *store, Fault *fault) {
        static const struct {
                const char *directory, *type, *thing;
                bool is_reclaimable;
        } rows[] = {
                { "containers", "containers", "container", false },
                { "volumes", "volumes", "volume", false },
                { "verity", "verified", "verified image", false },
                { "tmp", "drafts", "draft", false },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                autofd int fd = openat(store->fd, rows[i].directory,
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                int r = put_directory(df, fd, rows[i].type, rows[i].thing, rows[i].is_reclaimable);

                if (r < 0)
                        return fault_wrap(fault, r, "cannot look at '%.200s/%s'", store->path,
                                        rows[i].directory);
        }
        return 0;
}

/* What is not in the store. */
static int put_outside(const Df *df, Fault *fault) {
        autofd int incoming = -1, cache = -1;
        int r;

        if (strcmp(state_directory(), SLIPWAY_STATE_DIR) != 0)
                return 0;
        incoming = incoming_open();
        errno = incoming < 0 ? -incoming : 0;
        r = put_directory(df, incoming, "downloads", "download", true);
        if (r < 0)
                return fault_wrap(fault, r, "cannot look at the directory of downloads");
        cache = open(SLIPWAY_CACHE_DIR "/seccomp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        r = put_directory(df, cache, "filters", "filter", true);
        return r < 0 ? fault_wrap(fault, r, "cannot look at '" SLIPWAY_CACHE_DIR "/seccomp'") : 0;
}

static int show(const Df *df, const ListingStyle *style, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        int r = store_open(state_directory(), &store, fault);

        if (r == -ENOENT) {
                fault_clear(fault);
                return listing_print(df->listing, style, fault);
        }
        if (r < 0)
                return r;
        r = put_images(df, &store, fault);
        if (r == -ENOENT && fault_is_raised(fault)) { /* nothing was ever imported */
                fault_clear(fault);
                r = 0;
        }
        if (r < 0 || (r = put_directories(df, &store, fault)) < 0 || (r = put_outside(df, fault)) < 0)
                return r;
        return listing_print(df->listing, style, fault);
}

int verb_df(int argc, char **argv) {
        ListingStyle style = {};
        Fault fault = {};
        Df df = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'v')
                        df.verbose = true;
                else if (!listing_option(&style, key))
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (optind < argc)
                return options_misused(argv[0], "no arguments are taken");

        df.listing = df.verbose ? listing_new(things, ELEMENTS(things))
                                : listing_new(types, ELEMENTS(types));
        r = show(&df, &style, &fault);
        listing_free(df.listing);
        if (r >= 0)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot find out what takes up the room");
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
