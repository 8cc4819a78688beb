/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"

int base64_encode(const void *data, size_t size, char **ret) {
        char *text;

        if (size > INT_MAX / 2)
                return -ENOMEM;
        text = malloc((size + 2) / 3 * 4 + 1);
        if (!text)
                return -ENOMEM;
        (void) EVP_EncodeBlock((unsigned char *) text, data, (int) size);
        *ret = text;
        return 0;
}

/* The bits behind the last byte are zero, or there would be several texts for the same bytes. */
static int is_canonical(const char *text, const char *data, size_t size) {
        autofree char *again = NULL;
        int r = base64_encode(data, size, &again);

        return r < 0 ? r : strcmp(text, again) == 0;
}

int base64_decode(const char *text, char **ret, size_t *ret_size) {
        size_t n = strlen(text), padding = 0;
        autofree char *data = NULL;
        int r;

        if (n % 4 != 0 || n > INT_MAX / 2)
                return -EINVAL;
        while (padding < 2 && padding < n && text[n - 1 - padding] == '=')
                padding++;
        data = malloc(n / 4 * 3 + 1);
        if (!data)
                return -ENOMEM;
        r = n == 0 ? 0 : EVP_DecodeBlock((unsigned char *) data, (const unsigned char *) text, (int) n);
        if (r < 0)
                return -EINVAL;
        n = (size_t) r - padding;
        data[n] = '\0';
        r = is_canonical(text, data, n);
        if (r <= 0)
                return r < 0 ? r : -EINVAL;
        *ret = TAKE(data);
        *ret_size = n;
        return 0;
}
