/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Durations as Go writes them: "30s", "1m30s", "1.5h", "0". */

#include "generator/values/value.h"

ValueParse duration_parse;            /* as it is written */
ValueParse duration_parse_or_disable; /* or "disable" */
ValueParse duration_parse_idle;       /* a span of systemd.time(7), to seconds with a fraction */
ValueParse duration_parse_stop;       /* seconds as a number, to a value of TimeoutStopSec= */
