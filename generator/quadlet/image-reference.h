/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Image=x.image in a container: the image of another manifest. */

#include "generator/quadlet/key-load.h"

/**
 * image_reference_resolve() - find out which image is meant, and which unit brings it
 *
 * Puts the name of the image in the place of the manifest's. What is wrong is told at Image=.
 * Return: 0 or -ENOMEM.
 */
int image_reference_resolve(KeyLoad *load);
