/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a scalar without quotes is: null, a boolean, a number, or a text. */

#include "lib/yaml-tree.h"

/* Sets kind and value by the text of the node. */
void yaml_scalar_resolve(YamlNode *node);
