/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/network.h"

#include <stdlib.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

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
        if (!network)
                return;
        for (size_t i = 0; i < ELEMENTS(texts); i++)
                free(*(char **) ((char *) network + texts[i]));
        for (size_t i = 0; i < ELEMENTS(lists); i++)
                strv_free(*(char ***) ((char *) network + lists[i]));
        free(network);
}
