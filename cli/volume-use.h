/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who uses a volume, and which manifests name it. */

#include "lib/fault.h"
#include "nspawn-glue/volume/store.h"

/* Names of containers that run and have the volume. Return: 0 or -ENOMEM. */
int volume_users(const char *name, char ***ret);

/* Why a volume cannot be had alone: who uses it. Return: -EBUSY, always. */
int volume_raise_used(const char *name, const char *what, Fault *fault);

/* What manifests and loaded units say of volumes. */
typedef struct VolumeNames {
        char **texts;  /* names, with specifiers maybe */
        char **places; /* whose they are, as many */
        Fault doubt;   /* raised when there may be more: a manifest cannot be read */
} VolumeNames;

int volume_names_read(VolumeNames *ret, Fault *fault);

/* Whose name it is; NULL when nobody names it. */
const char *volume_names_find(const VolumeNames *names, const char *name);

void volume_names_done(VolumeNames *names);
