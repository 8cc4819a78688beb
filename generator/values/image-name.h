/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* References to images: [REGISTRY/]NAME[:TAG][@DIGEST]. */

#include "generator/values/value.h"

/* Without "docker://". Knows x.image and x.build, and transports that are not registries. */
ValueParse image_name_parse;
