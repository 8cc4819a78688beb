/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where things are
 *
 * Fixed places of the host, in one file, so that a manual page can quote
 * them. LIBEXEC_DIR and its like come from the build, see meson.build.
 */

#define SLIPWAY_STATE_DIR "/var/lib/slipway"
#define SLIPWAY_CACHE_DIR "/var/cache/slipway"
#define SLIPWAY_RUNTIME_DIR "/run/slipway"
