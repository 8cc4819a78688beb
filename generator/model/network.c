/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/network.h"

#include <stdlib.h>

#include "generator/model/fields.h"
#include "lib/cleanup.h"

#define AT(member) offsetof(Network, member)

/* What a network owns. A field that is missing here leaks, which the sanitizer build tells. */
static const size_t texts[] = {
        AT(name),
        AT(service),
        AT(driver),
        AT(interface),
        AT(config),
        AT(ipam),
};

static const size_t lists[] = {
        AT(options),
        AT(subnets),
        AT(gateways),
        AT(ranges),
        AT(routes),
        AT(dns),
        AT(labels),
};

Network *network_new(void) {
        return calloc(1, sizeof(Network));
}

void network_free(Network *network) {
        fields_free(network, texts, ELEMENTS(texts), lists, ELEMENTS(lists));
}
