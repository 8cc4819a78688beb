/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * .kube files: manifests that stand for several
 *
 * What the YAML of X.kube says becomes manifests of pods, containers and volumes that are in no file, and
 * join the others: names, collisions, references and translation know nothing of where they came from.
 * X.kube itself becomes the unit that stands for all of them.
 *
 * None is half applied. A mistake anywhere is told by the unit of X.kube, and none of the others is made;
 * that is why they are translated once for nothing, when all manifests are known.
 */

#include "generator/quadlet/manifest.h"
#include "generator/search.h"

/**
 * kube_expand() - make the manifests of all .kube files
 * @set:        all others; they join it
 *
 * Return: 0 or -ENOMEM; what is wrong goes to the faults of the .kube file.
 */
int kube_expand(ManifestSet *set);

/**
 * kube_settle() - see to it that all of a .kube file can be translated, or none is
 *
 * Faults go to the .kube file, whose other manifests count as masked then. Return: 0 or -ENOMEM.
 */
int kube_settle(ManifestSet *set, SearchScope scope);
