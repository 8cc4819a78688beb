/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether the files of all layers are what they were unpacked from
 *
 * Each layer of each image is verified (image/verify.h), several at a time.
 * That takes as long as reading all of them, so nobody is kept waiting
 * meanwhile: a layer is pinned while it is looked at, and the store is not
 * locked. Layers do not change, so one look is enough.
 */

#include "image/store.h"
#include "lib/finding.h"

/* In a layer's directory: it is not what it should be, and whoever brings it again puts his in its place. */
#define LAYER_DAMAGED "damaged"

/* A layer that is not what it was; to be repaired by who can bring it again. */
extern const FindingKind finding_layer_changed;

/**
 * store_check_layers() - verify all layers
 * @store:      not locked
 *
 * The subject of a finding is the layer's directory. Return: 0 whatever was found, or -errno with a fault.
 */
int store_check_layers(Store *store, Findings *findings, Fault *fault);
