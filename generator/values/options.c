/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/size.h"

static bool is_size(const char *text) {
        size_t n = strlen(text);
        uint64_t bytes;

        if (n > 1 && text[n - 1] == '%')
                return strspn(text, "0123456789") == n - 1;
        return size_from_text(text, &bytes) == 0;
}

static bool is_mode(const char *text) {
        size_t n = strlen(text);

        return n > 0 && n <= 5 && strspn(text, "01234567") == n;
}

/* Not out of what it is below of. */
static bool is_inner(const char *text) {
        if (strspn(text, "/.") == strlen(text))
                return false;
        for (; *text; text += strspn(text, "/")) {
                size_t n = strcspn(text, "/");

                if (n == 2 && strncmp(text, "..", 2) == 0)
                        return false;
                text += n;
        }
        return true;
}

static int check_value(const OptionRow *row, const char *value, Fault *fault) {
        uint64_t number;

        if (row->value == OPTION_ANY)
                return 0;
        if (row->value == OPTION_PLAIN)
                return value ? fault_raise(fault, FAULT_VALUE, EINVAL, "option '%s' takes no value",
                                               row->name)
                             : 0;
        if (!value)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "option '%s' needs a value", row->name);
        if (row->value == OPTION_SIZE && !is_size(value))
                return value_wrong(fault, value, "a size: a number with b, k, m, g or t, or percent");
        if (row->value == OPTION_NUMBER && value_number(value, 0, UINT32_MAX - 1, &number) < 0)
                return value_wrong(fault, value, "a number");
        if (row->value == OPTION_MODE && !is_mode(value))
                return value_wrong(fault, value, "a mode in octal digits");
        if (row->value == OPTION_PATH && *value != '/')
                return value_wrong(fault, value, "an absolute path");
        if (row->value == OPTION_INNER && !is_inner(value))
                return value_wrong(fault, value, "a path below the root of what is mounted, without '..'");
        return 0;
}

static const OptionRow *find(const char *name, const OptionRow *rows, size_t n_rows) {
        for (size_t i = 0; i < n_rows; i++)
                if (strcmp(rows[i].name, name) == 0)
                        return &rows[i];
        return NULL;
}

/* Remembers per letter which option was there, and refuses another one. */
static int check_exclusive(const OptionRow *row, const OptionRow *seen[static 26], Fault *fault) {
        const OptionRow **first;

        if (!row->exclusive)
                return 0;

        first = &seen[row->exclusive - 'a'];
        if (*first && *first != row)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "options '%s' and '%s' contradict each other",
                                (*first)->name, row->name);
        *first = row;
        return 0;
}

static int check_option(char *option, const OptionRow *rows, size_t n_rows, const OptionRow *seen[static 26],
                const char **later, Fault *fault) {
        char *value = value_cut(option, '=');
        const OptionRow *row = find(option, rows, n_rows);
        int r;

        if (!row)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no option '%s' for it", option);
        if (row->refuse)
                return value_refuse(fault, "%s", row->refuse);

        r = check_value(row, value, fault);
        if (r < 0)
                return r;
        if (row->later)
                *later = row->later;
        return check_exclusive(row, seen, fault);
}

int options_check(const char *text, const OptionRow *rows, size_t n_rows, const char **later, Fault *fault) {
        const OptionRow *seen[26] = {};
        autofree char *copy = strdup(text);
        char *rest = copy, *option;

        if (!copy)
                return -ENOMEM;

        while ((option = strsep(&rest, ","))) {
                int r;

                if (!*option || value_is_dynamic(option))
                        continue;
                r = check_option(option, rows, n_rows, seen, later, fault);
                if (r < 0)
                        return r;
        }
        return 0;
}
