/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/key-load.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/quadlet/volume-load.h"
#include "generator/words.h"
#include "lib/cleanup.h"

/* A word of a PodmanArgs= line, and where it is. */
typedef struct Argument {
        char *text;
        const Assignment *line;
        Place place;
} Argument;

typedef struct ArgumentList {
        Argument *arguments;
        size_t n;
} ArgumentList;

static void argument_list_done(ArgumentList *list) {
        for (size_t i = 0; i < list->n; i++)
                free(list->arguments[i].text);
        free(list->arguments);
        *list = (ArgumentList){};
}

static int append(ArgumentList *list, const char *text, const Assignment *line, Place place) {
        Argument *grown = reallocarray(list->arguments, list->n + 1, sizeof(Argument));
        char *copy = strdup(text);

        if (grown)
                list->arguments = grown;
        if (!grown || !copy) {
                free(copy);
                return -ENOMEM;
        }
        list->arguments[list->n++] = (Argument){ copy, line, place };
        return 0;
}

static int read_line(KeyLoad *load, const Assignment *line, ArgumentList *list) {
        WordReader reader = { .at = line->value };
        autofree char *word = malloc(strlen(line->value) + 1);
        Fault fault = {};
        int r;

        if (!word)
                return -ENOMEM;
        while ((r = word_next(&reader, word, &fault)) > 0)
                if (append(list, word, line, manifest_place(load->manifest, line, reader.start)) < 0)
                        return -ENOMEM;
        if (r < 0) {
                Place place = assignment_place(line);

                (void) faults_raise(load->faults, &place, fault.kind, "%s", fault.text);
        }
        return 0;
}

static int read_all(KeyLoad *load, ArgumentList *list) {
        KeyState *state = load_state(load, key_find(load->main, "PodmanArgs"));
        const Assignment *line = NULL;

        while ((line = manifest_next(load->manifest, load->main->name, line))) {
                if (strcmp(line->key, "PodmanArgs") != 0)
                        continue;
                state->given = *line->value ? line : NULL;
                if (!*line->value)
                        argument_list_done(list);
                else if (read_line(load, line, list) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int set(KeyLoad *load, const char *key, const Argument *argument, const char *text) {
        return key_set_item(load, podman_flag_row(load->flags, key), argument->line, text, &argument->place);
}

/* Several values with commas between. */
static int set_list(KeyLoad *load, const char *key, const Argument *argument, const char *text) {
        autofree char *copy = strdup(text);
        char *rest = copy, *item;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        while (r >= 0 && (item = strsep(&rest, ",")))
                r = set(load, key, argument, item);
        return r;
}

/* "--security-opt NAME=VALUE", older "NAME:VALUE". */
static int set_security(KeyLoad *load, const Argument *argument, const char *text) {
        const char *key, *value;

        if (podman_security_find(text, &key, &value))
                return set(load, key, argument, value);

        (void) faults_raise(load->faults, &argument->place, FAULT_UNSUPPORTED,
                        "not supported, '--security-opt %s' has no meaning without podman", text);
        return 0;
}

/* "--no-healthcheck=false" asks for what is so anyway. */
static int set_none(KeyLoad *load, const PodmanFlag *flag, const Argument *argument, const char *value) {
        bool yes = true;

        if (value && boolean_parse(value, &yes) < 0) {
                (void) faults_raise(load->faults, &argument->place, FAULT_VALUE,
                                "'%s' is neither yes nor no", value);
                return 0;
        }
        return yes ? set(load, flag->key, argument, "none") : 0;
}

/* For another program, which has the same option. */
static int set_passed(KeyLoad *load, const PodmanFlag *flag, const Argument *argument, const char *value) {
        autofree char *text = NULL;

        if (value_printf(&text, "%s=%s", flag->name, value) < 0)
                return -ENOMEM;
        return set(load, flag->key, argument, text);
}

/* Return: how many words it took, -ENOMEM. */
static int apply(KeyLoad *load, const Argument *argument, const Argument *next) {
        size_t n = strcspn(argument->text, "=");
        const char *value = argument->text[n] ? argument->text + n + 1 : NULL;
        autofree char *name = strndup(argument->text, n);
        const PodmanFlag *flag;
        int r, words = 1;

        if (!name)
                return -ENOMEM;

        flag = podman_flag_find(load->flags, name);
        if (!flag || flag->refusal) {
                (void) faults_raise(load->faults, &argument->place, FAULT_UNSUPPORTED,
                                "not supported, '%s': %s", name,
                                flag ? flag->refusal
                                     : "there is no podman to pass it to, and no key that means it");
                /* Its value, if it stands apart, is not an option that could be judged. */
                return next && *name == '-' && !value && *next->text != '-' ? 2 : 1;
        }

        if (flag->form == FLAG_NOTHING)
                return 1;
        if (flag->form == FLAG_NONE)
                return set_none(load, flag, argument, value) < 0 ? -ENOMEM : 1;
        if (flag->form == FLAG_PASSED_SWITCH)
                return set(load, flag->key, argument, argument->text) < 0 ? -ENOMEM : 1;
        if (!value && flag->form != FLAG_SWITCH) {
                if (!next) {
                        (void) faults_raise(load->faults, &argument->place, FAULT_VALUE,
                                        "'%s' needs a value", name);
                        return 1;
                }
                value = next->text;
                words = 2;
        }

        if (flag->form == FLAG_SECURITY)
                r = set_security(load, argument, value);
        else if (flag->form == FLAG_VOLUME_OPTION)
                r = volume_option_apply(load, argument->line, &argument->place, value);
        else if (flag->form == FLAG_PASSED)
                r = set_passed(load, flag, argument, value);
        else if (flag->form == FLAG_LIST)
                r = set_list(load, flag->key, argument, value);
        else
                r = set(load, flag->key, argument, value ? value : "yes");
        return r < 0 ? r : words;
}

int podman_args_apply(KeyLoad *load) {
        AUTO(argument_list_done) ArgumentList list = {};
        int words;

        if (read_all(load, &list) < 0)
                return -ENOMEM;

        for (size_t i = 0; i < list.n; i += (size_t) words) {
                words = apply(load, &list.arguments[i], i + 1 < list.n ? &list.arguments[i + 1] : NULL);
                if (words < 0)
                        return words;
        }
        return 0;
}
