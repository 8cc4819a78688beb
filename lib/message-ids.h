/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Kinds of events
 *
 * What happens to containers again and again, and what a person looks for or wants explained, has an id of
 * 128 bits: MESSAGE_ID= of its journal entry. journalctl MESSAGE_ID=… finds all of a kind, and journalctl -x
 * explains them in the words of units/slipway.catalog.
 *
 * To add a kind: a row at the end, with an id of its own (systemd-id128 new), and an entry in the catalog; a
 * gate compares the two. An id is never used for anything else, and never changed: others search for it.
 */

/* clang-format off */
#define MESSAGE_IDS(ROW)                                                        \
        ROW(MANIFEST,         "3ae6a9a775144f3d9614c03370354a51")               \
        ROW(IMAGE_MISSING,    "e6266e423ef14fdd9d9e88f29a282a01")               \
        ROW(NO_COMMAND,       "9fe5b4370def4ea4b7446957c534326e")               \
        ROW(NOT_EXECUTABLE,   "c00413f9f053465cbeb373cd5548a6cf")               \
        ROW(NAME_IN_USE,      "8d855d6b82e64c1da9a6744221cb128f")               \
        ROW(NSPAWN_FAILED,    "bb28fe954996435e9724eff0bd54a2de")               \
        ROW(NOT_READY,        "8e9a4913214c4e2692561fc4793da683")               \
        ROW(OUT_OF_MEMORY,    "d8270ccd1c274d3c8516b5cfdd195bce")               \
        ROW(STOP_SIGNAL_LOST, "a0084762285040ffa9ed5d8b19d36687")               \
        ROW(HEALTHY,          "e948ff273cab4daaa25c5e57af143df9")               \
        ROW(UNHEALTHY,        "793a9609baed44b298d2970b6bc73563")               \
        ROW(SECRET_MISSING,   "b9a1ecf0e27649d8af77fc770fe99cc3")               \
        ROW(SECRET_UNUSABLE,  "078caedb22664e23b96dd288ca88b665")               \
        ROW(LEFTOVERS,        "91e22c499a5549c59635cf18bebc98ca")               \
        ROW(ENDED,            "62ca287dc69e4e999944970e0b8fc58e")               \
        ROW(WATCHDOG_MISSED,  "633ca03901c145bd84892f53d9bd7d04")               \
        ROW(IMAGE_IMPORTED,   "1ae4a66b1c864111bbd2a7eeae5d0a69")               \
        ROW(IMAGE_REMOVED,    "c68208c8c7f34cce9677b425f9797089")               \
        ROW(PAUSED,           "43bda33ca1024b2ea0b789fdff262ac8")               \
        ROW(RESUMED,          "194263dcc9bc479b98273ac1697d35b4")               \
        ROW(PULL_FAILED,      "21c0d4d6826c4e7cb87fbbfc859f6d9d")               \
        ROW(IMAGE_PULLED,     "e1d4a6ee6dc9421496911d8ee1de4038")               \
        ROW(UPDATED,          "8f9c015281014035bb2af68933dd4cc8")               \
        ROW(ROLLED_BACK,      "4017327f1e5548e6841eb160e6607ef8")               \
        ROW(IMAGE_UNTRUSTED,  "b01ce2ba0fb14542a88056740456e423")
/* clang-format on */

typedef enum MessageId {
        MESSAGE_NONE,
#define MESSAGE_ID_ENUM(name, id) MESSAGE_##name,
        MESSAGE_IDS(MESSAGE_ID_ENUM)
#undef MESSAGE_ID_ENUM
                        _MESSAGE_ID_MAX,
} MessageId;

/* Return: 32 digits, or NULL for MESSAGE_NONE. */
const char *message_id_to_string(MessageId id);
