/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Capabilities, as in capabilities(7). */

#include "generator/values/value.h"

/* Lower case without "cap_", or "all". */
ValueParse capability_parse;
