/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ports_done(PortTable *table) {
        free(table->ports);
        free(table->addresses);
        *table = (PortTable){};
}

int ports_add(PortTable *table, const char *text, Fault *fault) {
        Port port, *ports;
        Address address = {}, *addresses;
        int r = port_parse(text, &port, fault);

        if (r < 0)
                return r;
        if (port.host.first == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' has no port of the host", text);
        if (*port.address)
                (void) address_parse(port.address, &address);

        ports = reallocarray(table->ports, table->n + 1, sizeof(Port));
        if (!ports)
                return -ENOMEM;
        table->ports = ports;
        addresses = reallocarray(table->addresses, table->n + 1, sizeof(Address));
        if (!addresses)
                return -ENOMEM;
        table->addresses = addresses;
        ports[table->n] = port;
        addresses[table->n++] = address;
        return 0;
}

uint16_t ports_find(const PortTable *table, const char *protocol, const Address *address, uint16_t port) {
        uint16_t found = 0;

        for (size_t i = 0; i < table->n; i++) {
                const Port *entry = &table->ports[i];
                const Address *own = &table->addresses[i];
                uint16_t to = (uint16_t) (entry->container.first + (port - entry->host.first));

                if (strcmp(entry->protocol, protocol) != 0 || port < entry->host.first ||
                                port > entry->host.last)
                        continue;
                if (address_is_set(own) && address_compare(own, address) == 0)
                        return to;
                if (!address_is_set(own))
                        found = to;
        }
        return found;
}
