/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What fsck repairs by bringing an image again. */

#include "lib/fault.h"

/**
 * fsck_repair_layer() - bring a layer again that is not what it was
 * @path:       its directory in the store
 *
 * The image is pulled by the digest that its name led to, so it is the same one, and signed as it was.
 * Return: 0, -ENOENT with a fault when no image of the layer came from a registry, -errno.
 */
int fsck_repair_layer(const char *path, Fault *fault);

/* The same for an image that lacks a layer. @path: its directory in the store. */
int fsck_repair_image(const char *path, Fault *fault);
