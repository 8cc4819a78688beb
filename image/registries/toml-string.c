/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The four kinds of strings. */

#include <string.h>

#include "image/registries/toml-reader.h"

typedef struct StringKind {
        char quote;
        bool escapes, lines;
} StringKind;

/* Where the string ends that begins at @at, behind its first marks. NULL when it does not. */
static const char *find_end(const char *at, const StringKind *kind) {
        for (; *at; at++) {
                if (kind->escapes && *at == '\\' && at[1]) {
                        at++;
                        continue;
                }
                if (!kind->lines && *at == '\n')
                        return NULL;
                if (*at != kind->quote)
                        continue;
                if (!kind->lines)
                        return at;
                if (at[1] == kind->quote && at[2] == kind->quote) {
                        /* One or two marks may stand before the three that end it. */
                        at += at[3] == kind->quote;
                        return at + (at[3] == kind->quote);
                }
        }
        return NULL;
}

static char *put_utf8(char *to, unsigned c) {
        if (c < 0x80)
                *to++ = (char) c;
        else if (c < 0x800) {
                *to++ = (char) (0xc0 | c >> 6);
                *to++ = (char) (0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
                *to++ = (char) (0xe0 | c >> 12);
                *to++ = (char) (0x80 | (c >> 6 & 0x3f));
                *to++ = (char) (0x80 | (c & 0x3f));
        } else {
                *to++ = (char) (0xf0 | c >> 18);
                *to++ = (char) (0x80 | (c >> 12 & 0x3f));
                *to++ = (char) (0x80 | (c >> 6 & 0x3f));
                *to++ = (char) (0x80 | (c & 0x3f));
        }
        return to;
}

/* \uXXXX and \UXXXXXXXX, from its letter on. */
static int take_code(TomlReader *reader, char **to) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        size_t n = *reader->at == 'u' ? 4 : 8;
        unsigned long long c = 0;

        for (size_t i = 1; i <= n; i++) {
                const char *digit = reader->at[i] ? strchr(digits, reader->at[i]) : NULL;

                if (!digit)
                        return toml_fail(reader, "'\\%c' needs %zu hexadecimal digits", *reader->at, n);
                c = c << 4 | (unsigned) ((digit - digits) & 15);
        }
        if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return toml_fail(reader, "there is no such character, or it is none for a text");
        *to = put_utf8(*to, (unsigned) c);
        reader->at += n + 1;
        return 0;
}

/* A backslash at the end of a line takes what is blank behind it. Return: 1 when it was one. */
static int skip_folded(TomlReader *reader, const char *end) {
        const char *at = reader->at + strspn(reader->at, " \t");

        if (*at != '\n' && strncmp(at, "\r\n", 2) != 0)
                return 0;
        for (; at < end && strchr(" \t\r\n", *at); at++) {
                if (*at == '\r' && at[1] != '\n') {
                        reader->at = at;
                        return toml_fail(reader, "a control character in a string");
                }
                if (*at == '\n') {
                        reader->line++;
                        reader->line_start = at + 1;
                }
        }
        reader->at = at;
        return 1;
}

/* Behind a backslash. */
static int take_escape(TomlReader *reader, const StringKind *kind, const char *end, char **to) {
        static const char letters[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
        const char *letter = strchr(letters, *reader->at);
        int r = kind->lines ? skip_folded(reader, end) : 0;

        if (r != 0)
                return r;
        if (*reader->at == 'u' || *reader->at == 'U')
                return take_code(reader, to);
        if (!*reader->at || !letter)
                return toml_fail(
                                reader, "there is no such escape in a string; write '\\\\' for a backslash");
        *(*to)++ = meant[letter - letters];
        reader->at++;
        return 0;
}

static int take_plain(TomlReader *reader, const StringKind *kind, char **to) {
        unsigned char c = (unsigned char) *reader->at;

        if (kind->lines && c == '\r' && reader->at[1] == '\n')
                c = (unsigned char) *++reader->at;
        if ((c < ' ' && c != '\t' && !(kind->lines && c == '\n')) || c == 127)
                return toml_fail(reader, "a control character in a string");
        *(*to)++ = (char) c;
        reader->at++;
        if (c == '\n') {
                reader->line++;
                reader->line_start = reader->at;
        }
        return 0;
}

/* A line break directly behind the first marks is none of the text. */
static void skip_first_break(TomlReader *reader) {
        if (reader->at[0] == '\r' && reader->at[1] == '\n')
                reader->at++;
        if (*reader->at != '\n')
                return;
        reader->line++;
        reader->line_start = ++reader->at;
}

int toml_read_string(TomlReader *reader, bool lines, char **ret) {
        StringKind kind = { .quote = *reader->at, .escapes = *reader->at == '"' };
        autofree char *text = NULL;
        const char *end;
        char *to;

        kind.lines = reader->at[1] == kind.quote && reader->at[2] == kind.quote;
        if (kind.lines && !lines)
                return toml_fail(reader, "a key cannot go over lines");
        end = find_end(reader->at + (kind.lines ? 3 : 1), &kind);
        if (!end)
                return toml_fail(reader, "the string has no end");
        reader->at += kind.lines ? 3 : 1;
        if (kind.lines)
                skip_first_break(reader);

        /* What an escape means is never longer than the escape. */
        to = text = malloc((size_t) (end - reader->at) + 1);
        if (!text)
                return -ENOMEM;
        while (reader->at < end) {
                int r;

                if (kind.escapes && *reader->at == '\\') {
                        reader->at++;
                        r = take_escape(reader, &kind, end, &to);
                } else
                        r = take_plain(reader, &kind, &to);
                if (r < 0)
                        return r;
        }
        *to = '\0';
        reader->at = end + (kind.lines ? 3 : 1);
        *ret = TAKE(text);
        return 0;
}
