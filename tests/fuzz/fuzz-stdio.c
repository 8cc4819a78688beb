/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cuts bytes into lines in pieces whose size the first byte says: no byte of a line may be lost or made up.
 */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "nspawn-glue/stdio/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input, to work out in a simpler way what the next line has to be. */
typedef struct Expected {
        const char *at, *end;
} Expected;

/* Return: how long the line at the front is; moves behind it and its line break. */
static Line next_line(Expected *expected) {
        size_t left = (size_t) (expected->end - expected->at);
        const char *stop = left > 0 ? memchr(expected->at, '\n', left) : NULL;
        const char *nul = left > 0 ? memchr(expected->at, '\0', left) : NULL;

        Line line = { .text = expected->at, .size = left };

        if (nul && (!stop || nul < stop))
                stop = nul;
        if (stop)
                line.size = (size_t) (stop - expected->at);
        if (line.size >= LINE_MAX_SIZE) {
                line.size = LINE_MAX_SIZE;
                line.is_cut = true;
                expected->at += LINE_MAX_SIZE;
                return line;
        }
        expected->at += line.size + (stop != NULL);
        if (stop && *stop == '\n' && line.size > 0 && line.text[line.size - 1] == '\r')
                line.size--;
        return line;
}

static void check(const Line *line, void *into) {
        Expected *expected = into;
        Line copy = *line, wanted = {};
        int priority = entry_priority(&copy, 6);

        while (wanted.size == 0 && expected->at < expected->end)
                wanted = next_line(expected);
        assert(line->size > 0 && line->size == wanted.size && line->is_cut == wanted.is_cut);
        assert(memcmp(line->text, wanted.text, line->size) == 0);
        assert(priority >= 0 && priority <= 7 && copy.size <= line->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static LineBuffer buffer;
        Expected expected = { .at = (const char *) data, .end = (const char *) data + size };
        size_t step = size > 0 ? (size_t) data[0] * 17 + 1 : 1;

        buffer.size = 0;
        for (size_t at = 0; at < size;) {
                size_t room, n = step;
                char *to = lines_room(&buffer, &room);

                assert(room > 0);
                n = n > room ? room : n;
                n = n > size - at ? size - at : n;
                memcpy(to, data + at, n);
                lines_take(&buffer, n, check, &expected);
                at += n;
        }
        lines_flush(&buffer, check, &expected);
        while (expected.at < expected.end) {
                Line rest = next_line(&expected);

                assert(rest.size == 0);
        }
        return 0;
}
