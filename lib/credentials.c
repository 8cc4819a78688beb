/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/credentials.h"

#include <string.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool secret_name_is_valid(const char *name) {
        size_t n = strlen(name);

        return n > 0 && n <= SECRET_NAME_MAX && strchr(ALNUM, *name) && strspn(name, ALNUM "_.-") == n;
}
