/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a container tells the service manager: of no message anything remains that names a process. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/notify-filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = malloc(size + 1);
        char *line, *rest;
        size_t n;

        if (!text || size > 65536)
                return 0;
        memcpy(text, data, size);
        n = notify_filter(text, size);
        assert(n <= size && !memchr(text, '\0', n));

        /* It stays as it is when it comes by once more. */
        assert(notify_filter(text, n) == n);
        text[n] = '\0';
        for (rest = text; (line = strsep(&rest, "\n\r"));)
                assert(!*line || (strchr(line, '=') && strncmp(line, "MAINPID", 7) != 0 &&
                                                 strncmp(line, "NOTIFYACCESS=", 13) != 0));
        return 0;
}
