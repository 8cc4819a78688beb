/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/call.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/duration.h"
#include "lib/strv.h"

typedef enum Kind { TIME, COUNT, FLAG, ACTION, TEXT } Kind;

#define AT(member, type) \
        (offsetof(HealthCall, member) + 0 * sizeof(_Generic(((HealthCall *) NULL)->member, type : 1)))

/* clang-format off */
static const struct Row {
        const char *name;
        Kind kind;
        size_t field;
} rows[] = {
        { "interval",         TIME,   AT(rules.interval, uint64_t) },
        { "timeout",          TIME,   AT(rules.timeout, uint64_t) },
        { "retries",          COUNT,  AT(rules.retries, unsigned) },
        { "start-period",     TIME,   AT(rules.start_period, uint64_t) },
        { "start-interval",   TIME,   AT(rules.start_interval, uint64_t) },
        { "startup-interval", TIME,   AT(rules.startup_interval, uint64_t) },
        { "startup-timeout",  TIME,   AT(rules.startup_timeout, uint64_t) },
        { "startup-retries",  COUNT,  AT(rules.startup_retries, unsigned) },
        { "startup-success",  COUNT,  AT(rules.startup_success, unsigned) },
        { "on-failure",       ACTION, AT(on_failure, HealthAction) },
        { "log",              TEXT,   AT(log, const char *) },
        { "log-count",        COUNT,  AT(log_count, unsigned) },
        { "log-size",         COUNT,  AT(log_size, unsigned) },
        { "ready",            FLAG,   AT(ready, bool) },
        { "watchdog",         TIME,   AT(watchdog, uint64_t) },
};
/* clang-format on */

static const char *const actions[_HEALTH_ACTION_MAX] = {
        [HEALTH_ACTION_NONE] = "none",
        [HEALTH_ACTION_KILL] = "kill",
        [HEALTH_ACTION_RESTART] = "restart",
        [HEALTH_ACTION_STOP] = "stop",
};

const char *health_action_to_string(HealthAction action) {
        return action < _HEALTH_ACTION_MAX ? actions[action] : "none";
}

HealthAction health_action_from_string(const char *word) {
        HealthAction action = 0;

        while (action < _HEALTH_ACTION_MAX && strcmp(actions[action], word) != 0)
                action++;
        return action;
}

static int take_count(unsigned *ret, const char *text) {
        unsigned long n;
        char *end;

        errno = 0;
        n = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : (errno = EINVAL, 0);
        if (errno != 0 || *end || n > INT_MAX)
                return -EINVAL;
        *ret = (unsigned) n;
        return 0;
}

static int take(Kind kind, void *field, const char *text) {
        HealthAction action;

        if (kind == FLAG) {
                *(bool *) field = true;
                return text ? -EINVAL : 0;
        }
        if (!text)
                return -EINVAL;

        switch (kind) {

        case TIME:
                return duration_from_text(text, field);

        case COUNT:
                return take_count(field, text);

        case ACTION:
                action = health_action_from_string(text);
                if (action == _HEALTH_ACTION_MAX)
                        return -EINVAL;
                *(HealthAction *) field = action;
                return 0;

        case TEXT:
        default:
                *(const char **) field = text;
                return 0;
        }
}

static int take_option(HealthCall *call, const char *word, Fault *fault) {
        const char *name = word + 2, *equals = strchr(name, '=');
        size_t n = equals ? (size_t) (equals - name) : strlen(name);

        if (strncmp(word, "--startup-cmd=", 14) == 0) {
                call->rules.has_startup = true;
                return strv_append(&call->startup, word + 14);
        }
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (strlen(rows[i].name) == n && strncmp(rows[i].name, name, n) == 0) {
                        if (take(rows[i].kind, (char *) call + rows[i].field, equals ? equals + 1 : NULL) <
                                        0)
                                return fault_raise(
                                                fault, FAULT_VALUE, EINVAL, "'%s' has a wrong value", word);
                        return 0;
                }
        return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL, "no such option: '%s'", word);
}

int health_call_parse(HealthCall *call, char *const *argv, Fault *fault) {
        *call = HEALTH_CALL_DEFAULT;

        for (size_t i = 1; argv[i]; i++) {
                int r = 0;

                if (strcmp(argv[i], "--") == 0) {
                        call->command = argv + i + 1;
                        break;
                }
                if (strncmp(argv[i], "--", 2) == 0)
                        r = take_option(call, argv[i], fault);
                else if (call->name)
                        r = fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is one name too many", argv[i]);
                else
                        call->name = argv[i];
                if (r < 0)
                        return r;
        }
        if (!call->name || !call->command || !call->command[0])
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "a container's name and a command are needed");
        return 0;
}

static int write_time(char ***argv, const char *name, uint64_t usec) {
        bool is_whole = usec % 1000000 == 0;

        return strv_appendf(argv, "--%s=%" PRIu64 "%s", name, is_whole ? usec / 1000000 : usec,
                        is_whole ? "s" : "us");
}

/* Return: 1 when @call says something else there than the default does. */
static int write_row(const struct Row *row, const HealthCall *call, char ***argv) {
        static const HealthCall otherwise = HEALTH_CALL_DEFAULT;
        const void *field = (const char *) call + row->field,
                   *usual = (const char *) &otherwise + row->field;

        switch (row->kind) {

        case TIME:
                if (*(const uint64_t *) field == *(const uint64_t *) usual)
                        return 0;
                return write_time(argv, row->name, *(const uint64_t *) field);

        case COUNT:
                if (*(const unsigned *) field == *(const unsigned *) usual)
                        return 0;
                return strv_appendf(argv, "--%s=%u", row->name, *(const unsigned *) field);

        case FLAG:
                return *(const bool *) field ? strv_appendf(argv, "--%s", row->name) : 0;

        case ACTION:
                if (*(const HealthAction *) field == *(const HealthAction *) usual)
                        return 0;
                return strv_appendf(argv, "--%s=%s", row->name,
                                health_action_to_string(*(const HealthAction *) field));

        case TEXT:
        default:
                if (strcmp(*(const char *const *) field, *(const char *const *) usual) == 0)
                        return 0;
                return strv_appendf(argv, "--%s=%s", row->name, *(const char *const *) field);
        }
}

int health_call_write(const HealthCall *call, const char *program, char ***ret) {
        autostrv char **argv = NULL;
        int r;

        r = strv_append(&argv, program);
        if (r >= 0)
                r = strv_append(&argv, call->name);
        for (size_t i = 0; r >= 0 && i < ELEMENTS(rows); i++)
                r = write_row(&rows[i], call, &argv);
        for (char **word = call->startup; r >= 0 && word && *word; word++)
                r = strv_appendf(&argv, "--startup-cmd=%s", *word);
        if (r >= 0)
                r = strv_append(&argv, "--");
        if (r >= 0)
                r = strv_extend(&argv, call->command);
        if (r < 0)
                return r;
        *ret = TAKE(argv);
        return 0;
}

void health_call_done(HealthCall *call) {
        strv_free(call->startup);
        *call = (HealthCall){};
}
