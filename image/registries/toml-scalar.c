/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers, times, true and false: words without quotation marks. */

#include <string.h>

#include "image/registries/toml-reader.h"

#define DIGITS "0123456789"
#define WORD DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-._:"
#define WORD_LIMIT 128

/* Digits with single underscores between them. Return: how long that is, 0 when there is none. */
static size_t span_digits(const char *at, const char *digits) {
        size_t n = 0;

        for (;;) {
                size_t more = strspn(at + n, digits);

                if (more == 0)
                        return 0;
                n += more;
                if (at[n] != '_')
                        return n;
                n++;
        }
}

static void remove_underscores(char *text) {
        char *to = text;

        for (; *text; text++)
                if (*text != '_')
                        *to++ = *text;
        *to = '\0';
}

/* 0x…, 0o… and 0b…. Return: 1 when it is one, 0 when not, -ERANGE. */
static int parse_based(const char *word, int64_t *ret) {
        static const struct {
                char letter;
                int base;
                const char *digits;
        } bases[] = {
                { 'x', 16, DIGITS "abcdefABCDEF" },
                { 'o', 8, "01234567" },
                { 'b', 2, "01" },
        };
        char plain[WORD_LIMIT];

        for (size_t i = 0; i < ELEMENTS(bases); i++) {
                size_t n;

                if (word[0] != '0' || word[1] != bases[i].letter)
                        continue;
                n = span_digits(word + 2, bases[i].digits);
                if (n == 0 || word[2 + n])
                        return 0;
                (void) snprintf(plain, sizeof(plain), "%s", word + 2);
                remove_underscores(plain);
                errno = 0;
                *ret = strtoll(plain, NULL, bases[i].base);
                return errno ? -ERANGE : 1;
        }
        return 0;
}

/* Return: 1 for an integer, 2 for a float, 0 for neither, -ERANGE. */
static int parse_decimal(const char *word, int64_t *ret_integer, double *ret_number) {
        const char *at = word + (*word == '+' || *word == '-');
        size_t n = span_digits(at, DIGITS);
        char plain[WORD_LIMIT];
        bool is_float = false;

        if (n == 0 || (*at == '0' && n > 1))
                return 0;
        at += n;
        if (*at == '.') {
                is_float = true;
                n = span_digits(at + 1, DIGITS);
                if (n == 0)
                        return 0;
                at += 1 + n;
        }
        if (*at == 'e' || *at == 'E') {
                is_float = true;
                at++;
                at += *at == '+' || *at == '-';
                n = span_digits(at, DIGITS);
                if (n == 0)
                        return 0;
                at += n;
        }
        if (*at)
                return 0;

        (void) snprintf(plain, sizeof(plain), "%s", word);
        remove_underscores(plain);
        if (is_float) {
                *ret_number = strtod(plain, NULL);
                return 2;
        }
        errno = 0;
        *ret_integer = strtoll(plain, NULL, 10);
        return errno ? -ERANGE : 1;
}

/* Takes digits as a pattern says, 'd' for each. Return: what follows, or NULL. */
static const char *match(const char *at, const char *pattern) {
        for (; *pattern; pattern++, at++)
                if (*pattern == 'd' ? *at < '0' || *at > '9' : *at != *pattern)
                        return NULL;
        return at;
}

static int two(const char *at) {
        return (at[0] - '0') * 10 + at[1] - '0';
}

static const char *match_date(const char *at) {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        const char *end = match(at, "dddd-dd-dd");
        int year, month, day, most;

        if (!end)
                return NULL;
        year = two(at) * 100 + two(at + 2);
        month = two(at + 5);
        day = two(at + 8);
        if (month < 1 || month > 12)
                return NULL;
        most = days[month - 1] +
               (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 1 : 0);
        return day >= 1 && day <= most ? end : NULL;
}

/* A second may be the sixtieth: there are leap seconds. */
static const char *match_clock(const char *at) {
        const char *end = match(at, "dd:dd:dd");

        if (!end || two(at) > 23 || two(at + 3) > 59 || two(at + 6) > 60)
                return NULL;
        if (*end == '.') {
                size_t n = strspn(end + 1, DIGITS);

                return n ? end + 1 + n : NULL;
        }
        return end;
}

static const char *match_offset(const char *at) {
        const char *end;

        if (*at == 'Z' || *at == 'z')
                return at + 1;
        if (*at != '+' && *at != '-')
                return at;
        end = match(at + 1, "dd:dd");
        return end && two(at + 1) <= 23 && two(at + 4) <= 59 ? end : NULL;
}

static bool is_time(const char *word) {
        const char *at = match_date(word);

        if (!at) {
                at = match_clock(word);
                return at && !*at;
        }
        if (!*at)
                return true;
        if (!strchr("Tt ", *at))
                return false;
        at = match_clock(at + 1);
        if (at)
                at = match_offset(at);
        return at && !*at;
}

/* Return: 1 for one of them. */
static int parse_special(const char *word, Toml *value) {
        const char *name = word + (*word == '+' || *word == '-');

        if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
                value->type = TOML_BOOLEAN;
                value->truth = *word == 't';
                return 1;
        }
        if (strcmp(name, "inf") == 0 || strcmp(name, "nan") == 0) {
                value->type = TOML_FLOAT;
                value->number = strtod(word, NULL);
                return 1;
        }
        return 0;
}

/* Return: 1, or 0 for what is no value. */
static int parse_word(const char *word, Toml *value) {
        int r = parse_special(word, value);

        if (r != 0)
                return r;
        if (is_time(word)) {
                value->type = TOML_TIME;
                value->text = strdup(word);
                return value->text ? 1 : -ENOMEM;
        }
        value->type = TOML_INTEGER;
        r = parse_based(word, &value->integer);
        if (r == 0)
                r = parse_decimal(word, &value->integer, &value->number);
        if (r == 2)
                value->type = TOML_FLOAT;
        return r;
}

int toml_read_scalar(TomlReader *reader, Toml **ret) {
        autotoml Toml *value = toml_new(reader, TOML_INTEGER);
        size_t n = strspn(reader->at, WORD);
        char word[WORD_LIMIT];
        int r;

        if (!value)
                return -ENOMEM;
        /* "1979-05-27 07:32:00" is one value in spite of its blank. */
        if (n == 10 && reader->at[n] == ' ' && match(reader->at, "dddd-dd-dd") &&
                        match(reader->at + n + 1, "dd"))
                n += 1 + strspn(reader->at + n + 1, WORD);
        if (n == 0)
                return toml_fail(reader, "here should be a value");
        if (n >= sizeof(word))
                return toml_fail(reader, "this is no value; a string stands in quotation marks");
        (void) snprintf(word, sizeof(word), "%.*s", (int) n, reader->at);

        r = parse_word(word, value);
        if (r == -ERANGE)
                return toml_fail(reader, "'%s' has more than 64 bits", word);
        if (r == 0)
                return toml_fail(reader, "'%s' is no value; a string stands in quotation marks", word);
        if (r < 0)
                return r;
        reader->at += n;
        *ret = TAKE(value);
        return 0;
}
