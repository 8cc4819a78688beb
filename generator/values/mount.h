/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mounts: type=TYPE,source=…,destination=…,OPTION,…
 *
 * What comes out has the type first, then source and destination under these
 * names, then options as Volume= and Tmpfs= spell them.
 */

#include "generator/values/value.h"

ValueParse mount_parse;
