/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Volume= and Mount= in a container: what they say of volumes and images that have manifests. */

#include "generator/quadlet/key-load.h"

/* Whether it is one of these keys. */
bool volume_reference_is_in(const KeyRow *row);

/**
 * volume_reference_resolve() - look at the item that was added last
 * @place:      where it is
 *
 * In the place of "x.volume" comes what the volume is called, and "x.image" becomes the name of the image;
 * their units are needed then. So is that of a volume which is called by its own name.
 *
 * Return: 0, also with faults; -ENOMEM.
 */
int volume_reference_resolve(KeyLoad *load, const KeyRow *row, const Place *place);

/* The same for a text that Volume= could have, whoever has said it. */
int volume_reference_resolve_volume(KeyLoad *load, char **item, const Place *place);
