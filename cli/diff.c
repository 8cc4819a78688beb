/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway diff: what a container has changed in its image. */

#include <getopt.h>
#include <string.h>

#include "cli/layer-diff.h"
#include "cli/listing.h"
#include "cli/mounts.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/target.h"
#include "cli/verbs.h"
#include "image/lookup.h"
#include "lib/report.h"
#include "lib/strv.h"

/* clang-format off */
static const Option options[] = {
        { 'q', "quiet", NULL, "print paths only" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Path",   "path",   "PATH",   NULL },
        { "Change", "change", "CHANGE", "Kind" },
};
/* clang-format on */

/* The places of mounts are made in the writable layer, and so are some files: nothing that the container has
 * changed. */
static int read_hidden(const Running *running, char ***ret) {
        static char *const made[] = { (char *) "/etc/hosts", (char *) "/etc/hostname",
                (char *) "/etc/resolv.conf", (char *) "/etc/localtime", NULL };
        AUTO(mounts_done) MountLines mounts = {};
        int r = mounts_read(running->app, &mounts);

        if (r >= 0)
                r = strv_extend(ret, made);

        for (size_t i = 0; r >= 0 && i < mounts.n; i++)
                if (strcmp(mounts.list[i].target, "/") != 0)
                        r = strv_append(ret, mounts.list[i].target);
        return r;
}

static int diff_image(const Running *running, const char *upper, char *const *hidden, LayerChanges *ret,
                Fault *fault) {
        autostore Store store = STORE_CLOSED;
        autoimage Image image = {};
        int r;

        r = store_open(state_directory(), &store, fault);
        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, fault);
        if (r >= 0)
                r = image_lookup(&store, running->record.image_id, &image, fault);
        return r < 0 ? r : layer_diff(upper, image.paths, image.n_layers, hidden, ret);
}

static int read_changes(const Running *running, LayerChanges *ret, Fault *fault) {
        AUTO(strv_freep) char **hidden = NULL;
        char *directory = (char *) running->record.image, upper[512];
        int r;

        (void) snprintf(upper, sizeof(upper), "%s/containers/%s/upper", state_directory(), running->name);
        if (access(upper, F_OK) < 0)
                return fault_raise(fault, FAULT_UNSUPPORTED, errno,
                                "the root of '%s' is the directory '%s' itself, so there is nothing to "
                                "compare it "
                                "with",
                                running->name, running->record.image);
        r = read_hidden(running, &hidden);
        if (r < 0)
                return r;
        if (*running->record.image_id)
                return diff_image(running, upper, hidden, ret, fault);
        return layer_diff(upper, &directory, 1, hidden, ret);
}

/* One line for each, whatever is in a name. */
static void print_plain(const LayerChanges *changes) {
        for (size_t i = 0; i < changes->n; i++) {
                printf("%c ", changes->list[i].kind);
                for (const unsigned char *c = (const unsigned char *) changes->list[i].path; *c; c++)
                        if (*c < 0x20 || *c == 0x7f || *c == '\\')
                                printf("\\%03o", *c);
                        else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) {
                                printf("\\%03o\\%03o", c[0], c[1]);
                                c++;
                        } else
                                putchar(*c);
                putchar('\n');
        }
}

static int diff(const char *name, const ListingStyle *style, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        AUTO(layer_changes_done) LayerChanges changes = {};
        autolisting Listing *listing = NULL;
        int r;

        r = target_open(name, &running, fault);
        if (r >= 0)
                r = read_changes(&running, &changes, fault);
        if (r < 0)
                return r;
        if (!style->json && !style->format && !style->quiet) {
                print_plain(&changes);
                return 0;
        }
        listing = listing_new(fields, ELEMENTS(fields));
        for (size_t i = 0; i < changes.n; i++) {
                char kind[] = { changes.list[i].kind, '\0' };

                listing_text(listing, changes.list[i].path, TABLE_PLAIN);
                listing_text(listing, kind, TABLE_PLAIN);
        }
        return listing_print(listing, style, fault);
}

int verb_diff(int argc, char **argv) {
        ListingStyle style = {};
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (!listing_option(&style, key))
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (argc - optind != 1)
                return options_misused(argv[0], "the name of one container is needed");

        r = diff(argv[optind], &style, &fault);
        if (r >= 0)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot compare '%.100s' with its image", argv[optind]);
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
