/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * [Install]: links that have a unit started
 *
 * systemctl-enable(1) does not work on generated units, so the generator makes
 * the links itself: a manifest that is there is enabled.
 */

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"

/* One symbolic link below the generator's directory. */
typedef struct InstallLink {
        const char *directory; /* "multi-user.target.wants"; NULL for an alias */
        const char *name;      /* "web.service" */
        const char *target;    /* "../web.service" */
        const Assignment *assignment;
} InstallLink;

enum { INSTALL_UNITS_MAX = 2 };

typedef struct InstallPlan {
        InstallLink *links; /* in the order of the manifest */
        size_t n_links;

        /* What is wanted in place of the unit itself, by those that want it: a list that ends with NULL;
         * NULL for the unit. */
        const char **stand_ins;

        /* A drop-in for a unit that serves this one; NULL when there is none, see log-dropin.h. */
        const char *dropin_directory; /* "slipway-stdio@web.service.d" */
        const char *dropin_text;

        /* Units beside the manifest's own, as the slice of a pod. */
        struct {
                const char *name;
                const char *text;
        } units[INSTALL_UNITS_MAX];
        size_t n_units;
} InstallPlan;

/**
 * install_plan() - understand [Install]
 * @all:        for targets that are named by their manifests
 * @arena:      where the plan lives
 * @faults:     what cannot be linked; the rest still is
 *
 * Return: 0 or -ENOMEM.
 */
int install_plan(const Manifest *manifest, const ManifestSet *all, Arena *arena, InstallPlan *ret,
                FaultList *faults);

/* A unit beside the manifest's own; both texts are copied. Return: 0 or -ENOMEM. */
int install_add_unit(InstallPlan *plan, Arena *arena, const char *name, const char *text);

/* Directories that were made already; zero is none. */
typedef struct InstallDirectories {
        char **names;
        size_t n;
} InstallDirectories;

/**
 * install_apply() - make the links, and the drop-in
 * @dir_fd:     the generator's output directory
 *
 * A link that is there and says the same is fine.
 *
 * Return: 0, or the negative errno of the first fault.
 */
int install_apply(const InstallPlan *plan, int dir_fd, InstallDirectories *made, FaultList *faults);

void install_directories_done(InstallDirectories *made);
