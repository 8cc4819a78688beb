/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Templates of --format: any text is executed on a row or is a fault, and comes to an end. */

#include <stdint.h>
#include <string.h>

#include "cli/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document[] =
                "{\"Name\":\"web\",\"N\":3,\"No\":null,\"L\":[1,\"b\",[]],\"M\":{\"k\":\"v\",\"l\":{}}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = strndup((const char *) data, size), *result = NULL;
        autotemplate Template *template = NULL;
        Fault fault = {};
        size_t length;
        json_t *value;
        FILE *stream;

        if (!text || size > 4096 || template_parse(text, &template, &fault) < 0)
                return 0;
        value = json_loads(document, 0, NULL);
        stream = open_memstream(&result, &length);
        if (value && stream)
                (void) template_execute(template,
                                &(TemplateData){ .shown = value, .raw = value, .is_tame = size % 2 }, stream,
                                &fault);
        if (stream)
                (void) fclose(stream);
        json_decref(value);
        return 0;
}
