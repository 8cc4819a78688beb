/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* User namespaces: auto, host, keep-id and what Podman knows besides. */

#include "generator/values/value.h"

/* To auto[:size=N], host, or keep-id[:uid=U,gid=G]. */
ValueParse userns_parse;
