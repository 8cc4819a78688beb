/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The command line of slipway-volume, which the generator writes and slipway-volume(8) describes. */

#include "nspawn-glue/volume/store.h"

typedef enum CallAction {
        CALL_UP,
        CALL_DOWN,
} CallAction;

typedef struct Call {
        CallAction action;
        const char *name;
        VolumeConfig config;
} Call;

/* @argv has the program's name first. Names of users and groups are looked up. Return: 0, -EINVAL, -ENOMEM.
 */
int call_parse(Call *call, char *const *argv, Fault *fault);

void call_done(Call *call);
