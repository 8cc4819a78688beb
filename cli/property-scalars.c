/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/properties.h"
#include "cli/specifiers.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/signals.h"
#include "lib/size.h"
#include "lib/time-span.h"

int append_word(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        return sd_bus_message_append(message, "(sv)", row->property, "s", value);
}

int append_text(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autofree char *expanded = NULL;
        int r = specifiers_expand(value, unit, &expanded, fault);

        return r < 0 ? r : append_word(message, row, expanded, unit, fault);
}

int append_bool(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        bool yes;

        if (boolean_parse(value, &yes) < 0)
                return -EINVAL;
        return sd_bus_message_append(message, "(sv)", row->property, "b", (int) yes);
}

static int append_u64(sd_bus_message *message, const char *property, uint64_t value) {
        return sd_bus_message_append(message, "(sv)", property, "t", value);
}

int append_time(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        uint64_t usec;
        int r = time_span_parse(value, &usec);

        return r < 0 ? r : append_u64(message, row->property, usec);
}

int append_timeout(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        uint64_t usec;
        int r = time_span_parse(value, &usec);

        return r < 0 ? r : append_u64(message, row->property, usec == 0 ? UINT64_MAX : usec);
}

/* "12.34%" in hundredths of a percent. */
static int parse_percent(const char *value, uint64_t *ret) {
        char *end;
        unsigned long long whole, part = 0;

        if (!isdigit((unsigned char) *value))
                return -EINVAL;
        errno = 0;
        whole = strtoull(value, &end, 10);
        if (errno != 0 || whole > UINT32_MAX)
                return -ERANGE;
        if (*end == '.' && isdigit((unsigned char) end[1])) {
                part = (unsigned) (end[1] - '0') * 10U;
                end += 2;
                if (isdigit((unsigned char) *end))
                        part += (unsigned) (*end++ - '0');
        }
        if (strcmp(end, "%") != 0)
                return -EINVAL;
        *ret = whole * 100 + part;
        return 0;
}

/* Of all that there is, as the manager counts it: in parts of 2^32. */
static int append_share(sd_bus_message *message, const char *property, uint64_t permyriad) {
        autofree char *scale = NULL;

        if (permyriad > 10000)
                return -EINVAL;
        if (asprintf(&scale, "%sScale", property) < 0)
                return -ENOMEM;
        return sd_bus_message_append(
                        message, "(sv)", scale, "u", (uint32_t) (permyriad * UINT32_MAX / 10000));
}

int append_size(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        uint64_t bytes;

        if (strcmp(value, "infinity") == 0)
                return append_u64(message, row->property, UINT64_MAX);
        if (parse_percent(value, &bytes) >= 0)
                return append_share(message, row->property, bytes);
        if (size_from_text(value, &bytes) < 0)
                return -EINVAL;
        return append_u64(message, row->property, bytes);
}

static int parse_number(const char *value, int base, unsigned long long *ret) {
        char *end;

        if (!isdigit((unsigned char) *value))
                return -EINVAL;
        errno = 0;
        *ret = strtoull(value, &end, base);
        return errno != 0 || *end ? -EINVAL : 0;
}

int append_count(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        unsigned long long number;
        uint64_t share;

        if (strcmp(value, "infinity") == 0)
                return append_u64(message, row->property, UINT64_MAX);
        if (parse_percent(value, &share) >= 0)
                return append_share(message, row->property, share);
        if (parse_number(value, 10, &number) < 0)
                return -EINVAL;
        return append_u64(message, row->property, number);
}

static int append_u32(sd_bus_message *message, const PropertyRow *row, const char *value, int base) {
        unsigned long long number;

        if (parse_number(value, base, &number) < 0 || number > UINT32_MAX)
                return -EINVAL;
        return sd_bus_message_append(message, "(sv)", row->property, "u", (uint32_t) number);
}

int append_unsigned(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        return append_u32(message, row, value, 10);
}

int append_mode(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        return append_u32(message, row, value, 8);
}

int append_int(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        const char *digits = value + (*value == '-' || *value == '+');
        unsigned long long number;

        if (parse_number(digits, 10, &number) < 0 || number > INT32_MAX)
                return -EINVAL;
        return sd_bus_message_append(message, "(sv)", row->property, "i",
                        *value == '-' ? -(int32_t) number : (int32_t) number);
}

int append_signal(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        int number = signal_from_name(value);

        return number < 0 ? number : sd_bus_message_append(message, "(sv)", row->property, "i", number);
}

int append_quota(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        uint64_t permyriad;
        int r = parse_percent(value, &permyriad);

        if (r < 0 || permyriad == 0)
                return -EINVAL;
        return append_u64(message, row->property, permyriad * 100);
}

int append_weight(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        unsigned long long number;

        if (strcmp(value, "idle") == 0)
                return append_u64(message, row->property, 0);
        if (parse_number(value, 10, &number) < 0 || number < 1 || number > 10000)
                return -EINVAL;
        return append_u64(message, row->property, number);
}

int append_level(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        static const char *const levels[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info",
                "debug" };
        unsigned long long number = ELEMENTS(levels);

        for (size_t i = 0; i < ELEMENTS(levels); i++)
                if (strcmp(value, levels[i]) == 0)
                        number = i;
        if (number == ELEMENTS(levels) && parse_number(value, 10, &number) < 0)
                return -EINVAL;
        if (number >= ELEMENTS(levels))
                return -EINVAL;
        return sd_bus_message_append(message, "(sv)", row->property, "i", (int32_t) number);
}

static int parse_limit(const char *value, uint64_t *ret) {
        if (strcmp(value, "infinity") == 0) {
                *ret = UINT64_MAX;
                return 0;
        }
        return size_from_text(value, ret);
}

/* "SOFT:HARD", or one for both. */
int append_limit(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autofree char *first = strndup(value, strcspn(value, ":")), *soft_name = NULL;
        const char *colon = strchr(value, ':');
        uint64_t soft, hard;
        int r;

        if (!first || asprintf(&soft_name, "%sSoft", row->property) < 0)
                return -ENOMEM;
        r = parse_limit(first, &soft);
        if (r >= 0)
                r = parse_limit(colon ? colon + 1 : first, &hard);
        if (r >= 0)
                r = append_u64(message, row->property, hard);
        return r < 0 ? r : append_u64(message, soft_name, soft);
}

/* "file:/path" is StandardOutputFile, "fd:name" StandardOutputFileDescriptorName, and so on. */
int append_stream(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        static const struct {
                const char *prefix, *suffix;
        } forms[] = {
                { "append:", "FileToAppend" },
                { "fd:", "FileDescriptorName" },
                { "file:", "File" },
                { "truncate:", "FileToTruncate" },
        };
        autofree char *expanded = NULL, *property = NULL;
        int r;

        for (size_t i = 0; i < ELEMENTS(forms); i++) {
                size_t n = strlen(forms[i].prefix);

                if (strncmp(value, forms[i].prefix, n) != 0)
                        continue;
                if (asprintf(&property, "%s%s", row->property, forms[i].suffix) < 0)
                        return -ENOMEM;
                r = specifiers_expand(value + n, unit, &expanded, fault);
                return r < 0 ? r : sd_bus_message_append(message, "(sv)", property, "s", expanded);
        }
        return append_word(message, row, value, unit, fault);
}
