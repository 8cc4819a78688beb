/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/container-load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/other-manifest.h"
#include "generator/quadlet/podman-flags.h"
#include "lib/cleanup.h"

static int load_all(KeyLoad *load) {
        int r;

        r = load_section(load, &container_section);
        if (r < 0)
                return r;
        r = load_section(load, &slipway_section);
        if (r < 0)
                return r;
        r = load->has_arguments ? podman_args_apply(load) : 0;
        if (r < 0)
                return r;
        r = other_default_name(load, &load->container->name);
        if (r < 0)
                return r;
        r = container_check(load);
        if (r < 0)
                return r;

        load_raise_later(load);
        return 0;
}

int container_load(const Manifest *manifest, const ManifestSet *all, Container **ret, FaultList *faults) {
        Container *container = container_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = container,
                .container = container,
                .main = &container_section,
                .flags = &podman_run_flags,
        };
        int r;

        if (!container)
                return -ENOMEM;
        r = load_all(&load);
        if (r < 0) {
                container_free(container);
                return r;
        }

        *ret = container;
        return 0;
}
