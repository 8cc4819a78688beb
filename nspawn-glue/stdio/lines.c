/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/stdio/lines.h"

#include <string.h>

char *lines_room(LineBuffer *buffer, size_t *ret_size) {
        *ret_size = sizeof(buffer->bytes) - buffer->size;
        return buffer->bytes + buffer->size;
}

/* Empty lines are no news; the journal's own streams leave them out, too. */
static void hand_on(const char *text, size_t size, bool is_cut, LineTake *take, void *into) {
        const Line line = { .text = text, .size = size, .is_cut = is_cut };

        if (size > 0)
                take(&line, into);
}

/* The end of the line that begins at @at, or NULL. */
static const char *find_break(const char *at, const char *end) {
        while (at < end && *at != '\n' && *at != '\0')
                at++;
        return at < end ? at : NULL;
}

void lines_take(LineBuffer *buffer, size_t n, LineTake *take, void *into) {
        const char *at = buffer->bytes, *end;
        const char *seek = buffer->bytes + buffer->size; /* there is no line break before */

        buffer->size += n;
        end = buffer->bytes + buffer->size;

        for (const char *stop; (stop = find_break(seek, end)); seek = at = stop + 1) {
                size_t size = (size_t) (stop - at);

                if (size > 0 && *stop == '\n' && at[size - 1] == '\r')
                        size--;
                hand_on(at, size, false, take, into);
        }

        buffer->size = (size_t) (end - at);
        if (buffer->size == sizeof(buffer->bytes)) {
                hand_on(at, buffer->size, true, take, into);
                buffer->size = 0;
        }
        if (buffer->size > 0 && at != buffer->bytes)
                memmove(buffer->bytes, at, buffer->size);
}

void lines_flush(LineBuffer *buffer, LineTake *take, void *into) {
        hand_on(buffer->bytes, buffer->size, false, take, into);
        buffer->size = 0;
}
