/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/fault-command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

/* What the options before a text say about it. */
typedef struct Said {
        Place place;
        FaultKind kind;
} Said;

typedef int SaidParse(Said *said, const char *value);

static int parse_number(unsigned *ret, const char *value) {
        unsigned long n;
        char *end;

        if (*value < '0' || *value > '9')
                return -EINVAL;
        errno = 0;
        n = strtoul(value, &end, 10);
        if (*end || errno || n > 1000000000)
                return -EINVAL;
        *ret = (unsigned) n;
        return 0;
}

static int parse_column(Said *said, const char *value) {
        return parse_number(&said->place.column, value);
}

static int parse_field(Said *said, const char *value) {
        said->place.key = value;
        said->place.is_field = true;
        return 0;
}

static int parse_file(Said *said, const char *value) {
        said->place.path = value;
        return 0;
}

static int parse_key(Said *said, const char *value) {
        said->place.key = value;
        said->place.is_field = false;
        return 0;
}

static int parse_kind(Said *said, const char *value) {
        said->kind = fault_kind_from_string(value);
        return said->kind == FAULT_NONE ? -EINVAL : 0;
}

static int parse_line(Said *said, const char *value) {
        return parse_number(&said->place.line, value);
}

static const struct {
        const char *name;
        SaidParse *parse;
} options[] = {
        { "--column=", parse_column },
        { "--field=", parse_field },
        { "--file=", parse_file },
        { "--key=", parse_key },
        { "--kind=", parse_kind },
        { "--line=", parse_line },
};

static int parse_option(Said *said, const char *word, Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(options); i++) {
                size_t n = strlen(options[i].name);

                if (strncmp(word, options[i].name, n) != 0)
                        continue;
                if (options[i].parse(said, word + n) < 0)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "cannot read '%s'", word);
                return 0;
        }
        return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no option '%s'", word);
}

/* A kind of fault stands for an error of the system, where a number is wanted. */
static int error_of(FaultKind kind) {
        static const int errors[_FAULT_KIND_MAX] = {
                [FAULT_SYSTEM] = EIO,
                [FAULT_SYNTAX] = EBADMSG,
                [FAULT_UNKNOWN_KEY] = ENOENT,
                [FAULT_UNSUPPORTED] = EOPNOTSUPP,
                [FAULT_MISSING] = ENOENT,
                [FAULT_CONFLICT] = EEXIST,
                [FAULT_INTEGRITY] = EBADMSG,
        };

        return errors[kind] > 0 ? errors[kind] : EINVAL;
}

int fault_command_parse(char *const *argv, Fault **ret, size_t *ret_n, Fault *fault) {
        static const Said nothing = { .kind = FAULT_VALUE };
        autofree Fault *faults = calloc(strv_length(argv) + 1, sizeof(Fault));
        Said said = nothing;
        size_t n = 0;

        if (!faults)
                return fault_raise(fault, FAULT_SYSTEM, ENOMEM, "out of memory");

        for (; *argv; argv++) {
                const char *text = *argv;

                if (strcmp(text, "--") == 0 && argv[1])
                        text = *++argv;
                else if (strncmp(text, "--", 2) == 0) {
                        int r = parse_option(&said, text, fault);

                        if (r < 0)
                                return r;
                        continue;
                }

                fault_locate(&faults[n], &said.place);
                (void) fault_mark(&faults[n], MESSAGE_MANIFEST,
                                fault_raise(&faults[n], said.kind, error_of(said.kind), "%s", text));
                said = nothing;
                n++;
        }

        if (n == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a text is missing");
        *ret = TAKE(faults);
        *ret_n = n;
        return 0;
}
