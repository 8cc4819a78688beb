/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/sink.h"

#include <string.h>

typedef struct TextStream {
        Stream stream;
        const char *text; /* borrowed */
        size_t left;
} TextStream;

static ssize_t text_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        TextStream *text = (TextStream *) stream;
        size_t n = text->left < size ? text->left : size;

        memcpy(buffer, text->text, n);
        text->text += n;
        text->left -= n;
        return (ssize_t) n;
}

int sink_put_text(Sink *sink, const char *name, const void *text, size_t size, Fault *fault) {
        TextStream stream = { { text_read, NULL, NULL }, text, size };

        return sink->put(sink, name, (int64_t) size, &stream.stream, fault);
}
