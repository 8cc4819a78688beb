/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/registry-error.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "image/doc.h"
#include "lib/fault.h"

static void add(char *text, size_t size, const char *words) {
        size_t n = strlen(text);

        if (*words)
                (void) snprintf(text + n, size - n, "%s%.160s", n > 0 ? ", " : "", words);
}

/* A message is for people; where there is none, the code is better than nothing. */
static void add_error(const json_t *error, char *text, size_t size) {
        const char *message = json_string_value(json_object_get(error, "message"));
        const char *code = json_string_value(json_object_get(error, "code"));
        const char *detail = json_string_value(json_object_get(error, "detail"));

        if (message && *message)
                add(text, size, message);
        else if (code)
                add(text, size, code);
        if (detail && *detail && (!message || strcmp(detail, message) != 0))
                add(text, size, detail);
}

void registry_error_text(const char *body, size_t n, char *text, size_t size) {
        autojson json_t *document = body ? json_loadb(body, n, 0, NULL) : NULL;
        const json_t *errors = json_object_get(document, "errors");
        const char *message = json_string_value(json_object_get(document, "message"));
        const char *details = json_string_value(json_object_get(document, "details"));

        *text = '\0';
        for (size_t i = 0; i < json_array_size(errors) && i < 3; i++)
                add_error(json_array_get(errors, i), text, size);

        /* Token servers have a form of their own, or that of OAuth. */
        if (!*text)
                details = details ? details
                                  : json_string_value(json_object_get(document, "error_description"));
        if (!*text && message)
                add(text, size, message);
        if (!*text && details)
                add(text, size, details);
        fault_tame(text);
}
