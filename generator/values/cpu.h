/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Shares of processors, which only PodmanArgs= speaks of: the keys are systemd's own. */

#include "generator/values/value.h"

ValueParseNumber cpu_parse_quota;  /* "1.5" processors, to hundredths of a percent of one */
ValueParseNumber cpu_parse_shares; /* 2 to 262144, 1024 is usual; to a weight */
ValueParseNumber cpu_parse_weight; /* 1 to 10000, 100 is usual */

ValueParse cpu_parse_oom_score; /* -1000 to 1000 */
