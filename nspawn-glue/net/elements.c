/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/elements.h"

#include <string.h>

static void put_interface(FILE *to, const char *verb, const char *set, const char *interface) {
        (void) fprintf(to, "%s element inet slipway %s { \"%s\" }\n", verb, set, interface);
}

static void put_subnet(FILE *to, const char *verb, const Network *network, const Subnet *subnet) {
        Prefix whole = prefix_network(&subnet->prefix);
        int version = whole.address.family == AF_INET6 ? 6 : 4;
        char text[ADDRESS_TEXT_MAX];

        (void) prefix_format(&whole, text);
        if (!network->internal)
                (void) fprintf(to, "%s element inet slipway hidden%d { %s }\n", verb, version, text);
        (void) fprintf(to, "%s element inet slipway own%d { %s . %s }\n", verb, version, text, text);
}

void elements_of_network(FILE *to, const char *verb, const Network *network) {
        const char *interface = network->interface;

        if (network->driver != DRIVER_BRIDGE)
                return;
        put_interface(to, verb, "bridges", interface);
        (void) fprintf(to, "%s element inet slipway within { \"%s\" . \"%s\" }\n", verb, interface,
                        interface);
        if (network->internal)
                put_interface(to, verb, "internal", interface);
        if (network->isolation == ISOLATION_ISOLATED)
                put_interface(to, verb, "isolated", interface);
        if (network->isolation == ISOLATION_STRICT)
                put_interface(to, verb, "strict", interface);
        for (size_t i = 0; i < network->n_subnets; i++)
                put_subnet(to, verb, network, &network->subnets[i]);
}

static void put_port(FILE *to, const char *verb, const MemberPort *port, unsigned i, const Address *target) {
        bool is_all = !address_is_set(&port->address) || address_is_any(&port->address);
        int version = target->family == AF_INET6 ? 6 : 4;
        char at[ADDRESS_TEXT_MAX], text[ADDRESS_TEXT_MAX];

        (void) fprintf(to, "%s element inet slipway publish%d%s { ", verb, version, is_all ? "" : "-at");
        if (!is_all)
                (void) fprintf(to, "%s . ", address_format(&port->address, at));
        (void) fprintf(to, "%s . %u : %s . %u }\n", port->protocol, port->host + i,
                        address_format(target, text), port->container + i);
}

void elements_of_member(FILE *to, const char *verb, const Member *member) {
        static const int families[] = { AF_INET, AF_INET6 };

        /* Then it is the plugin who has rules for them. */
        if (member->n_attachments > 0 && member->attachments[0].maps_ports)
                return;
        for (size_t k = 0; k < member->n_ports; k++) {
                const MemberPort *port = &member->ports[k];

                for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
                        const Address *target = member_address(member, families[f]);
                        bool is_wanted = !address_is_set(&port->address) ||
                                         port->address.family == families[f];

                        for (unsigned i = 0; target && is_wanted && i < port->count; i++)
                                put_port(to, verb, port, i, target);
                }
        }
}
