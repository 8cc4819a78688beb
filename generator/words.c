/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/words.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "generator/utf8.h"
#include "lib/strv.h"

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int digit_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return 16;
}

/* Exactly @n digits. Return: whether they are there and more than zero, which would end the text. */
static bool read_digits(const char *text, size_t n, unsigned base, uint32_t *ret) {
        uint64_t value = 0;

        for (size_t i = 0; i < n; i++) {
                unsigned digit = (unsigned) digit_value(text[i]);

                if (digit >= base)
                        return false;
                value = value * base + digit;
        }
        *ret = (uint32_t) value;
        return value > 0;
}

static size_t unescape_byte(const char *text, size_t n, unsigned base, char *word, size_t *size) {
        uint32_t value;

        if (!read_digits(text, n, base, &value) || value > 0xff)
                return 0;
        word[(*size)++] = (char) value;
        return n;
}

static size_t unescape_character(const char *text, size_t n, char *word, size_t *size) {
        uint32_t value;

        if (!read_digits(text, n, 16, &value) || !utf8_is_character(value))
                return 0;
        *size += utf8_encode(value, word + *size);
        return n;
}

/* @text is what follows the backslash. Return: how much of it was understood, 0 for nothing. */
static size_t unescape(const char *text, char *word, size_t *size) {
        static const char letters[] = "abfnrtv\\\"'s", meanings[] = "\a\b\f\n\r\t\v\\\"' ";
        const char *letter = *text ? strchr(letters, *text) : NULL;
        size_t n;

        if (letter) {
                word[(*size)++] = meanings[letter - letters];
                return 1;
        }

        switch (*text) {

        case 'x':
                n = unescape_byte(text + 1, 2, 16, word, size);
                return n > 0 ? n + 1 : 0;

        case 'u':
                n = unescape_character(text + 1, 4, word, size);
                return n > 0 ? n + 1 : 0;

        case 'U':
                n = unescape_character(text + 1, 8, word, size);
                return n > 0 ? n + 1 : 0;

        default:
                return unescape_byte(text, 3, 8, word, size);
        }
}

/* A backslash, and what it does to what follows. */
static void take_escape(WordReader *reader, char *word, size_t *size) {
        const char *backslash = reader->at++;
        size_t n = unescape(reader->at, word, size);

        reader->at += n;
        if (n > 0)
                return;

        /* Unknown: both stay, as systemd does it. At the very end there is only the backslash. */
        if (!reader->odd_escape)
                reader->odd_escape = backslash;
        word[(*size)++] = '\\';
        if (*reader->at)
                word[(*size)++] = *reader->at++;
}

int word_next(WordReader *reader, char *word, Fault *fault) {
        char quote = '\0';
        size_t size = 0;

        while (is_blank(*reader->at))
                reader->at++;
        if (!*reader->at)
                return 0;

        reader->start = reader->at;
        while (*reader->at && (quote || !is_blank(*reader->at))) {
                char c = *reader->at;

                if (c == '\\' && !(reader->flags & WORDS_LITERAL_BACKSLASH))
                        take_escape(reader, word, &size);
                else if (c == quote) {
                        quote = '\0';
                        reader->at++;
                } else if (!quote && (c == '"' || c == '\'')) {
                        quote = c;
                        reader->at++;
                } else {
                        word[size++] = c;
                        reader->at++;
                }
        }
        word[size] = '\0';

        if (quote)
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "a quote %c is opened and never closed", quote);
        return 1;
}

int words_split(const char *value, WordFlags flags, char ***words, Fault *fault) {
        WordReader reader = { .at = value, .flags = flags };
        autofree char *word = malloc(strlen(value) + 1);
        autostrv char **found = NULL;
        int r;

        if (!word)
                return -ENOMEM;

        while ((r = word_next(&reader, word, fault)) > 0) {
                r = strv_append(&found, word);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : strv_extend(words, found);
}

int boolean_parse(const char *value, bool *ret) {
        static const struct {
                const char *word;
                bool value;
        } words[] = {
                { "1", true },
                { "yes", true },
                { "y", true },
                { "true", true },
                { "t", true },
                { "on", true },
                { "0", false },
                { "no", false },
                { "n", false },
                { "false", false },
                { "f", false },
                { "off", false },
        };

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strcasecmp(value, words[i].word) == 0) {
                        *ret = words[i].value;
                        return 0;
                }
        return -EINVAL;
}
