/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Amounts of memory: "512m", "1.5g", see lib/size.h. */

#include "generator/values/value.h"

ValueParseNumber size_parse_limit; /* 0 is no limit */
ValueParseNumber size_parse_swap;  /* the same, and so is -1 */
ValueParse size_parse_bytes;       /* as plain bytes, 0 included */
