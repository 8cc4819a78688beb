/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/health.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/json-words.h"
#include "lib/strv.h"

static int parse_array(const char *text, bool *ret_none, Fault *fault) {
        autostrv char **words = NULL;
        int r = json_words_parse(text, &words, fault);

        if (r < 0)
                return r;
        if (!words[0])
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no command in the array");

        *ret_none = strcasecmp(words[0], "none") == 0 && !words[1];
        if ((strcmp(words[0], "CMD") == 0 || strcmp(words[0], "CMD-SHELL") == 0) && !words[1])
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no command behind '%s'", words[0]);
        return 0;
}

/* "[ -e /run/ready ]" is a line for the shell. */
static bool is_array(const char *text) {
        if (*text != '[')
                return false;
        text += 1 + strspn(text + 1, " \t");
        return *text == '"' || *text == ']';
}

int health_parse_command(Value *value, char **ret, Fault *fault) {
        bool none = strcasecmp(value->text, "none") == 0;
        int r;

        if (is_array(value->text)) {
                r = parse_array(value->text, &none, fault);
                if (r < 0)
                        return r;
        } else if (strcmp(value->text, "CMD") == 0 || strcmp(value->text, "CMD-SHELL") == 0)
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "there is no command behind '%s'", value->text);

        value->is_harmless = none;
        return value_copy(none ? "none" : value->text, ret);
}

int health_parse_action(Value *value, char **ret, Fault *fault) {
        static const char *const actions[] = { "none", "kill", "restart", "stop", NULL };

        if (!value_is_one_of(value->text, actions))
                return value_wrong(fault, value->text, "one of none, kill, restart and stop");
        value->is_harmless = strcmp(value->text, "none") == 0;
        return value_copy(value->text, ret);
}

int health_parse_log_destination(Value *value, char **ret, Fault *fault) {
        static const char *const known[] = { "local", "events_logger", NULL };

        if (!value_is_one_of(value->text, known) && *value->text != '/' &&
                        !value_begins_dynamic(value->text))
                return value_wrong(fault, value->text, "local, events_logger or an absolute directory");
        return value_copy(value->text, ret);
}
