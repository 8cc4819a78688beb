/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/frontend.h"

/* The same function for a model of any type. */
#define WRITE(function, Type)                                             \
        static void any_##function(const void *model, UnitWriter *unit) { \
                function((const Type *) model, unit);                     \
        }
#define LOAD(function, Type)                                                                               \
        static int any_##function(                                                                         \
                        const Manifest *manifest, const ManifestSet *all, void **ret, FaultList *faults) { \
                Type *model;                                                                               \
                int r = function(manifest, all, &model, faults);                                           \
                                                                                                           \
                if (r >= 0)                                                                                \
                        *ret = model;                                                                      \
                return r;                                                                                  \
        }
#define FREE(function, Type)                      \
        static void any_##function(void *model) { \
                function((Type *) model);         \
        }

LOAD(container_load, Container)
WRITE(container_write_unit, Container)
WRITE(container_write_service, Container)
WRITE(container_write_stop, Container)
WRITE(container_write_info, Container)
FREE(container_free, Container)

static const char *any_container_logged_name(const void *model) {
        return container_logged_name(model);
}

static int any_container_plan_unit(
                const void *model, const Manifest *manifest, Arena *arena, InstallPlan *ret) {
        return container_plan_unit(model, manifest, arena, ret);
}

LOAD(image_load_keys, Image)
WRITE(image_write_unit, Image)
WRITE(image_write_service, Image)
WRITE(image_write_info, Image)
FREE(image_free, Image)

LOAD(build_load, Build)
WRITE(build_write_unit, Build)
WRITE(build_write_service, Build)
WRITE(build_write_info, Build)
FREE(build_free, Build)

LOAD(pod_load, Pod)
WRITE(pod_write_unit, Pod)
WRITE(pod_write_service, Pod)
WRITE(pod_write_info, Pod)
FREE(pod_free, Pod)

static int any_pod_plan_unit(const void *model, const Manifest *manifest, Arena *arena, InstallPlan *ret) {
        return pod_plan_unit(model, manifest, arena, ret);
}

LOAD(network_load, Network)
WRITE(network_write_unit, Network)
WRITE(network_write_service, Network)
WRITE(network_write_info, Network)
FREE(network_free, Network)

LOAD(volume_load_keys, Volume)
WRITE(volume_write_unit, Volume)
WRITE(volume_write_service, Volume)
WRITE(volume_write_stop, Volume)
WRITE(volume_write_info, Volume)
FREE(volume_free, Volume)

LOAD(kube_load, Kube)
WRITE(kube_write_unit, Kube)
WRITE(kube_write_service, Kube)
WRITE(kube_write_info, Kube)
FREE(kube_free, Kube)

static const FrontEnd frontends[_MANIFEST_TYPE_MAX] = {
        [MANIFEST_CONTAINER] = {
                .noun = "Container",
                .manual = "man:slipway.container(5)",
                .load = any_container_load,
                .write_unit = any_container_write_unit,
                .write_service = any_container_write_service,
                .write_stop = any_container_write_stop,
                .write_info = any_container_write_info,
                .logged_name = any_container_logged_name,
                .plan_unit = any_container_plan_unit,
                .free = any_container_free,
        },
        [MANIFEST_IMAGE] = {
                .noun = "Image",
                .manual = "man:slipway.image(5)",
                .load = any_image_load_keys,
                .write_unit = any_image_write_unit,
                .write_service = any_image_write_service,
                .write_info = any_image_write_info,
                .free = any_image_free,
        },
        [MANIFEST_BUILD] = {
                .noun = "Build",
                .manual = "man:slipway.build(5)",
                .load = any_build_load,
                .write_unit = any_build_write_unit,
                .write_service = any_build_write_service,
                .write_info = any_build_write_info,
                .free = any_build_free,
        },
        [MANIFEST_POD] = {
                .noun = "Pod",
                .manual = "man:slipway.pod(5)",
                .load = any_pod_load,
                .write_unit = any_pod_write_unit,
                .write_service = any_pod_write_service,
                .write_info = any_pod_write_info,
                .plan_unit = any_pod_plan_unit,
                .free = any_pod_free,
        },
        [MANIFEST_NETWORK] = {
                .noun = "Network",
                .manual = "man:slipway.network(5)",
                .load = any_network_load,
                .write_unit = any_network_write_unit,
                .write_service = any_network_write_service,
                .write_info = any_network_write_info,
                .free = any_network_free,
        },
        [MANIFEST_VOLUME] = {
                .noun = "Volume",
                .manual = "man:slipway.volume(5)",
                .load = any_volume_load_keys,
                .write_unit = any_volume_write_unit,
                .write_service = any_volume_write_service,
                .write_stop = any_volume_write_stop,
                .write_info = any_volume_write_info,
                .free = any_volume_free,
        },
        [MANIFEST_KUBE] = {
                .noun = "Kubernetes",
                .manual = "man:slipway.kube(5)",
                .load = any_kube_load,
                .write_unit = any_kube_write_unit,
                .write_service = any_kube_write_service,
                .write_info = any_kube_write_info,
                .free = any_kube_free,
        },
};

const FrontEnd *frontend_of_type(ManifestType type) {
        return frontends[type].load ? &frontends[type] : NULL;
}
