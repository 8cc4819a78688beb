/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is mounted at the data/ of a volume: by libmount, and by its helpers where a type has one. */

#include "nspawn-glue/volume/store.h"

/* Mounts what the volume is on, and gives its root to whom it was promised. */
int volume_mount(const Volume *volume, Fault *fault);

/* Unmounts it; nothing to do is fine. */
int volume_unmount(const Volume *volume, Fault *fault);

/* Gives the root of a volume to whom it was promised, if to anybody. Return: 0 or -errno with a fault. */
int volume_give(const Volume *volume, Fault *fault);

/* Whether a directory of the host is what is mounted. */
bool volume_is_bind(const VolumeConfig *config);
