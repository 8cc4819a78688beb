/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/container-load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* "web@1" has a prefix and an instance, which systemd knows; "web" is simply that. */
static int default_name(KeyLoad *load) {
        const char *service = load->manifest->service;
        Container *container = load->container;

        if (container->name)
                return 0;
        if (strchr(service, '@'))
                return value_copy("%p_%i", &container->name);

        container->name = strndup(service, strlen(service) - strlen(".service"));
        if (!container->name)
                return -ENOMEM;
        if (!value_is_name(container->name, 64))
                (void) load_fault(load, NULL, FAULT_VALUE,
                                "'%s' cannot name a container: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-'; "
                                "set ContainerName=",
                                container->name);
        return 0;
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
