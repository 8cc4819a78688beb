/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A directory as a container's root: DIRECTORY[:O][:idmap]. */

#include "generator/values/value.h"

ValueParse rootfs_parse;
