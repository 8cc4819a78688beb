/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Trust, at a start
 *
 * An image was verified when it was pulled. At each start the launcher asks
 * whether what was decided then still rests on the policy and keys of today:
 * a digest of all of them is compared with the recorded one. That needs no
 * library and takes microseconds. If they differ, slipway-trust decides anew,
 * from the recorded signatures.
 */

#include "image/digest.h"
#include "image/store.h"

/**
 * trust_check() - whether an image may still be started
 * @store:      locked at least shared
 * @image:      its id
 * @name:       normalised name that it is started by, NULL by id
 *
 * Return: 0; -EAGAIN without a fault when it has to be decided anew; -EKEYREJECTED or -errno with one.
 */
int trust_check(Store *store, const Digest *image, const char *name, Fault *fault);

/* Digest of policy.json and all keys, as they are now; the same as in TrustVerdict. */
int trust_policy_digest(const char *dir, char ret[65], Fault *fault);
