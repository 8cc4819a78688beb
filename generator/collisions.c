/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/collisions.h"

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

/* In the order of file names where names are equal, so that the result is always the same. */
static int compare_claim(const void *a, const void *b) {
        const Claim *one = a, *other = b;
        int c = strcmp(one->name, other->name);

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

static bool claim_pod(const Manifest *manifest, Arena *arena, Claim *ret) {
        return manifest->type == MANIFEST_POD && claim_named(manifest, "PodName", arena, ret);
}

static void tell(const Claim *claim, const Claim *other, const char *what) {
        (void) faults_raise(&claim->manifest->faults, &claim->place, FAULT_CONFLICT,
                        "the %s '%s' is also that of '%s': rename one of them", what, claim->name,
                        other->manifest->path);
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

int collisions_find(ManifestSet *set) {
        static const struct {
                ClaimMake *make;
                const char *what;
        } names[] = {
                { claim_container, "container name" },
                { claim_network, "network name" },
                { claim_pod, "pod name" },
        };
        autofree Claim *claims = calloc(set->n_manifests + 1, sizeof(Claim));
        size_t n, first = 0;

        if (!claims)
                return -ENOMEM;

        n = collect(set, claim_service, claims);
        for (size_t i = 1; i < n; i++) {
                if (!is_same(claims, i)) {
                        first = i;
                        continue;
                }
                /* There is one unit for all of them, so it has to be the first that complains. */
                tell(&claims[first], &claims[i], "unit");
                tell(&claims[i], &claims[first], "unit");
                claims[i].manifest->is_shadowed = true;
        }

        for (size_t k = 0; k < ELEMENTS(names); k++) {
                first = 0;
                n = collect(set, names[k].make, claims);
                for (size_t i = 1; i < n; i++) {
                        if (!is_same(claims, i))
                                first = i;
                        else if (!claims[i].manifest->is_shadowed)
                                tell(&claims[i], &claims[first], names[k].what);
                }
        }
        return find_proxies(set);
}
