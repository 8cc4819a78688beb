/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/plan/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

static void add(Command *command, UnitWord word) {
        if (command->error < 0)
                return;

        if (command->n_words == command->allocated) {
                size_t more = command->allocated > 0 ? command->allocated * 2 : 32;
                UnitWord *words = reallocarray(command->words, more, sizeof(UnitWord));

                if (!words) {
                        command->error = -ENOMEM;
                        return;
                }
                command->words = words;
                command->allocated = more;
        }
        command->words[command->n_words++] = word;
}

void command_add_word(Command *command, const char *text, bool is_user_text) {
        add(command, (UnitWord){ text, is_user_text, NULL });
}

/* A value that is "$NAME" and nothing else is replaced by systemd as a word of its own only; with braces
 * anywhere. */
static bool is_bare_variable(const char *value) {
        if (*value != '$' || (!isalpha((unsigned char) value[1]) && value[1] != '_'))
                return false;
        for (value++; *value; value++)
                if (!isalnum((unsigned char) *value) && *value != '_')
                        return false;
        return true;
}

char *command_keep(Command *command, char *text) {
        if (strv_take(&command->texts, text) < 0) {
                command->error = -ENOMEM;
                return NULL;
        }
        return text;
}

char *command_keep_format(Command *command, const char *format, ...) {
        char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        return command_keep(command, r < 0 ? NULL : text);
}

void command_add_option(Command *command, const char *option, const char *value) {
        if (value && is_bare_variable(value))
                value = command_keep_format(command, "${%s}", value + 1);
        if (value)
                add(command, (UnitWord){ value, true, option });
}

void command_add_list(Command *command, const char *option, char *const *list) {
        for (; list && *list; list++)
                command_add_option(command, option, *list);
}

void command_add_switch(Command *command, const char *option, bool wanted) {
        if (wanted)
                command_add_word(command, option, false);
}

void command_write(const Command *command, UnitWriter *unit, const char *key, const char *prefix) {
        if (command->error < 0)
                unit->error = unit->error < 0 ? unit->error : command->error;
        else
                unit_set_command(unit, key, prefix, command->words, command->n_words);
}

void command_done(Command *command) {
        strv_free(command->texts);
        free(command->words);
        *command = (Command){};
}
