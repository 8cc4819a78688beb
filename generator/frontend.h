/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where translating a manifest meets the meaning of its keys
 *
 * translate.c knows files, names, [Unit], [Service], [Install] and [Quadlet],
 * and writes sections and what is the same in every unit. What the main
 * section and [Slipway] mean is the front end's business, and so is what
 * becomes of it. A unit is written in this order:
 *
 *     [Unit]      Description= Documentation= SourcePath=   (translate.c)
 *                 write_unit()                              RequiresMountsFor= Wants= After= …
 *                 the user's [Unit], references translated  (translate.c)
 *     [Service]   write_service()                           everything from Type= to ExecStopPost=
 *                 write_stop()                              ExecStop=; after the user's, if there is one
 *                 the user's [Service], so that it wins     (translate.c)
 *     [X-Slipway] Kind=                                     (translate.c)
 *                 write_info()                              Container= Image=
 *
 * Nothing else is shared. A type of manifest without a front end is not supported yet.
 */

#include "generator/arena.h"
#include "generator/faults.h"
#include "generator/install.h"
#include "generator/quadlet/manifest.h"
#include "generator/unit/writer.h"

/* The calls after load() are for a model without errors, in this order. Failures stick to the writer. */
typedef struct FrontEnd {
        const char *noun;   /* begins the description of its units: "Container" */
        const char *manual; /* "man:slipway.container(5)" */

        /**
         * load() - understand a manifest
         * @manifest:   the file; free of syntax errors
         * @all:        every manifest there is, for references like Network=x.network
         * @ret:        the model, also when some of its keys were faulty
         * @faults:     each key that is unknown, wrong or cannot be honoured, and warnings
         *
         * Reads the main section and [Slipway] to the end, whatever is wrong in between. Text is
         * copied or borrowed from @manifest, which lives longer.
         *
         * Return: 0, or a negative errno only for lack of memory; @faults says whether there is a unit.
         */
        int (*load)(const Manifest *manifest, const ManifestSet *all, void **ret, FaultList *faults);

        void (*write_unit)(const void *model, UnitWriter *unit);
        void (*write_service)(const void *model, UnitWriter *unit);
        void (*write_stop)(const void *model, UnitWriter *unit); /* NULL: nothing has to be stopped */
        void (*write_info)(const void *model, UnitWriter *unit);

        /* The container's name in slipway-stdio@NAME.service, unit text; NULL when nothing is logged for it,
         * and in place of the function for what is no container. */
        const char *(*logged_name)(const void *model);

        /* A unit beside that of the manifest, NULL where there never is one. Return: 0 or -ENOMEM. */
        int (*plan_unit)(const void *model, const Manifest *manifest, Arena *arena, InstallPlan *ret);

        void (*free)(void *model);
} FrontEnd;

/* Return: NULL for a type that has none. */
const FrontEnd *frontend_of_type(ManifestType type);

/* .container: quadlet/container-load.c and plan/container-unit.c */
typedef struct Container Container;
int container_load(const Manifest *manifest, const ManifestSet *all, Container **ret, FaultList *faults);
void container_write_unit(const Container *container, UnitWriter *unit);
void container_write_service(const Container *container, UnitWriter *unit);
void container_write_stop(const Container *container, UnitWriter *unit);
void container_write_info(const Container *container, UnitWriter *unit);
const char *container_logged_name(const Container *container);
int container_plan_unit(
                const Container *container, const Manifest *manifest, Arena *arena, InstallPlan *ret);
void container_free(Container *container);

/* .image: quadlet/image-load.c and plan/image-unit.c */
typedef struct Image Image;
int image_load_keys(const Manifest *manifest, const ManifestSet *all, Image **ret, FaultList *faults);
void image_write_unit(const Image *image, UnitWriter *unit);
void image_write_service(const Image *image, UnitWriter *unit);
void image_write_info(const Image *image, UnitWriter *unit);
void image_free(Image *image);

/* .build: quadlet/build-load.c and plan/build-unit.c */
typedef struct Build Build;
int build_load(const Manifest *manifest, const ManifestSet *all, Build **ret, FaultList *faults);
void build_write_unit(const Build *build, UnitWriter *unit);
void build_write_service(const Build *build, UnitWriter *unit);
void build_write_info(const Build *build, UnitWriter *unit);
void build_free(Build *build);

/* .pod: quadlet/pod-load.c and plan/pod-unit.c */
typedef struct Pod Pod;
int pod_load(const Manifest *manifest, const ManifestSet *all, Pod **ret, FaultList *faults);
void pod_write_unit(const Pod *pod, UnitWriter *unit);
void pod_write_service(const Pod *pod, UnitWriter *unit);
void pod_write_info(const Pod *pod, UnitWriter *unit);
int pod_plan_unit(const Pod *pod, const Manifest *manifest, Arena *arena, InstallPlan *ret);
void pod_free(Pod *pod);

/* .network: quadlet/network-load.c and plan/network-unit.c */
typedef struct Network Network;
int network_load(const Manifest *manifest, const ManifestSet *all, Network **ret, FaultList *faults);
void network_write_unit(const Network *network, UnitWriter *unit);
void network_write_service(const Network *network, UnitWriter *unit);
void network_write_info(const Network *network, UnitWriter *unit);
void network_free(Network *network);

/* .volume: quadlet/volume-load.c and plan/volume-unit.c */
typedef struct Volume Volume;
int volume_load_keys(const Manifest *manifest, const ManifestSet *all, Volume **ret, FaultList *faults);
void volume_write_unit(const Volume *volume, UnitWriter *unit);
void volume_write_service(const Volume *volume, UnitWriter *unit);
void volume_write_stop(const Volume *volume, UnitWriter *unit);
void volume_write_info(const Volume *volume, UnitWriter *unit);
void volume_free(Volume *volume);

/* .kube: quadlet/kube-load.c and plan/kube-unit.c; what the YAML says is in manifests of its own. */
typedef struct Kube Kube;
int kube_load(const Manifest *manifest, const ManifestSet *all, Kube **ret, FaultList *faults);
void kube_write_unit(const Kube *kube, UnitWriter *unit);
void kube_write_service(const Kube *kube, UnitWriter *unit);
void kube_write_info(const Kube *kube, UnitWriter *unit);
void kube_free(Kube *kube);
