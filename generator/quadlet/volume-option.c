/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/podman-flags.h"
#include "generator/quadlet/volume-load.h"
#include "lib/cleanup.h"

/* clang-format off */
static const struct Row {
        const char *name;
        const char *key;
        const char *value; /* in place of one of its own */
} rows[] = {
        { "copy",   "Copy",    "yes" },
        { "device", "Device",  NULL  },
        { "image",  "Image",   NULL  },
        { "nocopy", "Copy",    "no"  },
        { "o",      "Options", NULL  },
        { "size",   "Size",    NULL  },
        { "type",   "Type",    NULL  },
};
/* clang-format on */

static const struct Row *find(const char *name, size_t n) {
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
                        return &rows[i];
        return NULL;
}

static int set(KeyLoad *load, const char *key, const Assignment *line, const Place *place,
                const char *text) {
        return key_set_item(load, podman_flag_row(load->flags, key), line, text, place);
}

/* Owners among the options of a mount are meant for the volume if it is none. */
static int set_mount_options(KeyLoad *load, const Assignment *line, const Place *place, const char *text) {
        autofree char *copy = strdup(text), *rest = copy ? malloc(strlen(text) + 1) : NULL;
        char *next = copy, *word;
        int r = 0;

        if (!rest)
                return -ENOMEM;
        *rest = '\0';
        while (r >= 0 && (word = strsep(&next, ","))) {
                if (strncmp(word, "uid=", 4) == 0)
                        r = set(load, "User", line, place, word + 4);
                else if (strncmp(word, "gid=", 4) == 0)
                        r = set(load, "Group", line, place, word + 4);
                else if (*word)
                        (void) strcat(strcat(rest, *rest ? "," : ""), word);
        }
        return r < 0 || !*rest ? r : set(load, "Options", line, place, rest);
}

int volume_option_apply(KeyLoad *load, const Assignment *line, const Place *place, const char *text) {
        size_t n = strcspn(text, "=");
        const struct Row *row = find(text, n);
        const char *value = text[n] ? text + n + 1 : "";

        if (!row) {
                (void) faults_raise(load->faults, place, FAULT_UNSUPPORTED,
                                "not supported, '--opt %.*s': there are copy, device, image, nocopy, o, "
                                "size and type",
                                n < 100 ? (int) n : 100, text);
                return 0;
        }
        if (strcmp(row->key, "Options") == 0)
                return set_mount_options(load, line, place, value);
        return set(load, row->key, line, place, row->value ? row->value : value);
}
