/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Pods, as their own front end and their containers see them. */

#include "generator/model/pod.h"
#include "generator/quadlet/key-load.h"

/**
 * pod_read() - understand a .pod file, but for which containers are in it
 * @ret:        the pod, also when some of its keys were faulty
 *
 * Return: 0 or -ENOMEM.
 */
int pod_read(const Manifest *manifest, const ManifestSet *all, Pod **ret, FaultList *faults);

/**
 * pod_member_apply() - what a container has of its pod
 *
 * Does nothing for one without Pod=. What is wrong is told at the container's keys. Return: 0 or -ENOMEM.
 */
int pod_member_apply(KeyLoad *load);
