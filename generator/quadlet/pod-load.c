/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/pod-load.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/plan/user-namespace.h"
#include "generator/quadlet/container-load.h"
#include "generator/quadlet/network-reference.h"
#include "generator/quadlet/other-manifest.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

/* A '-' would make it a slice within another, and '@' may be in the name of none. */
static int name_slice(const Manifest *manifest, Pod *pod) {
        const char *stem = manifest->stem;
        char *text = malloc(strlen("slipway-.slice") + 4 * strlen(stem) + 1), *to = text;

        if (!text)
                return -ENOMEM;
        to = stpcpy(to, "slipway-");
        for (; *stem; stem++)
                if (isalnum((unsigned char) *stem) || strchr(":_.", *stem))
                        *to++ = *stem;
                else
                        to += sprintf(to, "\\x%02x", (unsigned char) *stem);
        (void) strcpy(to, ".slice");
        pod->slice = text;
        return 0;
}

/* The ids of a pod are those of a container: what is asked for in one of these ways becomes UserNS=. */
static int check_user_namespace(KeyLoad *load, Pod *pod) {
        Container lent = {
                .userns = pod->userns,
                .uid_map = pod->uid_map,
                .gid_map = pod->gid_map,
                .sub_uid = pod->sub_uid,
                .sub_gid = pod->sub_gid,
                .remap = pod->remap,
        };
        const char *key = "UserNS";
        Fault fault = {};
        int r = user_namespace_resolve(&lent, &key, &fault);

        pod->userns = lent.userns;
        pod->uid_map = lent.uid_map;
        pod->gid_map = lent.gid_map;
        if (r < 0 && r != -ENOMEM)
                (void) load_fault(load, key, fault.kind, "%s", fault.text);
        return r == -ENOMEM ? r : 0;
}

static int check_network(KeyLoad *load, Pod *pod) {
        const NetworkPart part = {
                .networks = &pod->network,
                .aliases = &pod->alias,
                .publish = &pod->publish,
                .ip = &pod->ip,
                .ip6 = &pod->ip6,
                .mac = &pod->mac,
                .needs = &pod->needs,
        };

        return network_reference_resolve(load, &part);
}

/* As for a container, which is told when it takes its own. */
static void check_volumes(KeyLoad *load, const Pod *pod) {
        for (char **volume = pod->volume; volume && *volume; volume++)
                for (char **before = pod->volume; before < volume; before++)
                        if (mount_targets_are_same(*before, *volume)) {
                                Place place = other_place(load, "Volume", *volume);

                                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                                "there is another mount in the same place; leave one of "
                                                "them out");
                        }
}

static int load_all(KeyLoad *load, Pod *pod) {
        int r = load_section(load, &pod_section);

        if (r >= 0)
                r = load_section(load, &(const KeySection){ .name = "Slipway" });
        if (r >= 0 && load->has_arguments)
                r = podman_args_apply(load);
        if (r >= 0)
                r = other_default_name(load, &pod->name);
        if (r >= 0)
                r = name_slice(load->manifest, pod);
        if (r >= 0)
                r = check_network(load, pod);
        if (r >= 0)
                r = check_user_namespace(load, pod);
        if (r < 0)
                return r;
        if (strv_length(pod->dns) > 1 && strv_find(pod->dns, "none"))
                (void) load_fault(load, "DNS", FAULT_CONFLICT, "'none' excludes any other name server");
        check_volumes(load, pod);
        load_raise_later(load);
        return 0;
}

int pod_read(const Manifest *manifest, const ManifestSet *all, Pod **ret, FaultList *faults) {
        Pod *pod = pod_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = pod,
                .main = &pod_section,
                .flags = &podman_pod_flags,
        };
        int r = pod ? load_all(&load, pod) : -ENOMEM;

        if (r < 0) {
                pod_free(pod);
                return r;
        }
        *ret = pod;
        return 0;
}

/* Whether the pod is to start it: a template alone cannot be started. */
static bool is_started(const Manifest *container, const char *pod) {
        const Assignment *named = manifest_last(container, "Container", "Pod"),
                         *start = manifest_last(container, "Container", "StartWithPod");
        size_t quote = named && named->value[0] == '"', n = strlen(pod);
        bool yes = true;

        if (!named || strncmp(named->value + quote, pod, n) != 0 || strlen(named->value) != n + 2 * quote)
                return false;
        if (start && *start->value)
                (void) boolean_parse(start->value, &yes);
        return yes && !container->is_masked && !container->is_shadowed && !manifest_is_template(container);
}

int pod_load(const Manifest *manifest, const ManifestSet *all, Pod **ret, FaultList *faults) {
        Pod *pod;
        int r = pod_read(manifest, all, &pod, faults);

        if (r < 0)
                return r;
        for (size_t i = all->at[MANIFEST_CONTAINER]; r >= 0 && i < all->at[MANIFEST_CONTAINER + 1]; i++)
                if (is_started(all->typed[i], manifest->name))
                        r = strv_append(&pod->members, all->typed[i]->service);
        if (r < 0) {
                pod_free(pod);
                return r;
        }
        *ret = pod;
        return 0;
}
