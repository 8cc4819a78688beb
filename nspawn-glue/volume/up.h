/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Makes a volume what its manifest says, and takes back what does not outlive its unit. */

#include "nspawn-glue/volume/call.h"

/* What has changed since is changed, or it is said why it cannot be. Return: 0 or -errno with a fault. */
int volume_up(const Call *call, Fault *fault);

/* Unmounts; data is never removed. */
int volume_down(const Call *call, Fault *fault);
