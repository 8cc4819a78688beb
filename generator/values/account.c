/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/account.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* As useradd(8) takes it with --badname: no blanks, nothing that separates. */
static bool is_account_name(const char *text) {
        size_t n = strlen(text);

        if (n == 0 || n > 256 || (!isalpha((unsigned char) *text) && *text != '_'))
                return false;
        for (const char *c = text; *c; c++)
                if (!isalnum((unsigned char) *c) && !strchr("_.-", *c) && !(*c == '$' && !c[1]))
                        return false;
        return true;
}

int account_parse(Value *value, char **ret, Fault *fault) {
        const char *text = value->text;
        uint64_t number;

        if (value_is_dynamic(text) || is_account_name(text))
                return value_copy(text, ret);
        /* In C it would be octal, and podman reads it so. */
        if (text[0] == '0' && text[1])
                return value_wrong(fault, text, "a number that all read the same way: leave the 0 out");
        if (value_number(text, 0, UINT32_MAX - 1, &number) < 0)
                return value_wrong(fault, text, "the name of a user or group of the host, or a number");
        return value_copy(text, ret);
}
