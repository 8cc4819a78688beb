/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway volume create, rm and prune. */

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "cli/manager.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "cli/volume-use.h"
#include "cli/volume-verbs.h"
#include "lib/disk-usage.h"
#include "lib/size.h"
#include "lib/strv.h"

static int create(const VolumeCall *call, const char *name, Fault *fault) {
        autofd int all = -1;
        int r = volume_verbs_open(true, &all, fault);

        if (r >= 0)
                r = volume_create(all, name, &call->config, fault);
        if (r == -EEXIST && call->ignore)
                return 0;
        return r == -EEXIST ? fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                              "there is a volume '%.200s' already", name)
                            : r;
}

int volume_verb_create(const VolumeCall *call) {
        Fault fault = {};
        int r;

        if (call->n != 1)
                return options_misused(call->verb, "create takes a name");
        r = create(call, call->arguments[0], &fault);
        if (r < 0)
                return volume_tell("create", call->arguments[0], r, &fault);
        if (!call->style.quiet)
                (void) puts(call->arguments[0]);
        return VERB_OK;
}

/* --- one less --- */

/* A unit that is active promises to others that the volume is there. */
static int check_unit(const Volume *volume, Fault *fault) {
        char *patterns[] = { volume->config.unit, NULL };
        AUTO(unit_states_done) UnitStates states = {};
        const UnitState *state;
        sd_bus *bus = NULL;
        int r;

        if (!volume->config.unit || manager_connect(false, &bus, NULL) < 0)
                return 0;
        r = manager_states(bus, patterns, &states, NULL);
        (void) sd_bus_flush_close_unref(bus);
        state = r < 0 ? NULL : unit_states_find(&states, volume->config.unit);
        return !state || (strcmp(state->active, "active") != 0 && strcmp(state->active, "activating") != 0)
                               ? 0
                               : fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                                 "cannot remove volume '%.100s': its unit is active, "
                                                 "'systemctl stop %.200s' comes first",
                                                 volume->name, volume->config.unit);
}

static int check_mount(const Volume *volume, Fault *fault) {
        int mounted = volume_is_mounted(volume);

        return mounted <= 0 ? mounted
                            : fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                              "cannot remove volume '%.100s': '%.200s' is mounted there, "
                                              "'slipway-volume down %.100s' or its unit unmounts it",
                                              volume->name, volume->config.device ?: "something",
                                              volume->name);
}

static int remove_volume(int all, const char *name, Fault *fault) {
        autovolume Volume volume = VOLUME_CLOSED;
        int r = volume_open(all, name, VOLUME_ALONE, &volume, fault);

        if (r == -EBUSY)
                return volume_raise_used(name, "remove", fault);
        if (r >= 0)
                r = check_unit(&volume, fault);
        if (r >= 0)
                r = check_mount(&volume, fault);
        return r < 0 ? r : volume_remove(all, &volume, fault);
}

int volume_verb_rm(const VolumeCall *call) {
        int status = VERB_OK, r;
        autofd int all = -1;
        Fault fault = {};

        if (call->n == 0)
                return options_misused(call->verb, "rm takes names");
        r = volume_verbs_open(false, &all, &fault);
        if (r < 0)
                return volume_tell("remove", call->arguments[0], r, &fault);
        if (all >= 0)
                volume_sweep(all);
        for (int i = 0; i < call->n; i++) {
                const char *name = call->arguments[i];
                Fault wrong = {};

                r = all < 0 ? fault_raise(&wrong, FAULT_MISSING, ENOENT, "there is no volume '%.200s'", name)
                            : remove_volume(all, name, &wrong);
                if (r < 0 && !(r == -ENOENT && call->ignore))
                        status = volume_tell("remove", name, r, &wrong);
        }
        return status;
}

/* --- all that nobody wants --- */

static bool is_asked_for(const VolumeCall *call, const char *name) {
        for (int i = 0; i < call->n; i++)
                if (fnmatch(call->arguments[i], name, 0) == 0)
                        return true;
        return false;
}

/* Who runs holds it; who only could is in the manifests. */
static bool is_idle(int all, const char *name) {
        autovolume Volume volume = VOLUME_CLOSED;

        return volume_open(all, name, VOLUME_ALONE, &volume, NULL) >= 0 && check_unit(&volume, NULL) >= 0 &&
               volume_is_mounted(&volume) == 0;
}

static void tell_candidate(int all, const char *name) {
        char path[VOLUME_NAME_MAX + 8];
        uint64_t size = 0;

        (void) snprintf(path, sizeof(path), "%s/data", name);
        (void) disk_usage(all, path, &size);
        (void) printf("%s\t%s\n", name, size_to_text(size).text);
}

static int prune_one(const VolumeCall *call, int all, const char *name) {
        Fault fault = {};
        int r;

        if (call->n == 0) {
                tell_candidate(all, name);
                return VERB_OK;
        }
        if (!is_asked_for(call, name))
                return VERB_OK;
        r = remove_volume(all, name, &fault);
        if (r < 0)
                return volume_tell("remove", name, r, &fault);
        if (!call->style.quiet)
                (void) puts(name);
        return VERB_OK;
}

static int read_all(int *ret_all, char ***ret_volumes, VolumeNames *ret_names, Fault *fault) {
        int r = volume_verbs_open(false, ret_all, fault);

        if (r >= 0 && *ret_all >= 0)
                r = volume_list(*ret_all, ret_volumes);
        if (r >= 0)
                r = volume_names_read(ret_names, fault);
        if (r >= 0 && fault_is_raised(&ret_names->doubt)) {
                *fault = ret_names->doubt;
                return fault_wrap(fault, -EIO, "cannot find out which volumes are named");
        }
        return r;
}

/*
 * A volume is data, so it is never removed without having been named: by itself this only tells which ones
 * could be, and with names or patterns it removes those of them.
 */
int volume_verb_prune(const VolumeCall *call) {
        AUTO(volume_names_done) VolumeNames names = {};
        autostrv char **volumes = NULL;
        int status = VERB_OK, r;
        autofd int all = -1;
        Fault fault = {};

        r = read_all(&all, &volumes, &names, &fault);
        if (r < 0)
                return volume_tell("remove", "", r, &fault);
        if (all >= 0)
                volume_sweep(all);
        for (char **name = volumes; name && *name; name++)
                if (!volume_names_find(&names, *name) && is_idle(all, *name) &&
                                prune_one(call, all, *name) != VERB_OK)
                        status = VERB_FAILED;
        return status;
}
