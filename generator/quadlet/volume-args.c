/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/volume-load.h"
#include "generator/words.h"
#include "lib/cleanup.h"

/* What an option of "podman volume create", or one of its --opt, is here. */
typedef struct ArgumentRow {
        const char *name, *other; /* "--driver", "-d" */
        const char *key;          /* NULL for one that asks for what is so anyway */
        const char *value;        /* in place of one of its own */
} ArgumentRow;

/* clang-format off */
static const ArgumentRow arguments[] = {
        { "--driver", "-d", "Driver", NULL },
        { "--gid",    NULL, "GID",    NULL },
        { "--ignore", NULL, NULL,     NULL },
        { "--label",  "-l", "Label",  NULL },
        { "--uid",    NULL, "UID",    NULL },
};

static const ArgumentRow options[] = {
        { "copy",   NULL, "Copy",    "yes" },
        { "device", NULL, "Device",  NULL  },
        { "image",  NULL, "Image",   NULL  },
        { "nocopy", NULL, "Copy",    "no"  },
        { "o",      NULL, "Options", NULL  },
        { "size",   NULL, "Size",    NULL  },
        { "type",   NULL, "Type",    NULL  },
};
/* clang-format on */

/* A word of a line, and where it is. */
typedef struct Argument {
        const char *text;
        const Assignment *line;
        Place place;
} Argument;

static const ArgumentRow *find(const ArgumentRow *rows, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(rows[i].name, name) == 0 || (rows[i].other && strcmp(rows[i].other, name) == 0))
                        return &rows[i];
        return NULL;
}

static int set(KeyLoad *load, const Argument *argument, const char *key, const char *text) {
        const KeyRow *row = key_find(&volume_section, key);

        if (!row)
                row = key_find(&volume_slipway_section, key);
        return key_set_item(load, row, argument->line, text, &argument->place);
}

/* Owners among the options of a mount are meant for the volume if it is none. */
static int set_mount_options(KeyLoad *load, const Argument *argument, const char *text) {
        autofree char *copy = strdup(text), *rest = copy ? malloc(strlen(text) + 1) : NULL;
        char *next = copy, *word;
        int r = 0;

        if (!rest)
                return -ENOMEM;
        *rest = '\0';
        while (r >= 0 && (word = strsep(&next, ","))) {
                if (strncmp(word, "uid=", 4) == 0)
                        r = set(load, argument, "User", word + 4);
                else if (strncmp(word, "gid=", 4) == 0)
                        r = set(load, argument, "Group", word + 4);
                else if (*word)
                        (void) strcat(strcat(rest, *rest ? "," : ""), word);
        }
        return r < 0 || !*rest ? r : set(load, argument, "Options", rest);
}

/* "--opt NAME[=VALUE]" */
static int set_option(KeyLoad *load, const Argument *argument, const char *text) {
        size_t n = strcspn(text, "=");
        autofree char *name = strndup(text, n);
        const ArgumentRow *row = name ? find(options, ELEMENTS(options), name) : NULL;
        const char *value = text[n] ? text + n + 1 : "";

        if (!name)
                return -ENOMEM;
        if (!row) {
                (void) faults_raise(load->faults, &argument->place, FAULT_UNSUPPORTED,
                                "not supported, '--opt %.100s': there are copy, device, image, nocopy, o, "
                                "size and type",
                                name);
                return 0;
        }
        if (strcmp(row->key, "Options") == 0)
                return set_mount_options(load, argument, value);
        return set(load, argument, row->key, row->value ? row->value : value);
}

/* Return: how many words it took, -ENOMEM. */
static int apply(KeyLoad *load, const Argument *argument, const char *next) {
        size_t n = strcspn(argument->text, "=");
        const char *value = argument->text[n] ? argument->text + n + 1 : NULL;
        autofree char *name = strndup(argument->text, n);
        bool is_option = name && (strcmp(name, "--opt") == 0 || strcmp(name, "-o") == 0);
        const ArgumentRow *row = name ? find(arguments, ELEMENTS(arguments), name) : NULL;
        int r, words = value ? 1 : 2;

        if (!name)
                return -ENOMEM;
        if (!row && !is_option) {
                (void) faults_raise(load->faults, &argument->place, FAULT_UNSUPPORTED,
                                "not supported, '%.100s': there is no podman to pass it to, and no key that "
                                "means it",
                                name);
                return 1;
        }
        if (row && !row->key)
                return 1;
        if (!value && !next) {
                (void) faults_raise(load->faults, &argument->place, FAULT_VALUE, "%s needs a value", name);
                return 1;
        }
        r = is_option ? set_option(load, argument, value ? value : next)
                      : set(load, argument, row->key, value ? value : next);
        return r < 0 ? r : words;
}

static int apply_words(KeyLoad *load, const Assignment *line, char *const *words, const Place *places) {
        for (size_t i = 0; words[i];) {
                const Argument argument = { words[i], line, places[i] };
                int r = apply(load, &argument, words[i + 1]);

                if (r < 0)
                        return r;
                i += (size_t) r;
        }
        return 0;
}

enum { WORDS_MAX = 64 };

static int apply_line(KeyLoad *load, const Assignment *line) {
        WordReader reader = { .at = line->value };
        size_t size = strlen(line->value) + 1, n = 0;
        autofree char *text = malloc(size * 2);
        char *words[WORDS_MAX + 1] = {}, *at = text;
        Place places[WORDS_MAX + 1];
        Fault fault = {};
        int r;

        if (!text)
                return -ENOMEM;
        while ((r = word_next(&reader, at, &fault)) > 0 && n < WORDS_MAX) {
                places[n] = manifest_place(load->manifest, line, reader.start);
                words[n++] = at;
                at += strlen(at) + 1;
        }
        if (r > 0)
                (void) fault_raise(&fault, FAULT_VALUE, E2BIG, "there are more than %d words", WORDS_MAX);
        if (r != 0) {
                Place place = assignment_place(line);

                (void) faults_raise(load->faults, &place, fault.kind, "%s", fault.text);
                return 0;
        }
        return apply_words(load, line, words, places);
}

/* An empty line takes those before it back. */
static const Assignment *find_first(const Manifest *manifest) {
        const Assignment *line = NULL, *first = NULL;

        while ((line = manifest_next(manifest, "Volume", line)))
                if (strcmp(line->key, "PodmanArgs") == 0)
                        first = !*line->value ? NULL : first ? first : line;
        return first;
}

int volume_args_apply(KeyLoad *load) {
        for (const Assignment *line = find_first(load->manifest); line;
                        line = manifest_next(load->manifest, "Volume", line)) {
                int r = strcmp(line->key, "PodmanArgs") == 0 ? apply_line(load, line) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}
