/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway gc: removes images that nobody needs. */

#include "cli/gc.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "cli/gc-plan.h"
#include "cli/image-event.h"
#include "cli/incoming.h"
#include "cli/leftovers.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "image/collect.h"
#include "image/use.h"
#include "lib/paths.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"
#include "lib/time-span.h"

#define DAY_SECONDS 86400
#define AGE_DEFAULT (UINT64_C(7) * DAY_SECONDS * 1000000)

enum { KEY_OLDER = LISTING_KEYS_END, KEY_FREE, KEY_PIN, KEY_UNPIN, KEY_PINNED };

/* clang-format off */
static const Option options[] = {
        { 'a',        "all",        NULL,           "whatever was last of use when" },
        { 'n',        "dry-run",    NULL,           "remove nothing, show what would be removed, and why the rest stays" },
        { KEY_OLDER,  "older-than", "TIME",         "what was of no use for so long, 7d by default" },
        { KEY_FREE,   "keep-free",  "SIZE|PERCENT", "then more, the oldest first, until so much is free" },
        { KEY_PIN,    "pin",        "IMAGE",        "never remove this one; nothing is removed now" },
        { KEY_UNPIN,  "unpin",      "IMAGE",        "take that back" },
        { KEY_PINNED, "pinned",     NULL,           "show what is pinned" },
        { 'q',        "quiet",      NULL,           "print ids only" },
        LISTING_OPTIONS,
};
/* clang-format on */

typedef struct Gc {
        GcPolicy policy;
        ListingStyle style;
        bool dry_run, pinned;
        char **pin, **unpin;
        bool has_failed;
} Gc;

/* --- pins --- */

static int change_pins(Store *store, char *const *list, bool add, Fault *fault) {
        for (; list && *list; list++) {
                autofree char *pin = NULL;
                int r = add ? pin_add(store, *list, &pin, fault) : pin_remove(store, *list, &pin, fault);

                if (r < 0)
                        return r;
                printf("%s %s\n", add ? "pinned" : "unpinned", pin);
        }
        return 0;
}

static int tend_pins(const Gc *gc, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        autostrv char **pins = NULL;
        int r;

        if ((r = store_create(state_directory(), &store, fault)) < 0 ||
                        (r = store_lock(&store, STORE_EXCLUSIVE, fault)) < 0 ||
                        (r = change_pins(&store, gc->pin, true, fault)) < 0 ||
                        (r = change_pins(&store, gc->unpin, false, fault)) < 0 || !gc->pinned)
                return r;
        r = pin_list(&store, &pins, fault);
        for (char **pin = pins; pin && *pin; pin++)
                printf("%s\n", *pin);
        return r;
}

/* --- removing --- */

static void tell_removed(const GcRow *row, const ListingStyle *style) {
        char *const *names = row->image.names;
        bool is_brief = style->json || style->quiet;

        for (; names && *names; names++) {
                if (!is_brief)
                        printf("untagged %s\n", *names);
                image_event(MESSAGE_IMAGE_REMOVED, *names, &row->image.image.id);
        }
        if (!row->image.names)
                image_event(MESSAGE_IMAGE_REMOVED, NULL, &row->image.image.id);
        if (!style->json)
                printf("%ssha256:%s\n", is_brief ? "" : "removed ", row->image.image.id.hex);
}

/* Rows from @from on. With none of them, what no image needs. */
static int remove_rows(Gc *gc, Store *store, GcPlan *plan, size_t from, size_t n, Fault *fault) {
        autofree Candidate *candidates = calloc(n + 1, sizeof(Candidate));
        int r;

        if (!candidates)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const GcRow *row = &plan->rows[from + i];

                candidates[i] = (Candidate){
                        .id = row->image.image.id,
                        .last_use = row->last_use,
                        .names = row->image.names,
                };
        }
        r = store_collect(store, candidates, n, fault);
        for (size_t i = 0; i < n; i++) {
                plan->rows[from + i].is_gone = candidates[i].is_gone;
                if (candidates[i].is_gone)
                        tell_removed(&plan->rows[from + i], &gc->style);
        }
        return r;
}

/* One at a time: how much room that gives is known when it has gone. */
static int make_room(Gc *gc, Store *store, GcPlan *plan, Fault *fault) {
        int r = 0;

        for (size_t i = plan->n_expired; i < plan->n_unneeded && r >= 0; i++) {
                if (gc_has_room(&gc->policy, store, 0))
                        return 0;
                r = remove_rows(gc, store, plan, i, 1, fault);
        }
        if (r >= 0 && !gc_has_room(&gc->policy, store, 0)) {
                report_note(REPORT_WARNING,
                                "there is less room than --keep-free= asks for, and all images that "
                                "are left are needed");
                gc->has_failed = true;
        }
        return r;
}

static void remove_downloads(Gc *gc) {
        autofd int fd = -1;
        int r;

        if (strcmp(state_directory(), SLIPWAY_STATE_DIR) != 0)
                return;
        fd = incoming_open();
        r = fd < 0 ? fd : incoming_remove(fd, time(NULL) - DAY_SECONDS);
        if (r >= 0 || r == -ENOENT)
                return;
        report_note(REPORT_WARNING, "cannot remove old downloads: %s", strerror(-r));
        gc->has_failed = true;
}

static int remove_all(Gc *gc, Store *store, GcPlan *plan, Fault *fault) {
        uint64_t before = gc_room(store), after;
        int r;

        r = remove_rows(gc, store, plan, 0, plan->n_expired, fault);
        if (r >= 0)
                r = make_room(gc, store, plan, fault);
        remove_downloads(gc);
        after = gc_room(store);
        if (gc->style.json)
                return r < 0 ? r : gc_print(plan, &gc->policy, store, &gc->style, false, fault);
        if (!gc->style.quiet)
                printf("%s more are free\n", size_to_text(after > before ? after - before : 0).text);
        return r;
}

static int collect(Gc *gc, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        autowishes Wishes wishes = {};
        autogcplan GcPlan plan = {};
        int r = store_open(state_directory(), &store, fault);

        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, fault);
        if (r < 0)
                return r;
        store_unlock(&store);
        if (!gc->dry_run)
                leftovers_clean();

        if ((r = wishes_read(&wishes, fault)) < 0 || (r = store_lock(&store, STORE_SHARED, fault)) < 0)
                return r;
        r = gc_plan_make(&store, &wishes, gc->policy.before, &plan, fault);
        store_unlock(&store);
        if (r < 0)
                return r;
        if (fault_is_raised(&wishes.doubt)) {
                report_fault(REPORT_WARNING, &wishes.doubt);
                report_note(REPORT_ERROR,
                                "that may be a manifest that needs an image, so no image is removed");
                gc->has_failed = true;
        }
        if (gc->dry_run)
                return gc_print(&plan, &gc->policy, &store, &gc->style, true, fault);
        return remove_all(gc, &store, &plan, fault);
}

/* --- the command line --- */

static int set_age(GcPolicy *policy, const char *text, Fault *fault) {
        int64_t now = (int64_t) time(NULL) * 1000000;
        uint64_t usec;

        if (time_span_parse(text, &usec) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "--older-than=%.100s: not a time span, such as 12h or 30d", text);
        policy->before = usec > (uint64_t) now ? 0 : now - (int64_t) usec;
        return 0;
}

static int set_option(Gc *gc, int key, Fault *fault) {
        switch (key) {
        case 'a':
                gc->policy.before = INT64_MAX;
                return 0;
        case 'n':
                gc->dry_run = true;
                return 0;
        case KEY_OLDER:
                return set_age(&gc->policy, optarg, fault);
        case KEY_FREE:
                return gc_set_room(&gc->policy, optarg, fault);
        case KEY_PIN:
                return strv_append(&gc->pin, optarg);
        case KEY_UNPIN:
                return strv_append(&gc->unpin, optarg);
        default:
                gc->pinned = true;
                return 0;
        }
}

static void gc_done(Gc *gc) {
        strv_free(gc->pin);
        strv_free(gc->unpin);
}

static int failed(int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot collect");
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

int verb_gc(int argc, char **argv) {
        AUTO(gc_done) Gc gc = {};
        Fault fault = {};
        int key, r;

        gc.policy.before = (int64_t) time(NULL) * 1000000 - (int64_t) AGE_DEFAULT;
        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                r = listing_option(&gc.style, key) ? 0 : set_option(&gc, key, &fault);
                if (r < 0)
                        return failed(r, &fault);
        }
        if (optind < argc)
                return options_misused(argv[0], "there is nothing to name; 'slipway rmi' removes an image");

        if (gc.pin || gc.unpin || gc.pinned) {
                r = tend_pins(&gc, &fault);
                return r < 0 ? failed(r, &fault) : VERB_OK;
        }
        r = collect(&gc, &fault);
        if (r == -ENOENT && fault.kind == FAULT_MISSING)
                return VERB_OK; /* nothing was ever imported */
        if (r < 0)
                return failed(r, &fault);
        return gc.has_failed ? VERB_FAILED : VERB_OK;
}
