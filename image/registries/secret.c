/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/secret.h"

#include <jansson.h>
#include <malloc.h>
#include <string.h>

void secret_free(char *text) {
        if (text)
                explicit_bzero(text, strlen(text));
        free(text);
}

static void wipe_and_free(void *memory) {
        if (memory)
                explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
}

void secret_wipe_json(void) {
        json_set_alloc_funcs(malloc, wipe_and_free);
}
