/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/utf8.h"

#include <string.h>

bool utf8_is_character(uint32_t character) {
        if (character > 0x10ffff)
                return false;
        if (character >= 0xd800 && character <= 0xdfff)
                return false;
        if (character >= 0xfdd0 && character <= 0xfdef)
                return false;
        return (character & 0xfffe) != 0xfffe;
}

/* By the first byte: how long the character is, and the bits that are its own. */
static size_t begin(unsigned char first, uint32_t *ret_bits) {
        static const struct {
                unsigned char mask, value;
        } forms[] = { { 0x80, 0x00 }, { 0xe0, 0xc0 }, { 0xf0, 0xe0 }, { 0xf8, 0xf0 } };

        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
                if ((first & forms[i].mask) == forms[i].value) {
                        *ret_bits = first & (unsigned char) ~forms[i].mask;
                        return i + 1;
                }
        return 0;
}

size_t utf8_measure(const char *text, size_t n) {
        /* The smallest character that needs so many bytes: a longer form is a disguise. */
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        uint32_t character;
        size_t length;

        if (n == 0)
                return 0;
        length = begin((unsigned char) text[0], &character);
        if (length == 0 || length > n)
                return 0;

        for (size_t i = 1; i < length; i++) {
                unsigned char next = (unsigned char) text[i];

                if ((next & 0xc0) != 0x80)
                        return 0;
                character = character << 6 | (next & 0x3f);
        }
        return character >= smallest[length] && utf8_is_character(character) ? length : 0;
}

/* Most text is ASCII, and eight bytes of that can be told at once. */
static size_t skip_ascii(const char *text, size_t n) {
        size_t i = 0;
        uint64_t eight;

        while (i + sizeof(eight) <= n) {
                memcpy(&eight, text + i, sizeof(eight));
                if (eight & UINT64_C(0x8080808080808080))
                        break;
                i += sizeof(eight);
        }
        while (i < n && (unsigned char) text[i] < 0x80)
                i++;
        return i;
}

const char *utf8_find_invalid(const char *text, size_t n) {
        while (n > 0) {
                size_t length = skip_ascii(text, n);

                if (length == 0)
                        length = utf8_measure(text, n);

                if (length == 0)
                        return text;
                text += length;
                n -= length;
        }
        return NULL;
}

size_t utf8_encode(uint32_t character, char *ret) {
        size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
        static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

        for (size_t i = length; i-- > 1;) {
                ret[i] = (char) (0x80 | (character & 0x3f));
                character >>= 6;
        }
        ret[0] = (char) (first[length] | character);
        return length;
}
