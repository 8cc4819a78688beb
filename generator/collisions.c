/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/collisions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/arena.h"
#include "generator/quadlet/other-manifest.h"
#include "generator/sockets.h"

/* A name, and who claims it. */
typedef struct Claim {
        const char *name;
        Manifest *manifest;
        Place place;
} Claim;

/* Return: whether there is a claim. */
typedef bool ClaimMake(const Manifest *manifest, Arena *arena, Claim *ret);

/*
 * In the order of file names where names are equal, so that the result is always the same. A pod comes
 * before containers: it is what several others may need.
 */
static int compare_claim(const void *a, const void *b) {
        const Claim *one = a, *other = b;
        int c = strcmp(one->name, other->name);

        if (c == 0)
                c = (other->manifest->type == MANIFEST_POD) - (one->manifest->type == MANIFEST_POD);
        return c != 0 ? c : strcmp(one->manifest->name, other->manifest->name);
}

static bool claim_service(const Manifest *manifest, Arena *arena, Claim *ret) {
        const Assignment *a = manifest_last(manifest, manifest_type_section(manifest->type), "ServiceName");

        ret->name = manifest->service;
        ret->place = a && *a->value ? assignment_place(a) : manifest_file_place(manifest);
        return true;
}

/* Only names that are known beforehand: systemd may put anything in the place of a specifier. */
static bool claim_container(const Manifest *manifest, Arena *arena, Claim *ret) {
        const Assignment *a = manifest_last(manifest, "Container", "ContainerName");
        const char *at = strchr(manifest->service, '@'), *dot = strrchr(manifest->service, '.');

        if (manifest->type != MANIFEST_CONTAINER)
                return false;

        if (a && *a->value) {
                ret->name = a->value;
                ret->place = assignment_place(a);
                return !strpbrk(a->value, "%$");
        }

        ret->place = manifest_file_place(manifest);
        if (at && at + 1 == dot)
                return false;
        ret->name = at ? arena_format(arena, "%.*s_%.*s", (int) (at - manifest->service), manifest->service,
                                         (int) (dot - at - 1), at + 1)
                       : arena_copy(arena, manifest->service, (size_t) (dot - manifest->service));
        return ret->name != NULL;
}

/* The same of what others are in, as far as it is known beforehand. */
static bool claim_named(const Manifest *manifest, const char *key, Arena *arena, Claim *ret) {
        const Assignment *a = manifest_last(manifest, manifest_type_section(manifest->type), key);
        autofree char *name = NULL;

        if (other_name(manifest, &name, NULL) < 0 || strpbrk(name, "%$"))
                return false;
        ret->name = arena_string(arena, name);
        ret->place = a && *a->value ? assignment_place(a) : manifest_file_place(manifest);
        return ret->name != NULL;
}

static bool claim_network(const Manifest *manifest, Arena *arena, Claim *ret) {
        return manifest->type == MANIFEST_NETWORK && claim_named(manifest, "NetworkName", arena, ret);
}

static bool claim_volume(const Manifest *manifest, Arena *arena, Claim *ret) {
        return manifest->type == MANIFEST_VOLUME && claim_named(manifest, "VolumeName", arena, ret);
}

/* Containers and pods have one kind of names: what networks know of them is kept by name. */
static bool claim_owner(const Manifest *manifest, Arena *arena, Claim *ret) {
        return manifest->type == MANIFEST_POD ? claim_named(manifest, "PodName", arena, ret)
                                              : claim_container(manifest, arena, ret);
}

static void tell(const Claim *claim, const Claim *other, const char *what) {
        (void) faults_raise(&claim->manifest->faults, &claim->place, FAULT_CONFLICT,
                        "the %s '%s' is also that of '%s': rename one of them", what, claim->name,
                        other->manifest->path);
}

static void tell_named(const Claim *claim, const Claim *other) {
        const char *type = manifest_type_to_string(claim->manifest->type);
        char what[32];

        (void) snprintf(what, sizeof(what), "%s name", type);
        tell(claim, other, what);
}

/* Puts the claims of all manifests in order. Return: how many there are. */
static size_t collect(const ManifestSet *set, ClaimMake *make, Claim *claims) {
        size_t n = 0;

        for (size_t i = 0; i < set->n_manifests; i++) {
                Manifest *manifest = set->manifests[i];

                claims[n].manifest = manifest;
                n += !manifest->is_masked && make(manifest, set->arena, &claims[n]);
        }

        /* Mostly, names follow those of the files, which are in order. */
        for (size_t i = 1; i < n; i++)
                if (compare_claim(&claims[i - 1], &claims[i]) > 0) {
                        qsort(claims, n, sizeof(Claim), compare_claim);
                        break;
                }
        return n;
}

static bool is_same(const Claim *claims, size_t i) {
        return strcmp(claims[i].name, claims[i - 1].name) == 0;
}

/* A container that is started by its ports has a second service, which nobody else may be. */
static int find_proxies(ManifestSet *set) {
        for (size_t i = 0; i < set->n_manifests; i++) {
                Manifest *manifest = set->manifests[i];
                Place place = manifest_file_place(manifest);
                const char *proxy;

                if (manifest->is_masked || !sockets_are_ports(manifest))
                        continue;
                proxy = sockets_proxy_name(manifest, set->arena);
                if (!proxy)
                        return -ENOMEM;
                for (size_t k = 0; k < set->n_manifests; k++)
                        if (!set->manifests[k]->is_masked && strcmp(set->manifests[k]->service, proxy) == 0)
                                (void) faults_raise(&manifest->faults, &place, FAULT_CONFLICT,
                                                "the unit '%s', which is to pass its ports on, is also that "
                                                "of '%s': rename one of them",
                                                proxy, set->manifests[k]->path);
        }
        return 0;
}

/* There is one unit for all of them, so it has to be the first that complains. */
static void find_services(ManifestSet *set, Claim *claims) {
        size_t n = collect(set, claim_service, claims), first = 0;

        for (size_t i = 1; i < n; i++) {
                if (!is_same(claims, i)) {
                        first = i;
                        continue;
                }
                tell(&claims[first], &claims[i], "unit");
                tell(&claims[i], &claims[first], "unit");
                claims[i].manifest->is_shadowed = true;
        }
}

static void find_names(ManifestSet *set, ClaimMake *make, Claim *claims) {
        size_t n = collect(set, make, claims), first = 0;

        for (size_t i = 1; i < n; i++)
                if (!is_same(claims, i))
                        first = i;
                else if (!claims[i].manifest->is_shadowed)
                        tell_named(&claims[i], &claims[first]);
}

int collisions_find(ManifestSet *set) {
        static ClaimMake *const names[] = { claim_owner, claim_network, claim_volume };
        autofree Claim *claims = calloc(set->n_manifests + 1, sizeof(Claim));

        if (!claims)
                return -ENOMEM;
        find_services(set, claims);
        for (size_t i = 0; i < ELEMENTS(names); i++)
                find_names(set, names[i], claims);
        return find_proxies(set);
}
