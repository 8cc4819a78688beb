/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/digest.h"

#include <errno.h>
#include <string.h>

bool digest_is_hex(const char *text, size_t n) {
        return strspn(text, "0123456789abcdef") == n && text[n] == '\0';
}

int digest_from_hex(const char *hex, Digest *ret) {
        if (!digest_is_hex(hex, DIGEST_HEX))
                return -EINVAL;
        memcpy(ret->hex, hex, sizeof(ret->hex));
        return 0;
}

/* An algorithm that is registered but not ours deserves better words than "not a digest". */
static bool is_other_algorithm(const char *text) {
        static const char *const others[] = { "sha512:", "sha384:", "blake3:", "sha1:", "md5:" };

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                if (strncmp(text, others[i], strlen(others[i])) == 0)
                        return true;
        return false;
}

int digest_parse(const char *text, Digest *ret, Fault *fault) {
        if (strncmp(text, "sha256:", 7) == 0 && digest_from_hex(text + 7, ret) == 0)
                return 0;

        if (is_other_algorithm(text))
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "digest '%.80s' is not supported, only sha256 is", text);
        return fault_raise(fault, FAULT_SYNTAX, EINVAL,
                        "'%.80s' is not a digest, which is 'sha256:' and 64 lower-case hexadecimal digits",
                        text);
}

void digest_from_bytes(const unsigned char bytes[DIGEST_BYTES], Digest *ret) {
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < DIGEST_BYTES; i++) {
                ret->hex[2 * i] = digits[bytes[i] >> 4];
                ret->hex[2 * i + 1] = digits[bytes[i] & 15];
        }
        ret->hex[DIGEST_HEX] = '\0';
}

bool digest_equal(const Digest *a, const Digest *b) {
        return digest_is_set(a) && strcmp(a->hex, b->hex) == 0;
}
