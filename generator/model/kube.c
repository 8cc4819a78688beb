/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/kube.h"

#include <stdlib.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"

#define AT(member) offsetof(Kube, member)

/* What it owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(service),
        AT(log_driver),
        AT(userns),
        AT(propagation),
        AT(working_directory),
};

static const size_t lists[] = {
        AT(yaml),
        AT(config_map),
        AT(auto_update),
        AT(log_opt),
        AT(network),
        AT(publish),
        AT(units),
        AT(volumes),
};

Kube *kube_new(void) {
        return calloc(1, sizeof(Kube));
}

void kube_free(Kube *kube) {
        fields_free(kube, texts, ELEMENTS(texts), lists, ELEMENTS(lists));
}
