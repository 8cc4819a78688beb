/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/message-ids.h"

#include <stddef.h>

static const char *const ids[_MESSAGE_ID_MAX] = {
#define MESSAGE_ID_TEXT(name, id) [MESSAGE_##name] = (id),
        MESSAGE_IDS(MESSAGE_ID_TEXT)
#undef MESSAGE_ID_TEXT
};

const char *message_id_to_string(MessageId id) {
        return id < _MESSAGE_ID_MAX ? ids[id] : NULL;
}
