/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals: TERM, SIGTERM, 15, RTMIN+3. */

#include "generator/values/value.h"

ValueParse signal_parse;
