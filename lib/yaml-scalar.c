/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/yaml-scalar.h"

#include <ctype.h>
#include <string.h>

static bool is_among(const char *text, const char *const *words) {
        for (; *words; words++)
                if (strcmp(text, *words) == 0)
                        return true;
        return false;
}

static size_t digits_until(const char *text, const char *digits) {
        return strspn(text, digits);
}

/* "12", "0x1f", "0644", "0o644", "0b11", maybe with "_" between digits. */
static bool read_integer(const char *text, YamlNode *node) {
        static const struct {
                const char *prefix, *digits;
                int base;
        } forms[] = {
                { "0x", "0123456789abcdefABCDEF_", 16 },
                { "0o", "01234567_", 8 },
                { "0b", "01_", 2 },
                { "0", "01234567_", 8 },
                { "", "0123456789_", 10 },
        };
        const char *from = text + (*text == '-' || *text == '+');

        for (size_t i = 0; i < ELEMENTS(forms); i++) {
                const char *number = from + strlen(forms[i].prefix);
                char digits[80] = "", *to = digits;

                if (strncmp(from, forms[i].prefix, strlen(forms[i].prefix)) != 0 || !*number ||
                                *number == '_' || number[digits_until(number, forms[i].digits)])
                        continue;
                for (; *number && to < digits + sizeof(digits) - 2; number++)
                        if (*number != '_')
                                *to++ = *number;
                *to = '\0';
                errno = 0;
                node->integer = strtoll(digits, NULL, forms[i].base);
                node->is_integer = errno == 0 && !*number;
                if (*text == '-')
                        node->integer = -node->integer;
                return true;
        }
        return false;
}

/* "1.5", ".5", "1e3", ".inf" */
static bool is_fraction(const char *text) {
        static const char *const words[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL };
        static const char decimal[] = "0123456789_";
        size_t before, after = 0;
        const char *start;

        text += *text == '-' || *text == '+';
        if (is_among(text, words))
                return true;
        start = text;
        before = digits_until(text, decimal);
        text += before;
        if (*text == '.') {
                after = digits_until(text + 1, decimal);
                text += after + 1;
        }
        if (before + after == 0 || *start == '_')
                return false;
        if (*text == 'e' || *text == 'E') {
                text += 1 + (text[1] == '-' || text[1] == '+');
                if (!isdigit((unsigned char) *text))
                        return false;
                text += digits_until(text, decimal);
        }
        return !*text;
}

void yaml_scalar_resolve(YamlNode *node) {
        static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
        static const char *const trues[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON",
                "y", "Y", NULL };
        static const char *const falses[] = { "false", "False", "FALSE", "no", "No", "NO", "off", "Off",
                "OFF", "n", "N", NULL };

        if (is_among(node->text, nulls))
                node->kind = YAML_NULL;
        else if (is_among(node->text, trues) || is_among(node->text, falses)) {
                node->kind = YAML_BOOLEAN;
                node->is_true = is_among(node->text, trues);
        } else if (read_integer(node->text, node) || is_fraction(node->text))
                node->kind = YAML_NUMBER;
}
