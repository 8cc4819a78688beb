/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/container-load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/other-manifest.h"
#include "generator/quadlet/podman-flags.h"
#include "lib/cleanup.h"

static int default_name(KeyLoad *load) {
        Container *container = load->container;
        Fault fault = {};
        int r;

        if (container->name || load_given(load, "ContainerName"))
                return 0;
        r = other_name(load->manifest, &container->name, &fault);
        if (r < 0 && r != -ENOMEM)
                r = load_fault(load, NULL, fault.kind, "%s", fault.text);
        return r == -ENOMEM ? r : 0;
}

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
        r = default_name(load);
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
