/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "cli/properties.h"
#include "cli/specifiers.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/signals.h"
#include "lib/size.h"
#include "lib/strv.h"

/* Begins "(sv)" with a variant of @type. close_property() ends it. */
static int open_property(sd_bus_message *message, const char *property, const char *type) {
        int r = sd_bus_message_open_container(message, 'r', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(message, 's', property);
        return r < 0 ? r : sd_bus_message_open_container(message, 'v', type);
}

static int close_property(sd_bus_message *message, int r) {
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

/* Words with their specifiers replaced, after which nothing is a blank or a quote any more. */
static int read_words(const char *value, WordFlags flags, const char *unit, char ***ret, Fault *fault) {
        autostrv char **words = NULL;
        int r = words_split(value, flags, &words, fault);

        for (char **word = words; r >= 0 && word && *word; word++) {
                autofree char *expanded = NULL;

                r = specifiers_expand(*word, unit, &expanded, fault);
                if (r >= 0)
                        r = strv_append(ret, expanded);
        }
        return r;
}

static int append_list(sd_bus_message *message, const char *property, char **words) {
        int r = open_property(message, property, "as");

        if (r >= 0)
                r = sd_bus_message_append_strv(message, words);
        return close_property(message, r);
}

int append_words(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        int r = read_words(value, WORDS_ESCAPES, unit, &words, fault);

        return r < 0 ? r : append_list(message, row->property, words);
}

int append_units(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        int r = read_words(value, WORDS_LITERAL_BACKSLASH, unit, &words, fault);

        return r < 0 ? r : append_list(message, row->property, words);
}

int append_fields(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        int r = read_words(value, WORDS_ESCAPES, unit, &words, fault);

        if (r >= 0)
                r = open_property(message, row->property, "aay");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', "ay");
        for (char **word = words; r >= 0 && word && *word; word++)
                r = sd_bus_message_append_array(message, 'y', *word, strlen(*word));
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return close_property(message, r);
}

/* "/dev/fuse rwm", "char-pts rw": the first word may be quoted. */
int append_device(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        int r = read_words(value, WORDS_ESCAPES, unit, &words, fault);

        if (r < 0)
                return r;
        if (strv_length(words) < 1 || strv_length(words) > 2)
                return -EINVAL;
        return sd_bus_message_append(
                        message, "(sv)", row->property, "a(ss)", 1, words[0], words[1] ? words[1] : "");
}

int append_device_size(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        uint64_t size = UINT64_MAX;
        int r = read_words(value, WORDS_ESCAPES, unit, &words, fault);

        if (r < 0)
                return r;
        if (strv_length(words) != 2 ||
                        (strcmp(words[1], "infinity") != 0 && size_from_text(words[1], &size) < 0))
                return -EINVAL;
        return sd_bus_message_append(message, "(sv)", row->property, "a(st)", 1, words[0], size);
}

/* "ID:PATH", or an id alone, which is its own path. */
int append_credential(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autofree char *expanded = NULL, *id = NULL;
        const char *path;
        int r = specifiers_expand(value, unit, &expanded, fault);

        if (r < 0)
                return r;
        path = strchr(expanded, ':');
        id = strndup(expanded, strcspn(expanded, ":"));
        if (!id)
                return -ENOMEM;
        return sd_bus_message_append(
                        message, "(sv)", row->property, "a(ss)", 1, id, path && path[1] ? path + 1 : id);
}

/* Only what needs no unescaping: nobody should write secrets into command lines. */
int append_secret(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        const char *data = strchr(value, ':');
        autofree char *id = strndup(value, strcspn(value, ":"));
        int r;

        if (!id)
                return -ENOMEM;
        if (!data || strchr(data, '\\') || strcmp(row->directive, "SetCredential") != 0)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "cannot be set so; use --secret, or LoadCredential=");
        r = open_property(message, row->property, "a(say)");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', "(say)");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'r', "say");
        if (r >= 0)
                r = sd_bus_message_append_basic(message, 's', id);
        if (r >= 0)
                r = sd_bus_message_append_array(message, 'y', data + 1, strlen(data + 1));
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return close_property(message, r);
}

int append_files(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autofree char *expanded = NULL;
        int r = specifiers_expand(value, unit, &expanded, fault);

        return r < 0 ? r
                     : sd_bus_message_append(message, "(sv)", row->property, "a(sb)", 1,
                                       expanded + (*expanded == '-'), (int) (*expanded == '-'));
}

/* Exit statuses by number, signals by name. */
int append_statuses(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        int32_t statuses[256], signals[64];
        size_t n_statuses = 0, n_signals = 0;
        int r = read_words(value, WORDS_ESCAPES, unit, &words, fault);

        for (char **word = words; r >= 0 && word && *word; word++) {
                char *end;
                unsigned long number = strtoul(*word, &end, 10);

                if (n_statuses == ELEMENTS(statuses) || n_signals == ELEMENTS(signals))
                        return -E2BIG;
                if (isdigit((unsigned char) **word) && !*end && number < 256)
                        statuses[n_statuses++] = (int32_t) number;
                else if (!isdigit((unsigned char) **word) && signal_from_name(*word) >= 0)
                        signals[n_signals++] = signal_from_name(*word);
                else
                        r = -EINVAL;
        }
        if (r >= 0)
                r = open_property(message, row->property, "(aiai)");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'r', "aiai");
        if (r >= 0)
                r = sd_bus_message_append_array(message, 'i', statuses, n_statuses * sizeof(int32_t));
        if (r >= 0)
                r = sd_bus_message_append_array(message, 'i', signals, n_signals * sizeof(int32_t));
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? r : close_property(message, r);
}

int append_delegate(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        bool yes;
        int r;

        if (boolean_parse(value, &yes) >= 0)
                return sd_bus_message_append(message, "(sv)", "Delegate", "b", (int) yes);
        r = read_words(value, WORDS_ESCAPES, unit, &words, fault);
        return r < 0 ? r : append_list(message, "DelegateControllers", words);
}

int append_condition(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        bool is_trigger = *value == '|', is_negated;
        autofree char *expanded = NULL;
        int r;

        value += is_trigger;
        is_negated = *value == '!';
        value += is_negated;
        r = specifiers_expand(value, unit, &expanded, fault);
        return r < 0 ? r
                     : sd_bus_message_append(message, "(sv)", row->property, "a(sbbs)", 1, row->directive,
                                       (int) is_trigger, (int) is_negated, expanded);
}

/* "[-]SOURCE[:PATH[:rbind|norbind]]" */
static int append_bind(sd_bus_message *message, char *word) {
        bool is_optional = *word == '-';
        char *source = word + is_optional, *path = strchr(source, ':'), *option = NULL;
        uint64_t flags = MS_REC;

        if (path) {
                *path++ = '\0';
                option = strchr(path, ':');
        }
        if (option)
                *option++ = '\0';
        if (option && strcmp(option, "norbind") == 0)
                flags = 0;
        else if (option && strcmp(option, "rbind") != 0)
                return -EINVAL;
        return sd_bus_message_append(
                        message, "(ssbt)", source, path && *path ? path : source, (int) is_optional, flags);
}

int append_binds(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        autostrv char **words = NULL;
        int r = read_words(value, WORDS_ESCAPES, unit, &words, fault);

        if (r >= 0)
                r = open_property(message, row->property, "a(ssbt)");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', "(ssbt)");
        for (char **word = words; r >= 0 && word && *word; word++)
                r = append_bind(message, *word);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? r : close_property(message, r);
}

/* "~" in front means all but these. */
int append_filter(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        bool is_inverted = *value == '~';
        autostrv char **words = NULL;
        int r = read_words(value + is_inverted, WORDS_ESCAPES, unit, &words, fault);

        if (r >= 0)
                r = open_property(message, row->property, "(bas)");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'r', "bas");
        if (r >= 0)
                r = sd_bus_message_append(message, "b", (int) !is_inverted);
        if (r >= 0)
                r = sd_bus_message_append_strv(message, words);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? r : close_property(message, r);
}

/* "0-3,8 9" */
int append_cpus(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        uint8_t bits[1024] = {};
        size_t size = 0;
        int r;

        while (*(value += strspn(value, " \t,"))) {
                char *end;
                unsigned long first, last;

                if (!isdigit((unsigned char) *value))
                        return -EINVAL;
                first = last = strtoul(value, &end, 10);
                if (*end == '-' && isdigit((unsigned char) end[1]))
                        last = strtoul(end + 1, &end, 10);
                if (first > last || last >= 8 * sizeof(bits) || (*end && !strchr(" \t,", *end)))
                        return -EINVAL;
                for (unsigned long i = first; i <= last; i++)
                        bits[i / 8] = (uint8_t) (bits[i / 8] | 1U << i % 8);
                if (last / 8 + 1 > size)
                        size = last / 8 + 1;
                value = end;
        }
        r = open_property(message, row->property, "ay");
        if (r >= 0)
                r = sd_bus_message_append_array(message, 'y', bits, size);
        return r < 0 ? r : close_property(message, r);
}
