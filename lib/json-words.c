/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/json-words.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/strv.h"

static void skip_blanks(const char **at) {
        while (**at && strchr(" \t\r\n", **at))
                (*at)++;
}

static char *put_utf8(char *to, uint32_t c) {
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

/* Four hexadecimal digits. */
static int read_hex(const char **at, uint32_t *ret) {
        uint32_t c = 0;

        for (int i = 0; i < 4; i++, (*at)++) {
                const char digit = (char) tolower((unsigned char) **at);

                if (!isxdigit((unsigned char) digit))
                        return -EINVAL;
                c = c << 4 | (uint32_t) (isdigit((unsigned char) digit) ? digit - '0' : digit - 'a' + 10);
        }
        *ret = c;
        return 0;
}

/* What follows "\u", with the second half of a pair. NUL cannot be in a word. */
static int read_unicode(const char **at, char **to) {
        uint32_t c, low;

        if (read_hex(at, &c) < 0 || c == 0 || (c >= 0xdc00 && c < 0xe000))
                return -EINVAL;
        if (c >= 0xd800 && c < 0xdc00) {
                if ((*at)[0] != '\\' || (*at)[1] != 'u')
                        return -EINVAL;
                *at += 2;
                if (read_hex(at, &low) < 0 || low < 0xdc00 || low >= 0xe000)
                        return -EINVAL;
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
        *to = put_utf8(*to, c);
        return 0;
}

/* What follows a backslash. */
static int read_escape(const char **at, char **to) {
        static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
        const char *name;

        if (**at == 'u') {
                (*at)++;
                return read_unicode(at, to);
        }
        name = **at ? strchr(names, **at) : NULL;
        if (!name)
                return -EINVAL;
        *(*to)++ = bytes[name - names];
        (*at)++;
        return 0;
}

/* A string from behind its opening quote to behind its closing one. It only gets shorter by reading. */
static int read_string(const char **at, char *word) {
        while (**at != '"') {
                if ((unsigned char) **at < 0x20)
                        return -EINVAL;
                if (**at == '\\') {
                        (*at)++;
                        if (read_escape(at, &word) < 0)
                                return -EINVAL;
                } else
                        *word++ = *(*at)++;
        }
        (*at)++;
        *word = '\0';
        return 0;
}

static int wrong(Fault *fault, const char *text) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not a JSON array of strings", text);
}

static int read_array(const char *text, char *word, char ***words, Fault *fault) {
        const char *at = text + 1;

        skip_blanks(&at);
        while (*at != ']') {
                if (*at != '"')
                        return wrong(fault, text);
                at++;
                if (read_string(&at, word) < 0)
                        return wrong(fault, text);
                if (strv_append(words, word) < 0)
                        return -ENOMEM;

                skip_blanks(&at);
                if (*at == ',') {
                        at++;
                        skip_blanks(&at);
                        if (*at == ']')
                                return wrong(fault, text);
                } else if (*at != ']')
                        return wrong(fault, text);
        }
        at++;
        skip_blanks(&at);
        return *at ? wrong(fault, text) : 0;
}

int json_words_parse(const char *text, char ***words, Fault *fault) {
        autofree char *word = malloc(strlen(text) + 1);
        autostrv char **list = NULL;
        int r;

        if (!word)
                return -ENOMEM;

        r = read_array(text, word, &list, fault);
        if (r < 0)
                return r;
        if (!list)
                list = calloc(1, sizeof(char *));
        if (!list)
                return -ENOMEM;

        if (!*words) {
                *words = TAKE(list);
                return 0;
        }
        return strv_extend(words, list);
}
