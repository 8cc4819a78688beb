/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "generator/model/kube.h"
#include "generator/quadlet/key-load.h"

/**
 * kube_load_keys() - understand [Kube]
 *
 * The YAML is not looked at. @ret has the model, also when some keys were faulty. Return: 0 or -ENOMEM.
 */
int kube_load_keys(const Manifest *manifest, const ManifestSet *all, Kube **ret, FaultList *faults);
