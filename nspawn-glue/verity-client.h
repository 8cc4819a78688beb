/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Images whose every block is verified when it is read
 *
 * slipway-verity(8) makes one file system of an image's layers, with a tree of
 * hashes behind it, and mounts that through device-mapper. It takes libraries
 * and rights that the launcher has not, so it is a program that is asked, over
 * a connection with messages as in image/wire.h:
 *
 *      {"do": "mount", "image": "sha256:HEX", "root_hash": "HEX"}
 *              "root_hash": absent when any will do that is recorded
 *
 * and that answers, until it has ended:
 *
 *      {"note": "…"}                          it takes its time; what it is doing
 *      {"end": {"root_hash": "HEX"}}          + file: the mount, attached nowhere
 *      {"error": {"kind", "errno", "text"}}
 *
 * The device is gone when the last mount of it is.
 */

#include "image/digest.h"
#include "lib/fault.h"

#define VERITY_SOCKET "/run/slipway/verity.socket"

/**
 * verity_mount() - have an image mounted
 * @root_hash:  what it must be, or NULL
 * @ret:        the mount
 *
 * Tells the service manager what is being waited for. Return: 0 or -errno with a fault.
 */
int verity_mount(const Digest *image, const char *root_hash, int *ret, Fault *fault);
