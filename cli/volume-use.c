/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/volume-use.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/generated.h"
#include "cli/manifests.h"
#include "cli/needs.h"
#include "generator/quadlet/other-manifest.h"
#include "lib/locked.h"
#include "lib/strv.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/record.h"

/* --- who has it --- */

/* A record is only a note; who runs has the lock of its name. */
static bool is_running(int records, const char *container) {
        char file[CONTAINER_NAME_MAX + 8];

        (void) snprintf(file, sizeof(file), ".%s.lock", container);
        return locked_by_somebody(records, file) > 0;
}

int volume_users(const char *name, char ***ret) {
        autoclosedir DIR *directory = opendir(RECORD_DIR);
        autostrv char **users = NULL;
        struct dirent *entry;

        while (directory && (entry = readdir(directory))) {
                Record record;

                if (!container_name_is_valid(entry->d_name) || record_read(entry->d_name, &record) < 0 ||
                                !record_has_volume(&record, name) ||
                                !is_running(dirfd(directory), entry->d_name))
                        continue;
                if (strv_append(&users, entry->d_name) < 0)
                        return -ENOMEM;
        }
        *ret = TAKE(users);
        return 0;
}

int volume_raise_used(const char *name, const char *what, Fault *fault) {
        autostrv char **users = NULL;
        autofree char *joined = NULL;

        if (volume_users(name, &users) >= 0 && users)
                joined = strv_join(users, "', '");
        if (joined)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "cannot %s volume '%.100s': container '%.200s' uses it", what, name, joined);
        return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                        "cannot %s volume '%.100s': a container that is starting or stopping uses it", what,
                        name);
}

/* --- who speaks of it --- */

static int add(VolumeNames *names, const char *text, size_t n, const char *place) {
        autofree char *copy = strndup(text, n);
        int r = copy && n > 0 ? strv_append(&names->texts, copy) : copy ? 1 : -ENOMEM;

        return r == 0 ? strv_append(&names->places, place) : r < 0 ? r : 0;
}

/* "NAME:/path", or "source=NAME,…" in any place: whatever could be one is taken for one. */
static int add_value(VolumeNames *names, const char *value, const char *place) {
        int r = 0;

        for (const char *at = value; *at && r >= 0;) {
                size_t n = strcspn(at, ":=, \t\"'");

                r = add(names, at, n, place);
                at += n;
                at += strspn(at, ":=, \t\"'");
        }
        return r;
}

static int add_manifest(VolumeNames *names, const Manifest *manifest) {
        autofree char *name = NULL;
        int r = 0;

        if (manifest->type == MANIFEST_VOLUME) {
                r = other_name(manifest, &name, NULL);
                if (r >= 0)
                        r = add(names, name, strlen(name), manifest->path);
                else if (r != -ENOMEM)
                        r = 0;
        }
        for (size_t i = 0; i < manifest->n_assignments && r >= 0; i++) {
                const Assignment *line = &manifest->assignments[i];

                if (strcmp(line->key, "Volume") == 0 || strcmp(line->key, "Mount") == 0 ||
                                strcmp(line->key, "VolumeName") == 0 || strcmp(line->key, "PodmanArgs") == 0)
                        r = add_value(names, line->value, manifest->path);
        }
        return r;
}

static void doubt(VolumeNames *names, const FaultList *faults) {
        for (size_t i = 0; i < faults->n_entries && !fault_is_raised(&names->doubt); i++)
                if (!faults->entries[i].is_warning && faults->entries[i].fault.kind == FAULT_SYSTEM)
                        names->doubt = faults->entries[i].fault;
}

static int read_manifests(VolumeNames *names, Fault *fault) {
        AUTO(manifests_view_close) ManifestsView view = {};
        int r = manifests_view_open(&view, SEARCH_SYSTEM, NULL, fault);
        const ManifestSet *set;

        if (r < 0)
                return r;
        set = &view.workspace.set;
        doubt(names, &view.workspace.faults);
        for (size_t i = 0; i < set->n_manifests && r >= 0; i++) {
                doubt(names, &set->manifests[i]->faults);
                if (!set->manifests[i]->is_masked)
                        r = add_manifest(names, set->manifests[i]);
        }
        return r;
}

int volume_names_read(VolumeNames *ret, Fault *fault) {
        AUTO(volume_names_done) VolumeNames names = {};
        int r = read_manifests(&names, fault);

        if (r < 0)
                return fault_is_raised(fault)
                                       ? r
                                       : fault_wrap(fault, r, "cannot find out which volumes are named");
        *ret = names;
        names = (VolumeNames){};
        return 0;
}

const char *volume_names_find(const VolumeNames *names, const char *name) {
        for (size_t i = 0; names->texts && names->texts[i]; i++)
                if (wish_could_mean(names->texts[i], name) || strcmp(names->texts[i], name) == 0)
                        return names->places[i];
        return NULL;
}

void volume_names_done(VolumeNames *names) {
        strv_free(names->texts);
        strv_free(names->places);
        *names = (VolumeNames){};
}
