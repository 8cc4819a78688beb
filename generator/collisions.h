/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names that two manifests claim
 *
 * Two manifests of one service make one unit, which tells of both. Of two
 * containers, networks or volumes with one name the first is started, and the
 * other tells of it. Pods and containers have their names in common.
 */

#include "generator/quadlet/manifest.h"

/**
 * collisions_find() - look for manifests of one service, and for names that two of them have
 *
 * Faults name the other file. A manifest that is not the first of its service is marked as shadowed.
 *
 * Return: 0 or -ENOMEM.
 */
int collisions_find(ManifestSet *set);
