/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int health_log_init(HealthLog *log, unsigned max) {
        HealthResult *results = calloc(max, sizeof(HealthResult));

        if (!results)
                return -ENOMEM;
        *log = (HealthLog){ .results = results, .max = max };
        return 0;
}

void health_log_done(HealthLog *log) {
        for (unsigned i = 0; i < log->n; i++)
                free(log->results[i].output);
        free(log->results);
        *log = (HealthLog){};
}

void health_log_add(HealthLog *log, const HealthResult *result) {
        if (log->n == log->max) {
                free(log->results[0].output);
                memmove(log->results, log->results + 1, (log->max - 1) * sizeof(HealthResult));
                log->n--;
        }
        log->results[log->n++] = *result;
}

/* How many bytes the character at @s has, 0 when it is none: too long, a surrogate, out of range, cut off.
 */
static size_t utf8_length(const unsigned char *s, size_t n) {
        static const struct {
                unsigned char mask, lead;
                uint32_t least;
        } forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
                { 0xf8, 0xf0, 0x10000 } };

        for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]) && form < n; form++) {
                uint32_t c = s[0] & (unsigned char) ~forms[form].mask;

                if ((s[0] & forms[form].mask) != forms[form].lead)
                        continue;
                for (size_t i = 1; i <= form; i++) {
                        if ((s[i] & 0xc0) != 0x80)
                                return 0;
                        c = c << 6 | (s[i] & 0x3f);
                }
                return c < forms[form].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : form + 1;
        }
        return 0;
}

/* Control characters of ASCII, and those that came later: U+0080 to U+009F. */
static bool is_control(const unsigned char *s, size_t n) {
        return n == 1 ? s[0] < 0x20 || s[0] == 0x7f : n == 2 && s[0] == 0xc2 && s[1] < 0xa0;
}

static void put_escaped(FILE *stream, unsigned char c) {
        static const char letters[] = "b\bf\fn\nr\rt\t\"\"\\\\";

        for (const char *l = letters; *l; l += 2)
                if ((unsigned char) l[1] == c) {
                        (void) fprintf(stream, "\\%c", l[0]);
                        return;
                }
        (void) fprintf(stream, "\\u%04x", c);
}

static void put_text(FILE *stream, const HealthResult *result) {
        const unsigned char *s = (const unsigned char *) result->output;

        (void) fputc('"', stream);
        for (size_t i = 0, n; i < result->size; i += n) {
                n = utf8_length(s + i, result->size - i);
                if (is_control(s + i, n))
                        put_escaped(stream, s[i + n - 1]);
                else if (n == 1 && (s[i] == '"' || s[i] == '\\'))
                        put_escaped(stream, s[i]);
                else if (n > 0)
                        (void) fwrite(s + i, 1, n, stream);
                else {
                        (void) fputs("\xef\xbf\xbd", stream);
                        n = 1;
                }
        }
        (void) fputs(result->is_cut ? "...\"" : "\"", stream);
}

static void put_time(FILE *stream, const char *key, uint64_t usec) {
        time_t seconds = (time_t) (usec / 1000000);
        struct tm tm;
        char text[32] = "";

        if (gmtime_r(&seconds, &tm))
                (void) strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
        (void) fprintf(stream, "\"%s\":\"%s.%06uZ\",", key, text, (unsigned) (usec % 1000000));
}

int health_log_to_json(
                const HealthLog *log, HealthStatus status, unsigned streak, char **ret, size_t *ret_size) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return -ENOMEM;
        (void) fprintf(stream, "{\"Status\":\"%s\",\"FailingStreak\":%u,\"Log\":[",
                        health_status_to_string(status), streak);
        for (unsigned i = 0; i < log->n; i++) {
                const HealthResult *result = &log->results[i];

                (void) fputs(i > 0 ? ",{" : "{", stream);
                put_time(stream, "Start", result->began);
                put_time(stream, "End", result->ended);
                (void) fprintf(stream, "\"ExitCode\":%d,\"Output\":", result->exit_status);
                put_text(stream, result);
                (void) fputc('}', stream);
        }
        (void) fputs("]}\n", stream);
        if (fclose(stream) != 0) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
        *ret_size = size;
        return 0;
}

/* Whole characters as long as there is room. Of control characters, @kept stay as they are. */
static void copy(const char *from, size_t n, const char *kept, char *to, size_t size) {
        const unsigned char *s = (const unsigned char *) from;

        for (size_t i = 0, k; i < n; i += k) {
                k = utf8_length(s + i, n - i);
                if (k >= size)
                        break;
                if (k == 0 || (is_control(s + i, k) && (k > 1 || !s[i] || !strchr(kept, s[i])))) {
                        k = k > 1 ? k : 1;
                        if (size < 2)
                                break;
                        *to++ = '?';
                } else {
                        memcpy(to, s + i, k);
                        to += k;
                }
                size -= k;
        }
        *to = '\0';
}

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void health_last_line(const HealthResult *result, char *ret, size_t size) {
        size_t end = result->size, begin;

        while (end > 0 && is_blank(result->output[end - 1]))
                end--;
        for (begin = end; begin > 0 && result->output[begin - 1] != '\n'; begin--)
                ;
        while (begin < end && is_blank(result->output[begin]))
                begin++;
        copy(result->output + begin, end - begin, "", ret, size);
}

void health_output(const HealthResult *result, char *ret, size_t size) {
        copy(result->output, result->size, "\t\n", ret, size);
}
