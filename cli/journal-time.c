/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/journal-time.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "1h30m", as Go writes durations: numbers, each with a unit. */
static int parse_span(const char *text, uint64_t *ret) {
        static const struct {
                const char *name;
                uint64_t usec;
        } units[] = {
                { "ms", 1000 },
                { "us", 1 },
                { "d", UINT64_C(86400000000) },
                { "h", UINT64_C(3600000000) },
                { "m", 60000000 },
                { "s", 1000000 },
        };
        uint64_t total = 0;

        if (!*text)
                return -EINVAL;
        while (*text) {
                char *end;
                double number = isdigit((unsigned char) *text) ? strtod(text, &end) : (end = NULL, -1);
                size_t i = 0;

                if (!end || number < 0 || number > 1e9)
                        return -EINVAL;
                while (i < sizeof(units) / sizeof(*units) &&
                                strncmp(end, units[i].name, strlen(units[i].name)) != 0)
                        i++;
                if (i == sizeof(units) / sizeof(*units))
                        return -EINVAL;
                total += (uint64_t) (number * (double) units[i].usec);
                text = end + strlen(units[i].name);
        }
        *ret = total;
        return 0;
}

/* "1700000000" or "1700000000.5"; a year is not meant. */
static int parse_unix(const char *text, uint64_t *ret) {
        size_t n = strspn(text, "0123456789");
        double seconds;
        char *end;

        if (n < 9 || n > 11)
                return -EINVAL;
        seconds = strtod(text, &end);
        if (*end)
                return -EINVAL;
        *ret = (uint64_t) (seconds * 1e6);
        return 0;
}

/* "2026-01-31T12:00:00.5+01:00". Without a zone, it is local time, as for systemd. */
static int parse_date(const char *text, uint64_t *ret) {
        struct tm tm = { .tm_isdst = -1 };
        const char *rest;
        long offset = 0;
        time_t seconds;
        char sign;
        int hours, minutes;

        rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
        if (!rest)
                rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
        if (!rest)
                return -EINVAL;
        if (*rest == '.')
                rest += 1 + strspn(rest + 1, "0123456789");
        if (!*rest)
                seconds = mktime(&tm);
        else if (strcmp(rest, "Z") == 0)
                seconds = timegm(&tm);
        else if (sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) == 3 && (sign == '+' || sign == '-')) {
                offset = (hours * 3600L + minutes * 60L) * (sign == '-' ? -1 : 1);
                seconds = timegm(&tm) - offset;
        } else
                return -EINVAL;
        if (seconds < 0)
                return -EINVAL;
        *ret = (uint64_t) seconds * 1000000;
        return 0;
}

static uint64_t now(void) {
        struct timespec time;

        (void) clock_gettime(CLOCK_REALTIME, &time);
        return (uint64_t) time.tv_sec * 1000000 + (uint64_t) time.tv_nsec / 1000;
}

int journal_time_parse(const char *text, uint64_t *ret) {
        uint64_t span;

        if (parse_span(text + (*text == '-'), &span) >= 0) {
                *ret = now() > span ? now() - span : 0;
                return 0;
        }
        if (*text == '@')
                return parse_unix(text + 1, ret);
        if (strcmp(text, "now") == 0) {
                *ret = now();
                return 0;
        }
        if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
                time_t t = time(NULL);
                struct tm tm;

                (void) localtime_r(&t, &tm);
                tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
                tm.tm_mday -= *text == 'y';
                tm.tm_isdst = -1;
                *ret = (uint64_t) mktime(&tm) * 1000000;
                return 0;
        }
        return parse_unix(text, ret) >= 0 ? 0 : parse_date(text, ret);
}

char *journal_time(const char *text) {
        char *time = NULL;
        uint64_t usec;

        /* Its own words journalctl knows better: days, "yesterday", "-1 hour". */
        if (!isdigit((unsigned char) *text) || strchr(text, ' ') || journal_time_parse(text, &usec) < 0)
                return strdup(text);
        if (asprintf(&time, "@%llu.%06llu", (unsigned long long) (usec / 1000000),
                            (unsigned long long) (usec % 1000000)) < 0)
                return NULL;
        return time;
}
