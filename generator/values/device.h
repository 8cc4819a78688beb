/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Devices: [-]HOST[:CONTAINER][:PERMISSIONS]. A "-" is for one that may be missing. */

#include "generator/values/value.h"

/* With all three parts: "/dev/fuse" becomes "/dev/fuse:/dev/fuse:rwm". */
ValueParse device_parse;

/**
 * device_class() - what DeviceAllow= calls the devices in a directory
 * @directory:  "/dev/dri"
 *
 * Return: "char-drm"; NULL for a path that stands for itself.
 */
const char *device_class(const char *directory);
