/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Flags of slipway run that are more than a line: the functions of the table in cli/run-flags.c. */

#include "cli/run-manifest.h"

RunTake take_caps_retain; /* rkt: these, and no others */
RunTake take_env;         /* a name alone, or "PREFIX*", stands for what the caller has */
RunTake take_env_file;    /* relative to where the caller is, as all paths here */
RunTake take_env_host;
RunTake take_hosts_entry; /* rkt: ADDRESS=NAME, the other way round */
RunTake take_mount;
RunTake take_no_healthcheck;
RunTake take_property; /* for the section that it belongs to */
RunTake take_restart;
RunTake take_sdnotify; /* podman's words for Notify= */
RunTake take_security; /* a family of its own */
RunTake take_slice;
RunTake take_volume;
