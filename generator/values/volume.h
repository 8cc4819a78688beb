/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Volumes: SOURCE:TARGET[:OPTION,…]. */

#include "generator/values/value.h"

/* With the source made absolute. */
ValueParse volume_parse;

/* The part after the second colon alone, for Mount=. */
int volume_check_options(const char *options, const char **later, Fault *fault);
