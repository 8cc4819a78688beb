/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Resource limits: NAME=SOFT[:HARD], see setrlimit(2). */

#include "generator/values/value.h"

/* With the name in lower case, and -1 for unlimited; or "host". */
ValueParse ulimit_parse;
