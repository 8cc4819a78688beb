/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/image.h"

#include <stdlib.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"

#define AT(member) offsetof(Image, member)

/* What an image owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(service),
        AT(image),
        AT(tag),
        AT(policy),
        AT(retry),
        AT(retry_delay),
        AT(arch),
        AT(os),
        AT(variant),
        AT(auth_file),
        AT(cert_dir),
        AT(credentials),
};

Image *image_new(void) {
        return calloc(1, sizeof(Image));
}

void image_free(Image *image) {
        fields_free(image, texts, ELEMENTS(texts), NULL, 0);
}
