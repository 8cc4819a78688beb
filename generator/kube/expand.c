/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kube/expand.h"

#include <string.h>

#include "generator/kube/make.h"
#include "generator/load.h"
#include "generator/quadlet/kube-load.h"
#include "generator/translate.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"

/* The line that names a file, as far as can be seen; the last one of the key else. */
static Place place_of(const Manifest *manifest, const char *key, const char *path) {
        const Assignment *found = manifest_last(manifest, "Kube", key);
        const char *name = strrchr(path, '/');

        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Kube", a));)
                if (strcmp(a->key, key) == 0 && strstr(a->value, name ? name + 1 : path))
                        found = a;
        return found ? assignment_place(found) : manifest_file_place(manifest);
}

static int read_files(KubeObjects *objects, const Manifest *manifest, const char *key, char *const *paths,
                bool only_maps, Arena *arena, FaultList *faults) {
        int r = 0;

        for (; r >= 0 && paths && *paths; paths++) {
                Place place = place_of(manifest, key, *paths);
                autofree char *plain = NULL;

                if (value_is_dynamic(*paths)) {
                        (void) faults_raise(faults, &place, FAULT_UNSUPPORTED,
                                        "not supported, '%s' is to be read before there is a unit whose "
                                        "specifiers "
                                        "and variables could be known",
                                        *paths);
                        continue;
                }
                plain = value_unescape(*paths);
                r = plain ? kube_objects_read(objects, plain, only_maps, &place, arena, faults) : -ENOMEM;
        }
        return r;
}

static size_t count_pods(const KubeObjects *objects) {
        size_t n = 0;

        for (size_t i = 0; i < objects->n; i++) {
                KubeKind kind = objects->items[i].kind->kind;

                if (kind == KUBE_DEPLOYMENT)
                        n += (size_t) field_number(yaml_get(objects->items[i].node, "spec"), "replicas", 1);
                else
                        n += kind == KUBE_POD || kind == KUBE_DAEMON_SET || kind == KUBE_JOB;
        }
        return n;
}

static void check_pods(const KubeMake *make) {
        Place place = manifest_file_place(make->manifest);

        if (make->n_pods > 0)
                return;
        for (size_t i = 0; i < make->objects->n; i++)
                if (make->objects->items[i].kind->kind == KUBE_CLAIM ||
                                make->objects->items[i].kind->kind == KUBE_DEPLOYMENT)
                        return;
        (void) faults_raise(make->faults, &place, FAULT_VALUE, "there is nothing to run in its YAML");
}

static int make_all(KubeMake *make) {
        FaultList *faults = make->faults;
        size_t before = faults->n_errors;

        make->n_pods = count_pods(make->objects);
        check_pods(make);
        for (size_t i = 0; i < make->objects->n && make->error == 0; i++)
                make_object(make, &make->objects->items[i]);
        if (make->error < 0)
                return make->error;
        return faults->n_errors > before ? 0 : manifests_add(make->set, make->made, make->n, faults);
}

static int expand(ManifestSet *set, Manifest *manifest, const Kube *kube) {
        AUTO(kube_objects_done) KubeObjects objects = {};
        KubeMake make = {
                .manifest = manifest,
                .kube = kube,
                .set = set,
                .objects = &objects,
                .arena = set->arena,
                .faults = &manifest->faults,
        };
        int r;

        r = read_files(&objects, manifest, "Yaml", kube->yaml, false, set->arena, &manifest->faults);
        if (r >= 0)
                r = read_files(&objects, manifest, "ConfigMap", kube->config_map, true, set->arena,
                                &manifest->faults);
        if (r >= 0 && manifest->faults.n_errors == 0)
                r = make_all(&make);
        free(make.made);
        return r;
}

/* Keys are told about when the manifest is translated; with faulty ones, there is no use in going on. */
static int expand_manifest(ManifestSet *set, Manifest *manifest) {
        FaultList unheard = {};
        Kube *kube = NULL;
        int r = kube_load_keys(manifest, set, &kube, &unheard);

        if (r >= 0 && unheard.n_errors == 0)
                r = expand(set, manifest, kube);
        faults_done(&unheard);
        kube_free(kube);
        return r;
}

int kube_expand(ManifestSet *set) {
        Manifest **kubes = set->typed + set->at[MANIFEST_KUBE]; /* stays in the arena when the set grows */
        size_t n = set->at[MANIFEST_KUBE + 1] - set->at[MANIFEST_KUBE];
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                if (!kubes[i]->is_masked && kubes[i]->faults.n_errors == 0)
                        r = expand_manifest(set, kubes[i]);
        return r;
}

/* Return: whether there is nothing wrong with it. */
static int try_manifest(ManifestSet *set, Manifest *manifest, SearchScope scope) {
        AUTO(arena_freep) Arena *scratch = arena_new();
        AUTO(unit_done) UnitWriter unit = {};
        InstallPlan install;
        int r = scratch ? translate_manifest(manifest, set, scope, scratch, &unit, &install) : -ENOMEM;

        if (r < 0)
                return r;
        /* They are told again when it is translated for good. */
        if (r == 0)
                faults_move(&manifest->faults, &manifest->parent->faults);
        faults_done(&manifest->faults);
        return r;
}

int kube_settle(ManifestSet *set, SearchScope scope) {
        int r = 0;

        for (size_t i = 0; i < set->n_manifests && r >= 0; i++)
                if (set->manifests[i]->parent)
                        r = try_manifest(set, set->manifests[i], scope);
        for (size_t i = 0; i < set->n_manifests; i++) {
                const Manifest *parent = set->manifests[i]->parent;

                if (parent && (parent->faults.n_errors > 0 || parent->is_shadowed))
                        set->manifests[i]->is_masked = true;
        }
        return r < 0 ? r : 0;
}
