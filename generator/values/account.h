/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Users and groups of the host, by name or by number: a name is looked up when the unit starts. */

#include "generator/values/value.h"

ValueParse account_parse; /* a name, or a decimal number below 2^32 - 1 */
