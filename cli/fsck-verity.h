/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether what slipway-verity(8) has made of images is what it was. */

#include "image/store.h"
#include "lib/finding.h"

/* Reads all of it, and locks @store for moments only. Return: 0 whatever was found, or -errno with a fault.
 */
int fsck_verity(Store *store, Findings *findings, Fault *fault);
