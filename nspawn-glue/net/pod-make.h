/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Pods are made and removed
 */

#include "nspawn-glue/net/pod-options.h"

/* Of an earlier life nothing is left. The caller's own namespaces are others afterwards. */
int pod_make(const PodOptions *options, Fault *fault);

/* Nothing is wrong when it is not there. Members that still run go on in what they share. */
int pod_remove(const char *name, Fault *fault);
