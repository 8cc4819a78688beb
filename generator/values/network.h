/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Networks: none, host, private, and those that need more than a namespace. */

#include "generator/values/value.h"

ValueParse network_parse;
