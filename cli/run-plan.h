/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What slipway run is to do
 *
 * The text of the manifest, and the text of the unit that the generator's own
 * code makes of it. Nothing is touched yet.
 */

#include "cli/run-parse.h"
#include "generator/faults.h"

typedef struct RunPlan {
        char *name;       /* the container's */
        char *unit;       /* "web.service" */
        char *text;       /* of the unit; NULL when there are errors among the faults */
        FaultList faults; /* with flags in the place of keys */
} RunPlan;

/* The manifest for a call, as a file in /etc/slipway would be. Return: 0 with a new string, -errno with a
 * fault. */
int run_plan_manifest(const RunCall *call, char **ret, Fault *fault);

/**
 * run_plan() - make the unit
 * @ret:        to be given back with run_plan_done()
 *
 * A name is made up if none is given: that of the image, and eight digits.
 *
 * Return: 0, also when there are faults in the plan; -errno with a fault.
 */
int run_plan(const RunCall *call, RunPlan *ret, Fault *fault);

void run_plan_done(RunPlan *plan);

/* "nginx-1f3a9c2e" for "docker.io/library/nginx:1.27". Return: 0 or -ENOMEM. */
int run_name_make(const char *image, unsigned number, char **ret);
