/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which containers are to be updated, and in what company
 *
 * Of all that runs, those whose label io.containers.autoupdate says so. Containers of one image are a group:
 * they are updated together, or none of them is.
 */

#include <stdbool.h>

#include "image/digest.h"
#include "lib/fault.h"
#include "nspawn-glue/record.h"

typedef enum UpdateResult {
        UPDATE_NO,          /* there is nothing newer */
        UPDATE_YES,         /* it runs the newer image */
        UPDATE_PENDING,     /* there is something newer, and it was only to be asked for */
        UPDATE_ROLLED_BACK, /* the newer image did not do */
        UPDATE_FAILED,
        _UPDATE_RESULT_MAX,
} UpdateResult;

typedef struct UpdateUnit {
        char *container;
        Record record;
        Digest image; /* that it runs */
        UpdateResult result;
} UpdateUnit;

typedef struct UpdateGroup {
        char *text;         /* the image as a manifest has it that asks the registry, if one does */
        char *name;         /* what the store knows it by */
        char *policy;       /* "registry" if one of them says so, else "local" */
        char *authfile;     /* of the first of those that has one, or empty */
        UpdateUnit **units; /* borrowed */
        size_t n;
} UpdateGroup;

typedef struct UpdatePlan {
        UpdateUnit *units; /* by container */
        size_t n_units;
        UpdateGroup *groups; /* by image */
        size_t n_groups;
} UpdatePlan;

/* Those of all units that want to be updated. Takes a copy of the record. Return: 0 or -ENOMEM. */
int update_plan_add(UpdatePlan *plan, const char *container, const Record *record);

/**
 * update_plan_group() - put units together
 *
 * Units whose image cannot be updated have failed, and a fault for each is reported. Return: 0 or -ENOMEM.
 */
int update_plan_group(UpdatePlan *plan);

/* All that runs. Return: 0, or -errno with a fault. */
int update_plan_read(UpdatePlan *plan, Fault *fault);

void update_plan_done(UpdatePlan *plan);

const char *update_result_to_string(UpdateResult result);
