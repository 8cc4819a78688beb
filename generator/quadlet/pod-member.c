/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/container-load.h"
#include "generator/quadlet/network-reference.h"
#include "generator/quadlet/other-manifest.h"
#include "generator/quadlet/pod-load.h"
#include "generator/quadlet/volume-reference.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

/* A faulty pod is told with what is wrong with it: nobody looks at another unit first. */
static int tell_faulty(
                KeyLoad *load, const Place *place, const OtherManifest *other, const FaultList *faults) {
        const Fault *first = faults_first_error(faults);
        const char *key;

        if (!first)
                first = faults_first_error(&other->manifest->faults);
        key = first ? first->key : "";
        return faults_raise(load->faults, place, first ? first->kind : FAULT_VALUE,
                        "its pod '%s' cannot be translated: %s%s%s", other->name, key, *key ? "=: " : "",
                        first ? first->text : "see there");
}

static void refuse_keys(KeyLoad *load, const OtherManifest *other) {
        static const char *const keys[] = { "Network", "NetworkAlias", "PublishPort", "IP", "IP6",
                "HostName", "AddHost", "DNS", "DNSOption", "DNSSearch", "ShmSize", "UserNS", "UIDMap",
                "GIDMap", "SubUIDMap", "SubGIDMap", "RemapUsers", "RemapUid", "RemapGid", "RemapUidSize" };
        const Assignment *own = network_of_unit(load->manifest);
        Place place;

        for (size_t i = 0; i < ELEMENTS(keys); i++)
                if (load_given(load, keys[i]))
                        (void) load_fault(load, keys[i], FAULT_CONFLICT,
                                        "its pod has that for all of its containers: set it in '%s'",
                                        other->manifest->path);
        if (!own)
                return;
        place = assignment_place(own);
        (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                        "cannot be set in [Service]: the network is that of the pod '%s'", other->name);
}

/* The pod's come first, and what the container mounts there itself wins. */
static int take_volumes(KeyLoad *load, const Place *place, const OtherManifest *other, const Pod *pod) {
        autostrv char **all = NULL;
        Container *container = load->container;
        int r = 0;

        for (char **volume = pod->volume; r >= 0 && volume && *volume; volume++) {
                char *text = NULL;

                if (mount_targets_have(container, *volume))
                        continue;
                r = other_expand(load, place, other, *volume, &text);
                if (r > 0)
                        r = strv_take(&all, text);
                if (r >= 0 && all)
                        r = volume_reference_resolve_volume(load, all + strv_length(all) - 1, place);
        }
        if (r >= 0 && all)
                r = strv_extend(&all, container->volume ? container->volume : (char *[]){ NULL });
        if (r < 0)
                return r;
        if (all) {
                strv_free(container->volume);
                container->volume = TAKE(all);
        }
        return 0;
}

static int take_text(KeyLoad *load, const Place *place, const OtherManifest *other, const char *text,
                char **field) {
        char *here = NULL;
        int r = text ? other_expand(load, place, other, text, &here) : 0;

        if (r <= 0)
                return r;
        free(*field);
        *field = here;
        return 0;
}

/* Who may trace a process of the host's root is that: systemd-nspawn is among the processes of the pod. */
static void check_tracing(KeyLoad *load, const Pod *pod) {
        const Container *container = load->container;

        if (!pod_shares_processes(pod) || !pod->userns || strcmp(pod->userns, "host") != 0 ||
                        strv_find(container->cap_drop, "sys_ptrace"))
                return;
        if (strv_find(container->cap_add, "sys_ptrace") || strv_find(container->cap_add, "all"))
                (void) load_fault(load, "AddCapability", FAULT_CONFLICT,
                                "SYS_PTRACE, with UserNS=host and the processes of its pod, would be power "
                                "over systemd-nspawn, and so over the host; leave one of the three out");
}

static int take_pod(KeyLoad *load, const Place *place, const OtherManifest *other, const Pod *pod) {
        Container *container = load->container;
        int r = take_volumes(load, place, other, pod);

        check_tracing(load, pod);
        /* No app is process 1 there, so one that knows no signal ends by it; only an init can say that well.
         */
        if (pod_shares_processes(pod) && container->init == CHOICE_OPEN)
                container->init = CHOICE_YES;
        if (r >= 0)
                r = take_text(load, place, other, pod->name, &container->pod);
        if (r >= 0)
                r = take_text(load, place, other, pod->userns, &container->userns);
        if (r >= 0 && !container->stop_timeout)
                r = take_text(load, place, other, pod->stop_timeout, &container->stop_timeout);
        if (r >= 0)
                r = take_text(load, place, other, pod->slice, &container->slice);
        return r < 0 ? r : strv_append(&container->bound, other->service);
}

static int apply(KeyLoad *load, const OtherManifest *other, const Place *place) {
        AUTO(faults_done) FaultList faults = {};
        Pod *pod;
        int r;

        refuse_keys(load, other);
        r = pod_read(other->manifest, load->all, &pod, &faults);
        if (r < 0)
                return r;
        if (faults.n_errors > 0 || other->manifest->faults.n_errors > 0)
                (void) tell_faulty(load, place, other, &faults);
        else
                r = take_pod(load, place, other, pod);
        pod_free(pod);
        return r;
}

int pod_member_apply(KeyLoad *load) {
        AUTO(arena_freep) Arena *arena = NULL;
        autofree char *name = NULL;
        OtherManifest other;
        Place place;
        int r;

        if (!load->container->pod)
                return 0;
        arena = arena_new();
        name = strdup(load->container->pod);
        if (!arena || !name)
                return -ENOMEM;
        place = other_place(load, "Pod", name);
        r = other_find(load, &place, name, arena, &other);
        if (r > 0)
                r = apply(load, &other, &place);
        return r == -ENOMEM ? r : 0;
}
