/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/detach-keys.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* One key of the @n bytes at @text. Return: its code, or -EINVAL. */
static int parse_key(const char *text, size_t n) {
        unsigned char letter = (unsigned char) text[n > 0 ? n - 1 : 0];

        if (n == 1)
                return letter < 0x80 && isgraph(letter) ? letter : -EINVAL;
        if (n != 6 || strncmp(text, "ctrl-", 5) != 0)
                return -EINVAL;
        letter = (unsigned char) toupper(letter);
        return letter >= '@' && letter <= '_' ? letter - '@' : -EINVAL;
}

int detach_keys_parse(const char *text, DetachKeys *ret) {
        DetachKeys keys = {};

        while (*text) {
                size_t n = strcspn(text, ",");
                int key = parse_key(text, n);

                if (key < 0 || keys.n == DETACH_KEYS_MAX || (text[n] && !text[n + 1]))
                        return -EINVAL;
                keys.keys[keys.n++] = (char) key;
                text += n + (text[n] == ',');
        }
        *ret = keys;
        return 0;
}

/* The longest beginning of the sequence that the @n keys held and @next end with; the rest is passed on. */
static size_t fall_back(const DetachKeys *keys, char next, char *out, size_t *out_n) {
        char typed[DETACH_KEYS_MAX + 1];
        size_t n = keys->held + 1, passed = 0;

        memcpy(typed, keys->keys, keys->held);
        typed[keys->held] = next;
        while (passed < n && (n - passed > keys->n || memcmp(typed + passed, keys->keys, n - passed) != 0))
                passed++;
        memcpy(out + *out_n, typed, passed);
        *out_n += passed;
        return n - passed;
}

bool detach_keys_feed(DetachKeys *keys, const char *typed, size_t n, char *out, size_t *ret_n) {
        *ret_n = 0;
        if (keys->n == 0) {
                memcpy(out, typed, n);
                *ret_n = n;
                return false;
        }
        for (size_t i = 0; i < n; i++) {
                keys->held = fall_back(keys, typed[i], out, ret_n);
                if (keys->held == keys->n) {
                        keys->held = 0;
                        return true;
                }
        }
        return false;
}
