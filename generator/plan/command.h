/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A command line in the making, for a unit
 *
 * The first failure sticks and is in @error, so the calls need no checking. Values are unit text, and
 * borrowed.
 */

#include <stdbool.h>

#include "generator/unit/writer.h"

typedef struct Command {
        UnitWord *words;
        size_t n_words, allocated;
        char **texts; /* those that were made for it */
        int error;    /* negative errno of the first failure */
} Command;

void command_add_word(Command *command, const char *text, bool is_user_text);

/* "--key=value"; @option has dashes and '='. Nothing for a value that was not given. */
void command_add_option(Command *command, const char *option, const char *value);

/* An option for each value; NULL is an empty list. */
void command_add_list(Command *command, const char *option, char *const *list);

void command_add_switch(Command *command, const char *option, bool wanted);

/* Text that is made for a command lives as long. @text is taken, NULL when there was no memory for it. */
char *command_keep(Command *command, char *text);

/* As asprintf(3), but kept. */
char *command_keep_format(Command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As unit_set_command(): the command, or its failure. */
void command_write(const Command *command, UnitWriter *unit, const char *key, const char *prefix);

void command_done(Command *command);
