/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/volume.h"

#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

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

Volume *volume_new(void) {
        return calloc(1, sizeof(Volume));
}

void volume_free(Volume *volume) {
        if (!volume)
                return;
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                free(*(char **) ((char *) volume + texts[i]));
        strv_free(volume->label);
        free(volume);
}
