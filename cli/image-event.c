/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/image-event.h"

#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "cli/state.h"
#include "lib/paths.h"

/* A store of one's own, in tests for instance, is nobody else's business. */
void image_event(MessageId id, const char *name, const Digest *digest) {
        if (strcmp(state_directory(), SLIPWAY_STATE_DIR) != 0)
                return;
        (void) sd_journal_send("MESSAGE=%s image %s%ssha256:%.12s",
                        id == MESSAGE_IMAGE_IMPORTED ? "Imported" : "Removed", name ?: "", name ? ", " : "",
                        digest->hex, "MESSAGE_ID=%s", message_id_to_string(id), "PRIORITY=%d", LOG_INFO,
                        "IMAGE_NAME=%s", name ?: digest->hex, "IMAGE_ID=sha256:%s", digest->hex, NULL);
}
