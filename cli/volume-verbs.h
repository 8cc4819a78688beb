/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parts of slipway volume; cli/volume.c reads the command line. */

#include <stdbool.h>
#include <stdint.h>

#include "cli/listing.h"
#include "nspawn-glue/volume/store.h"

/* What was said on the command line. */
typedef struct VolumeCall {
        const char *verb; /* for messages: "volume" */
        ListingStyle style;
        VolumeConfig config; /* create; borrowed but for the labels */
        const char *output;  /* export: NULL for standard output */
        bool replace;        /* import */
        bool ignore;         /* create: one that is there is fine; rm: one that is not */
        char **arguments;
        int n;
} VolumeCall;

/* Each returns an exit status, and has told what went wrong. */
int volume_verb_list(const VolumeCall *call);
int volume_verb_inspect(const VolumeCall *call);
int volume_verb_create(const VolumeCall *call);
int volume_verb_rm(const VolumeCall *call);
int volume_verb_prune(const VolumeCall *call);

/* volume-archive.c, in slipway-images only */
int volume_verb_export(const VolumeCall *call);
int volume_verb_import(const VolumeCall *call);

/* Tells a fault. Return: VERB_FAILED. */
int volume_tell(const char *what, const char *name, int r, Fault *fault);

/* The directory of all volumes; a fault when it cannot be opened, -1 and 0 when there is none. */
int volume_verbs_open(bool make, int *ret, Fault *fault);
