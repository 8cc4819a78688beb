/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/fault.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts rather than fails: a message that is too long is still a message. */
static void copy_cut(char *to, size_t size, const char *from) {
        size_t n = from ? strnlen(from, size - 1) : 0;

        if (n > 0)
                memmove(to, from, n);
        to[n] = '\0';
}

/* Control characters of ASCII, and those that came later: U+0080 to U+009F. */
void fault_tame(char *text) {
        for (unsigned char *c = (unsigned char *) text; *c; c++)
                if (*c < 0x20 || *c == 0x7f)
                        *c = '?';
                else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
                        c[0] = c[1] = '?';
}

void fault_locate(Fault *fault, const Place *place) {
        if (!fault)
                return;

        copy_cut(fault->path, sizeof(fault->path), place->path);
        copy_cut(fault->key, sizeof(fault->key), place->key);
        fault_tame(fault->key);
        fault->line = place->line;
        fault->column = place->column;
        fault->is_field = place->is_field;
}

int fault_raise(Fault *fault, FaultKind kind, int error, const char *format, ...) {
        va_list ap;

        assert(error > 0);

        if (!fault)
                return -error;

        assert(fault->error == 0);
        fault->kind = kind;
        fault->error = error;

        va_start(ap, format);
        (void) vsnprintf(fault->text, sizeof(fault->text), format, ap);
        va_end(ap);
        fault_tame(fault->text);

        return -error;
}

int fault_wrap(Fault *fault, int r, const char *format, ...) {
        char was[sizeof(fault->text)], doing[256];
        va_list ap;

        assert(r < 0);

        if (!fault)
                return r;

        if (fault->error == 0) {
                fault->kind = FAULT_SYSTEM;
                fault->error = -r;
                copy_cut(fault->text, sizeof(fault->text), strerror(-r));
        }

        va_start(ap, format);
        (void) vsnprintf(doing, sizeof(doing), format, ap);
        va_end(ap);

        copy_cut(was, sizeof(was), fault->text);
        if (snprintf(fault->text, sizeof(fault->text), "%s: %s", doing, was) < 0)
                fault->text[0] = '\0';
        fault_tame(fault->text);

        return r;
}

int fault_mark(Fault *fault, MessageId message, int r) {
        if (fault)
                fault->message = message;
        return r;
}

bool fault_is_raised(const Fault *fault) {
        return fault && fault->error > 0;
}

void fault_clear(Fault *fault) {
        if (!fault)
                return;

        fault->kind = FAULT_NONE;
        fault->error = 0;
        fault->message = MESSAGE_NONE;
        fault->text[0] = '\0';
}

static const char *const kind_names[_FAULT_KIND_MAX] = {
        [FAULT_NONE] = "none",
        [FAULT_SYSTEM] = "system",
        [FAULT_SYNTAX] = "syntax",
        [FAULT_VALUE] = "value",
        [FAULT_UNKNOWN_KEY] = "unknown-key",
        [FAULT_UNSUPPORTED] = "unsupported",
        [FAULT_MISSING] = "missing",
        [FAULT_CONFLICT] = "conflict",
        [FAULT_INTEGRITY] = "integrity",
        [FAULT_HOSTILE] = "hostile",
};

const char *fault_kind_to_string(FaultKind kind) {
        return kind < _FAULT_KIND_MAX ? kind_names[kind] : "unknown";
}

FaultKind fault_kind_from_string(const char *word) {
        for (FaultKind kind = FAULT_NONE; kind < _FAULT_KIND_MAX; kind++)
                if (strcmp(kind_names[kind], word) == 0)
                        return kind;
        return FAULT_NONE;
}
