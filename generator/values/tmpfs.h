/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* File systems in memory: PATH[:OPTION,…]. */

#include "generator/values/value.h"

ValueParse tmpfs_parse;

/* The options alone, for Mount=. */
int tmpfs_check_options(const char *options, const char **later, Fault *fault);
