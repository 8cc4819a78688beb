/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/kube-load.h"

#include <errno.h>
#include <string.h>

#include "generator/frontend.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

static const KeySection no_keys = { .name = "Slipway" };

/* One YAML file gives one set of units. */
static void check_template(KeyLoad *load) {
        if (manifest_is_templated(load->manifest))
                (void) load_fault(load, NULL, FAULT_UNSUPPORTED,
                                "not supported, pods and containers are called as the YAML says, so there "
                                "can "
                                "be no instances of it");
}

static void check_yaml(KeyLoad *load, const Kube *kube) {
        if (!load_given(load, "Yaml"))
                (void) load_fault(load, NULL, FAULT_VALUE, "there is no Yaml= in [Kube]");
        if (kube->working_directory && strcmp(kube->working_directory, "yaml") == 0 &&
                        strv_length(kube->yaml) > 1)
                (void) load_fault(load, "SetWorkingDirectory", FAULT_VALUE,
                                "there are several YAML files; set it to 'unit', or write absolute paths");
}

int kube_load_keys(const Manifest *manifest, const ManifestSet *all, Kube **ret, FaultList *faults) {
        Kube *kube = kube_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = kube,
                .main = &kube_section,
        };
        int r;

        if (!kube)
                return -ENOMEM;
        r = load_section(&load, &kube_section);
        if (r >= 0)
                r = load_section(&load, &no_keys);
        if (r < 0) {
                kube_free(kube);
                return r;
        }
        check_template(&load);
        check_yaml(&load, kube);
        load_raise_later(&load);
        *ret = kube;
        return 0;
}

/* A volume is called like its claim, which is what its manifest is called. */
static int add_member(Kube *kube, const Manifest *manifest) {
        int r = strv_append(&kube->units, manifest->service);

        return r >= 0 && manifest->type == MANIFEST_VOLUME ? strv_append(&kube->volumes, manifest->stem) : r;
}

int kube_load(const Manifest *manifest, const ManifestSet *all, Kube **ret, FaultList *faults) {
        int r = kube_load_keys(manifest, all, ret, faults);

        for (size_t i = 0; r >= 0 && i < all->n_manifests; i++)
                if (all->manifests[i]->parent == manifest && !all->manifests[i]->is_masked)
                        r = add_member(*ret, all->manifests[i]);
        return r;
}
