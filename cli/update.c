/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway update: newer images for containers that ask for it. */

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>

#include "cli/listing.h"
#include "cli/manager.h"
#include "cli/options.h"
#include "cli/update-run.h"
#include "cli/verbs.h"
#include "generator/words.h"
#include "lib/io.h"
#include "lib/paths.h"
#include "lib/report.h"

enum { KEY_AUTHFILE = LISTING_KEYS_END, KEY_DRY_RUN, KEY_ROLLBACK, KEY_TLS_VERIFY };

/* clang-format off */
static const Option options[] = {
        { KEY_AUTHFILE,   "authfile",   "FILE", "take credentials from this file and no other" },
        { KEY_DRY_RUN,    "dry-run",    NULL,   "only say what there is to be updated" },
        { KEY_ROLLBACK,   "rollback",   "BOOL", "whether to go back to the old image if a container does not get ready, yes by default" },
        { KEY_TLS_VERIFY, "tls-verify", "BOOL", "whether registries have to prove who they are" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Unit",          "unit",       "UNIT",      NULL },
        { "Container",     NULL,         "CONTAINER", NULL },
        { "Image",         "image",      "IMAGE",     NULL },
        { "Policy",        "policy",     "POLICY",    NULL },
        { "Updated",       "updated",    "UPDATED",   NULL },
        { "ContainerName", "container",  NULL,        NULL },
        { "ContainerID",   NULL,         NULL,        NULL },
        { "ImageID",       "image_id",   NULL,        NULL },
};
/* clang-format on */

static int read_switch(const char *name, const char *text, bool *ret) {
        if (boolean_parse(text, ret) >= 0)
                return 0;
        report_note(REPORT_ERROR, "--%s=%s is neither yes nor no", name, text);
        return -EINVAL;
}

static int take_option(UpdateCall *call, int key) {
        bool is_on;

        switch (key) {

        case KEY_AUTHFILE:
                call->authfile = optarg;
                return 0;

        case KEY_DRY_RUN:
                call->dry_run = true;
                return 0;

        case KEY_ROLLBACK:
                if (read_switch("rollback", optarg, &is_on) < 0)
                        return -EINVAL;
                call->keeps_bad = !is_on;
                return 0;

        default:
                if (read_switch("tls-verify", optarg, &is_on) < 0)
                        return -EINVAL;
                call->tls = is_on ? TLS_ALWAYS : TLS_NEVER;
                return 0;
        }
}

/* One at a time: two would restart the same units. */
static int lock(int *ret, Fault *fault) {
        int r = io_mkdir_p(SLIPWAY_STATE_DIR "/update", 0700);
        autofd int fd = -1;

        if (r < 0)
                return fault_wrap(fault, r, "cannot make '" SLIPWAY_STATE_DIR "/update'");
        fd = open(SLIPWAY_STATE_DIR "/update", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return fault_wrap(fault, -errno, "cannot open '" SLIPWAY_STATE_DIR "/update'");
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                                              "there is an update under way already")
                                            : fault_wrap(fault, -errno, "cannot lock updates");
        *ret = TAKE_FD(fd);
        return 0;
}

static TableTone tone_of(UpdateResult result) {
        static const TableTone tones[_UPDATE_RESULT_MAX] = {
                [UPDATE_NO] = TABLE_FAINT,
                [UPDATE_YES] = TABLE_GOOD,
                [UPDATE_ROLLED_BACK] = TABLE_BAD,
                [UPDATE_FAILED] = TABLE_BAD,
        };

        return tones[result];
}

static void add_row(Listing *listing, const UpdateUnit *unit) {
        listing_text(listing, unit->record.unit, TABLE_PLAIN);
        listing_text(listing, unit->container, TABLE_PLAIN);
        listing_text(listing, unit->record.image, TABLE_PLAIN);
        listing_text(listing, unit->record.update, TABLE_PLAIN);
        listing_text(listing, update_result_to_string(unit->result), tone_of(unit->result));
        listing_text(listing, unit->container, TABLE_PLAIN);
        listing_text(listing, unit->container, TABLE_PLAIN);
        listing_text(listing, unit->record.image_id, TABLE_PLAIN);
}

static int print(const UpdatePlan *plan, const ListingStyle *style, Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        int failed = 0, r;

        for (size_t i = 0; i < plan->n_units; i++) {
                add_row(listing, &plan->units[i]);
                failed += plan->units[i].result == UPDATE_FAILED ||
                          plan->units[i].result == UPDATE_ROLLED_BACK;
        }
        r = listing_print(listing, style, fault);
        return r < 0 ? r : failed;
}

/* Return: how many have failed, -errno. */
static int update(UpdateCall *call, const ListingStyle *style, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        AUTO(update_plan_done) UpdatePlan plan = {};
        autofd int fd = -1;
        int r;

        if (geteuid() != 0)
                return fault_raise(fault, FAULT_SYSTEM, EPERM, "only root can update containers; try sudo");
        if ((r = lock(&fd, fault)) < 0 || (r = update_plan_read(&plan, fault)) < 0 ||
                        (r = manager_connect(false, &bus, fault)) < 0)
                return r;
        call->bus = bus;
        for (size_t i = 0; i < plan.n_groups; i++)
                update_group(call, &plan.groups[i]);
        return print(&plan, style, fault);
}

int verb_update(int argc, char **argv) {
        ListingStyle style = {};
        UpdateCall call = {};
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key < 0)
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                else if (!listing_option(&style, key) && take_option(&call, key) < 0)
                        return VERB_USAGE;
        if (optind < argc)
                return options_misused(
                                argv[0], "no arguments are taken: containers ask for it by AutoUpdate=");

        r = update(&call, &style, &fault);
        if (r < 0)
                report_fault(REPORT_ERROR, &fault);
        return r == 0 ? VERB_OK : VERB_FAILED;
}
