/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Notes in the journal about images, for slipway events. */

#include "image/digest.h"
#include "lib/message-ids.h"

/* Where there is no journal, nobody is told. @name is what it was called, or NULL. */
void image_event(MessageId id, const char *name, const Digest *digest);
