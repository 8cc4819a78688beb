/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What there is to a volume beyond its keys one by one. */

#include "generator/quadlet/key-load.h"

/* "--opt NAME[=VALUE]" of PodmanArgs=, which is at @place in @line. Return: 0, also with faults; -ENOMEM. */
int volume_option_apply(KeyLoad *load, const Assignment *line, const Place *place, const char *text);
