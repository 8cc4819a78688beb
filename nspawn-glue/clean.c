/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/clean.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/kept-unit.h"
#include "lib/own-unit.h"
#include "lib/paths.h"
#include "lib/report.h"
#include "nspawn-glue/ending.h"
#include "nspawn-glue/idrange.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/net/promise.h"
#include "nspawn-glue/network-clean.h"
#include "nspawn-glue/record-sweep.h"
#include "nspawn-glue/record.h"

/*
 * A container of slipway run: its unit goes with it, and often its name was made up. Ids that nobody will
 * ask for again would be a lease for ever.
 */
static void return_ids(const char *name) {
        autofd int links = open(SLIPWAY_STATE_DIR "/userns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        Record record;

        if (links < 0)
                return;
        /* Who has failed before there was a record has the range that is guessed first, almost always. */
        if (record_read_last(name, &record) < 0)
                record = (Record){ .base = id_range_guess(name), .count = 1 };
        if (record.count > 0)
                (void) id_range_return(links, name, record.base);
}

/* Of one that has not come as far as to have a record; with the lock held. */
static void remove_lone_lock(const char *name) {
        char path[sizeof(RECORD_DIR) + CONTAINER_NAME_MAX + 8];
        Record record;

        (void) snprintf(path, sizeof(path), RECORD_DIR "/.%s.lock", name);
        if (record_read_last(name, &record) == -ENOENT)
                (void) unlink(path);
}

/* This one's record is left for those who wait for it; whose time is over has the next one to thank. */
static void sweep(void) {
        autofd int records = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofd int units = open(TRANSIENT_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (records >= 0 && units >= 0)
                record_sweep(records, units, time(NULL) - RECORD_SWEEP_SECONDS);
}

/* A member of a pod has a name there, and nothing else. */
static void leave_networks(const char *name) {
        Fault fault = {};
        Record record;

        if (record_read_last(name, &record) >= 0 && *record.pod)
                promise_remove_name(record.pod, name);
        else if (network_clean(name, &fault) < 0) {
                (void) fault_wrap(&fault, -EIO,
                                "something of its networks is left; the next start takes it back, and so "
                                "does 'slipway fsck --repair'");
                report_fault(REPORT_WARNING, &fault);
        }
}

static int clean(const char *name, Fault *fault) {
        const Options options = { .action = ACTION_CLEAN, .name = name };
        Launch launch = { .options = &options, .lock_fd = -1, .state_fd = -1 };
        bool is_transient = record_is_transient();
        int r;

        if ((r = FAULT_POINT("clean:lock")) < 0 || (r = launch_lock(&launch, fault)) < 0)
                return r;
        r = FAULT_POINT("clean:remove what is in the state directory");
        if (r >= 0)
                r = launch_clean_left_state(&launch, fault);
        (void) FAULT_POINT("clean:leave networks");
        leave_networks(name);
        (void) FAULT_POINT("clean:remove the record");
        if (is_transient)
                record_note(name, "TRANSIENT=yes");
        launch_remove_state(&launch);
        if (is_transient) {
                return_ids(name);
                remove_lone_lock(name);
        }
        launch_unlock(&launch);
        if (is_transient)
                sweep();
        return r;
}

/*
 * A unit that was gone when its container ended had nothing to clean up with. Who has no lock does not run;
 * what cannot be removed now may be at another time.
 */
static int clean_dead(void) {
        autoclosedir DIR *directory = opendir(SLIPWAY_STATE_DIR "/containers");
        struct dirent *entry;

        if (!directory)
                return errno == ENOENT ? 0 : -errno;
        while ((errno = 0, entry = readdir(directory)))
                if (container_name_is_valid(entry->d_name))
                        (void) clean(entry->d_name, NULL);
        return -errno;
}

/* Of two containers of one name the second has never begun: what is there is the first one's. */
static bool is_of_another_unit(const char *name, const OwnUnit *unit) {
        Record record = {};

        return *unit->name && record_read(name, &record) >= 0 && *record.unit &&
               strcmp(record.unit, unit->name) != 0;
}

int clean_container(const Options *options, Fault *fault) {
        OwnUnit unit = {};
        int r;

        if (!options->name)
                return clean_dead();
        (void) own_unit(&unit);
        if (!is_of_another_unit(options->name, &unit)) {
                ending_tell(options->name);
                r = clean(options->name, fault);
                if (r >= 0)
                        kept_unit_remove(&unit);
                return r;
        }

        /* Its own unit may be long gone. */
        r = clean(options->name, fault);
        if (r < 0 && r != -EBUSY)
                return r;
        kept_unit_remove(&unit);
        *fault = (Fault){};
        return 0;
}
