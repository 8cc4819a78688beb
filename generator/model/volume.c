/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/volume.h"

#include <stdlib.h>
#include <string.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"
#include "lib/comma-list.h"

#define AT(member) offsetof(Volume, member)

/* What a volume owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(service),
        AT(name),
        AT(driver),
        AT(image),
        AT(image_service),
        AT(type),
        AT(device),
        AT(options),
        AT(user),
        AT(group),
        AT(uid),
        AT(gid),
        AT(size),
};

static const size_t lists[] = { AT(label) };

Volume *volume_new(void) {
        return calloc(1, sizeof(Volume));
}

void volume_free(Volume *volume) {
        fields_free(volume, texts, ELEMENTS(texts), lists, ELEMENTS(lists));
}

bool volume_binds(const Volume *volume) {
        return (volume->type && (strcmp(volume->type, "bind") == 0 || strcmp(volume->type, "none") == 0)) ||
               comma_list_has(volume->options, "bind") || comma_list_has(volume->options, "rbind");
}
