/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names in a layer's archive that are about other names. Who unpacks a layer and who verifies it agree on
 * them. */

#include <stdbool.h>
#include <string.h>

#define WHITEOUT ".wh."
#define META ".wh..wh."
#define OPAQUE ".wh..wh..opq"

static inline bool starts_with(const char *text, const char *start) {
        return strncmp(text, start, strlen(start)) == 0;
}

/* What AUFS kept for itself in a layer is of no use to anybody: .wh..wh.plnk, .wh..wh.aufs, .wh..wh.orph. */
static inline bool is_aufs(const char *path) {
        for (const char *at = path; at; at = strchr(at, '/')) {
                size_t n;

                at += *at == '/';
                n = strcspn(at, "/");
                if (starts_with(at, META) && !(n == strlen(OPAQUE) && starts_with(at, OPAQUE)))
                        return true;
        }
        return false;
}
