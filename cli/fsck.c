/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway fsck: looks for what crashes have left, and for what is broken. */

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/fsck-repair.h"
#include "cli/fsck-units.h"
#include "cli/fsck-verity.h"
#include "cli/manager.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "image/check-layers.h"
#include "image/check.h"
#include "lib/paths.h"
#include "lib/report.h"
#include "nspawn-glue/check.h"

/* As fsck(8) has them, but that 2 is for wrong usage as with all verbs. */
enum {
        FSCK_CLEAN = 0,
        FSCK_REPAIRED = 1,
        FSCK_LEFT = 4,
        FSCK_NOT_CHECKED = 8,
};

/* Something that looks wrong for this long, and at each of the looks, is. */
#define LOOKS 3
#define BETWEEN_LOOKS_MS 250

enum { OPT_DEEP = OPTION_LONG, OPT_JSON, OPT_QUICK, OPT_REPAIR };

static const Option options[] = {
        { OPT_DEEP, "deep", NULL, "what is done anyway, and was not once" },
        { OPT_JSON, "json", NULL, "print JSON" },
        { OPT_QUICK, "quick", NULL, "do not read the documents of images and the files of layers" },
        { OPT_REPAIR, "repair", NULL, "repair what can be repaired without asking" },
};

typedef struct Fsck {
        bool quick, json, repair;
        sd_bus *bus; /* NULL when systemd cannot be asked */
        json_t *list;
        size_t n_problems, n_repaired;
} Fsck;

static int look_at_store(const Fsck *fsck, Findings *findings, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        Fault missing = {};
        int r = store_open(state_directory(), &store, &missing);

        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, &missing);
        if (r == -ENOENT)
                return 0; /* nothing has been imported yet */
        if (r < 0) {
                *fault = missing;
                return r;
        }
        return store_check(&store, !fsck->quick, findings, fault);
}

/* Takes long, and need not be done again: neither layers nor what is made of them change. */
static int look_into_files(const Fsck *fsck, Findings *findings, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        Fault missing = {};
        int r = fsck->quick ? -ENOENT : store_open(state_directory(), &store, &missing);

        if (r >= 0)
                r = store_check_layers(&store, findings, &missing);
        if (r >= 0)
                r = fsck_verity(&store, findings, &missing);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                *fault = missing;
        return r;
}

/* The rest is one for each system, wherever the store is. */
static int look(const Fsck *fsck, Findings *findings, Fault *fault) {
        const StateCheck check = { fsck_is_in_motion, fsck->bus };
        int r = look_at_store(fsck, findings, fault);

        if (r < 0 || strcmp(state_directory(), SLIPWAY_STATE_DIR) != 0)
                return r;
        r = state_check(&check, findings, fault);
        return r < 0 ? r : fsck_units(fsck->bus, findings, fault);
}

/* Others go on meanwhile, and what one look sees half done, the next one sees done. */
static int look_again(const Fsck *fsck, Findings *findings, Fault *fault) {
        static const struct timespec pause = { .tv_nsec = BETWEEN_LOOKS_MS * 1000000L };

        for (int i = 1; i < LOOKS && findings->n > 0; i++) {
                AUTO(findings_done) Findings again = {};
                int r;

                (void) nanosleep(&pause, NULL);
                r = look(fsck, &again, fault);
                if (r < 0)
                        return r;
                findings_confirm(findings, &again);
        }
        return 0;
}

/* What it takes more to repair than the checker has: an image is pulled. */
static const struct {
        const char *kind;
        int (*repair)(const char *subject, Fault *fault);
} pulls[] = {
        { "layer-changed", fsck_repair_layer },
        { "layer-undescribed", fsck_repair_layer },
        { "layer-missing", fsck_repair_image },
};

/* Return: 1 when it is repaired, 0 when not, -ECANCELED when that was interrupted. */
static int repair(const Finding *finding) {
        int (*action)(const char *subject, Fault *fault) = finding->kind->repair;
        Fault fault = {};
        int r;

        for (size_t i = 0; i < ELEMENTS(pulls); i++)
                if (strcmp(finding->kind->name, pulls[i].kind) == 0)
                        action = pulls[i].repair;
        if (!action)
                return 0;
        r = action(finding->subject, &fault);
        if (r == -ECANCELED)
                return r;
        if (r < 0) {
                (void) fault_wrap(&fault, r, "cannot repair '%.200s'", finding->subject);
                report_fault(REPORT_ERROR, &fault);
        }
        return r >= 0;
}

static int add_json(const Fsck *fsck, const Finding *finding, bool is_repaired) {
        json_t *object = json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:b}", "kind", finding->kind->name,
                        "level", finding->kind->level == FINDING_NOTE ? "note" : "problem", "subject",
                        json_text(finding->subject), "what", finding->kind->what, "detail",
                        finding->detail ? json_text(finding->detail) : json_null(), "why",
                        finding->kind->why, "how", finding->kind->how, "repaired", is_repaired);

        return json_array_append_new(fsck->list, object);
}

static void print(const Finding *finding, bool is_repaired) {
        const FindingKind *kind = finding->kind;

        printf("%s: %s %s", kind->level == FINDING_NOTE ? "note" : "problem", finding->subject, kind->what);
        if (finding->detail)
                printf(" (%s)", finding->detail);
        printf("\n    why it matters: %s\n", kind->why);
        if (is_repaired)
                printf("    repaired\n");
        else
                printf("    to repair: %s\n", kind->how);
}

static int tell(Fsck *fsck, const Finding *finding, Fault *fault) {
        int is_repaired = fsck->repair ? repair(finding) : 0;

        if (is_repaired < 0)
                return fault_raise(fault, FAULT_SYSTEM, -is_repaired,
                                "interrupted; what was repaired stays so, and 'slipway fsck --repair' does "
                                "the rest");
        fsck->n_problems += finding->kind->level == FINDING_PROBLEM;
        fsck->n_repaired += finding->kind->level == FINDING_PROBLEM && is_repaired;
        if (fsck->list)
                return add_json(fsck, finding, is_repaired);
        print(finding, is_repaired);
        return 0;
}

static int run(Fsck *fsck, Fault *fault) {
        AUTO(findings_done) Findings findings = {};
        int r = look(fsck, &findings, fault);

        if (r >= 0)
                r = look_again(fsck, &findings, fault);
        if (r >= 0)
                r = look_into_files(fsck, &findings, fault);
        for (size_t i = 0; r >= 0 && i < findings.n; i++)
                r = tell(fsck, &findings.items[i], fault);
        if (r >= 0 && fsck->list)
                r = json_print(fsck->list, stdout);
        return r;
}

static int check(Fsck *fsck) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Fault fault = {}, alone = {};
        int r;

        if (geteuid() != 0) {
                report_note(REPORT_ERROR, "only root can look into " SLIPWAY_STATE_DIR);
                return FSCK_NOT_CHECKED;
        }
        if (manager_connect(false, &bus, &alone) < 0)
                report_note(REPORT_WARNING, "%s; so units and their processes are not checked", alone.text);
        fsck->bus = bus;

        r = run(fsck, &fault);
        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot check");
                report_fault(REPORT_ERROR, &fault);
                return FSCK_NOT_CHECKED;
        }
        if (fsck->n_repaired < fsck->n_problems)
                return FSCK_LEFT;
        return fsck->n_problems > 0 ? FSCK_REPAIRED : FSCK_CLEAN;
}

int verb_fsck(int argc, char **argv) {
        Fsck fsck = {};
        int key, status;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                fsck.quick |= key == OPT_QUICK;
                fsck.json |= key == OPT_JSON;
                fsck.repair |= key == OPT_REPAIR;
        }
        if (optind < argc)
                return options_misused(argv[0], "there is nothing to name");

        if (fsck.json && !(fsck.list = json_array())) {
                report_note(REPORT_ERROR, "out of memory");
                return FSCK_NOT_CHECKED;
        }
        status = check(&fsck);
        json_decref(fsck.list);
        return status;
}
