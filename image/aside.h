/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Layers that are not what they should be
 *
 * Such a layer is marked. Who brings an image takes a marked layer for one
 * that is not there, and puts his own in its place, at once: there is no
 * moment without one. Containers that run have the old one mounted, so it
 * stays aside, as layers/HEX.aside-DRAFT, until none of them runs any more.
 */

#include "image/change.h"

/* Return: 0, -ENOENT when there is no such layer, -errno. */
int layer_mark(Store *store, const Digest *chain_id);
bool layer_is_marked(const Store *store, const Digest *chain_id);

/* Puts @name of the draft in the place of a marked layer. The store is locked exclusively. Return: 0 or
 * -errno. */
int layer_exchange(Store *store, Draft *draft, const char *name, const Digest *chain_id);

/* Takes out what is aside and not used any more. The store is locked exclusively. Return: 0 or -errno. */
int layers_sweep_aside(Store *store, Draft *draft);
