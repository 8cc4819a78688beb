/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/build.h"

#include <stdlib.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"

#define AT(member) offsetof(Build, member)

/* What a build owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(service),
        AT(context),
        AT(file),
        AT(ignore_file),
        AT(target),
        AT(arch),
        AT(variant),
        AT(auth_file),
        AT(pull),
        AT(retry),
        AT(retry_delay),
};

static const size_t lists[] = {
        AT(tags),
        AT(annotations),
        AT(labels),
        AT(build_args),
        AT(environment),
        AT(dns),
        AT(dns_options),
        AT(dns_searches),
        AT(networks),
        AT(groups),
        AT(secrets),
        AT(volumes),
        AT(passed),
};

Build *build_new(void) {
        return calloc(1, sizeof(Build));
}

void build_free(Build *build) {
        fields_free(build, texts, ELEMENTS(texts), lists, ELEMENTS(lists));
}
