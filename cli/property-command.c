/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "cli/properties.h"
#include "cli/specifiers.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

/* A command of an Exec*= line, see systemd.service(5). Variables are replaced when it is executed, in either
 * case. */
typedef struct Command {
        char **words;  /* the program first */
        char **flags;  /* in the words of ExecStartEx */
        bool has_name; /* '@': the second word is argv[0] */
        bool ignores_failure;
} Command;

static void command_done(Command *command) {
        strv_free(command->words);
        strv_free(command->flags);
        *command = (Command){};
}

/* What stands before the program. Return: how many letters, -EINVAL for what systemd would refuse. */
static int read_prefix(const char *word, Command *command) {
        static const struct {
                const char *prefix, *flag;
        } known[] = {
                { "!!", "ambient" },
                { "!", "no-setuid" },
                { "+", "privileged" },
                { "-", "ignore-failure" },
                { ":", "no-env-expand" },
        };
        int n = 0;

        for (bool found = true; found;) {
                found = false;
                if (word[n] == '@' && !command->has_name) {
                        command->has_name = found = true;
                        n++;
                }
                for (size_t i = 0; !found && i < ELEMENTS(known); i++) {
                        size_t length = strlen(known[i].prefix);

                        if (strncmp(word + n, known[i].prefix, length) != 0)
                                continue;
                        if (strv_append(&command->flags, known[i].flag) < 0)
                                return -ENOMEM;
                        command->ignores_failure = command->ignores_failure || word[n] == '-';
                        found = true;
                        n += (int) length;
                }
        }
        return word[n] ? n : -EINVAL;
}

static int take_word(Command *command, const char *word, const char *unit, Fault *fault) {
        autofree char *expanded = NULL;
        int n = 0, r;

        if (!command->words)
                n = read_prefix(word, command);
        if (n < 0)
                return n;
        r = specifiers_expand(word + n, unit, &expanded, fault);
        return r < 0 ? r : strv_append(&command->words, expanded);
}

/* Up to a ';' that stands alone. Return: 1 with a command, 0 at the end, -errno. */
static int read_command(WordReader *reader, char *buffer, const char *unit, Command *command, Fault *fault) {
        int r;

        while ((r = word_next(reader, buffer, fault)) > 0) {
                size_t n = (size_t) (reader->at - reader->start);

                if (n >= 1 && strncmp(reader->start, ";", n) == 0)
                        return 1;
                if (strncmp(reader->start, "\\;", 2) == 0 && n == 2)
                        (void) strcpy(buffer, ";");
                r = take_word(command, buffer, unit, fault);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : command->words != NULL;
}

static int append_to(sd_bus_message *message, const Command *command, bool is_extended) {
        char **argv = command->words + command->has_name;
        int r = sd_bus_message_open_container(message, 'r', is_extended ? "sasas" : "sasb");

        if (r >= 0)
                r = sd_bus_message_append_basic(message, 's', command->words[0]);
        if (r >= 0)
                r = sd_bus_message_append_strv(message, argv);
        if (r >= 0)
                r = is_extended ? sd_bus_message_append_strv(message, command->flags)
                                : sd_bus_message_append(message, "b", (int) command->ignores_failure);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

static int append_property(sd_bus_message *message, const char *property, const Command *command) {
        bool is_extended = strv_length(command->flags) > (size_t) command->ignores_failure;
        autofree char *extended = NULL;
        const char *type = is_extended ? "a(sasas)" : "a(sasb)";
        int r;

        if (command->has_name && !command->words[1])
                return -EINVAL;
        if (asprintf(&extended, "%s%s", property, is_extended ? "Ex" : "") < 0)
                return -ENOMEM;
        r = sd_bus_message_open_container(message, 'r', "sv");
        if (r >= 0)
                r = sd_bus_message_append_basic(message, 's', extended);
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'v', type);
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', type + 1);
        if (r >= 0)
                r = append_to(message, command, is_extended);
        for (int i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(message);
        return r;
}

int append_command(sd_bus_message *message, const PropertyRow *row, const char *value, const char *unit,
                Fault *fault) {
        WordReader reader = { .at = value };
        autofree char *buffer = malloc(strlen(value) + 1);
        int r = buffer ? 1 : -ENOMEM;

        while (r > 0) {
                AUTO(command_done) Command command = {};

                r = read_command(&reader, buffer, unit, &command, fault);
                if (r > 0 && command.words) {
                        int appended = append_property(message, row->property, &command);

                        r = appended < 0 ? appended : r;
                }
        }
        return r;
}
