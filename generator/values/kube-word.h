/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values of [Kube] that are one of a few words. */

#include "generator/values/value.h"

ValueParse kube_parse_auto_update;       /* registry, local, CONTAINER/registry, CONTAINER/local */
ValueParse kube_parse_propagation;       /* none, any, all */
ValueParse kube_parse_working_directory; /* yaml, unit */
