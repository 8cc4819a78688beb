/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether the store is whole
 *
 * Names lead to images, images have their documents and layers, layers say
 * what they are, and nothing lies about that nobody needs. Documents are
 * compared with their digests; for the files of layers there is
 * image/check-layers.h.
 */

#include "image/store.h"
#include "lib/finding.h"

/**
 * store_check() - look at everything
 * @store:      locked shared
 * @deep:       read all documents, and compare them with their digests
 *
 * Return: 0 whatever was found, or -errno with a fault when it could not be looked at.
 */
int store_check(Store *store, bool deep, Findings *findings, Fault *fault);
