/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What confines a container, by name or file. */

#include "generator/values/value.h"

ValueParse seccomp_parse;  /* "unconfined", or the path of a profile, made absolute */
ValueParse apparmor_parse; /* "unconfined", or a profile */
ValueParse mask_parse;     /* absolute paths, joined by ':' */
ValueParse unmask_parse;   /* the same, or "ALL" */
ValueParse selinux_parse;  /* a part of an SELinux context */
