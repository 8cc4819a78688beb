/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Pairs of a name and a value: environment, labels, kernel settings. */

#include "generator/values/value.h"

ValueParse env_parse;      /* NAME=VALUE, NAME to import, NAME* to import by prefix */
ValueParse env_parse_file; /* a path; with "-" in front, the file may be missing */
ValueParse label_parse;    /* NAME=VALUE; a NAME alone becomes "NAME=" */
ValueParse sysctl_parse;   /* KEY=VALUE, of those that belong to the container alone */
