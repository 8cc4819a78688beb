/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* "x.image" in a container or a volume: the image of another manifest. */

#include "generator/quadlet/key-load.h"

/**
 * image_reference_resolve() - find out which image is meant, and which unit brings it
 * @place:      where it is named; what is wrong is told there
 * @image:      the name of the image is put in the place of that of a manifest
 * @image_service: the unit, untouched when there is none
 *
 * Return: 0 or -ENOMEM.
 */
int image_reference_resolve(KeyLoad *load, const Place *place, char **image, char **image_service);
