/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A container that ended without its unit has left a claim on its image. The launcher knows which do not
 * run, and removes what they have left. */
void leftovers_clean(void);
