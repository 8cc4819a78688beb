/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a container has left behind that has ended. */

#include "nspawn-glue/options.h"

/* Removes it, for the container that is named, or for all that do not run. Return: 0 or -errno. */
int clean_container(const Options *options, Fault *fault);
