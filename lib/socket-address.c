/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/socket-address.h"

#include <string.h>

Address socket_address(const struct sockaddr_storage *name, uint16_t *ret_port) {
        const struct sockaddr_in *in = (const void *) name;
        const struct sockaddr_in6 *in6 = (const void *) name;
        Address address = { .family = name->ss_family };

        if (name->ss_family == AF_INET)
                memcpy(address.bytes, &in->sin_addr, sizeof(in->sin_addr));
        else if (name->ss_family != AF_INET6)
                address.family = 0;
        else if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
                address.family = AF_INET;
                memcpy(address.bytes, in6->sin6_addr.s6_addr + 12, sizeof(struct in_addr));
        } else
                memcpy(address.bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
        if (ret_port)
                *ret_port = ntohs(name->ss_family == AF_INET6 ? in6->sin6_port : in->sin_port);
        return address;
}

socklen_t socket_name(const Address *address, uint16_t port, struct sockaddr_storage *ret) {
        struct sockaddr_in *in = (void *) ret;
        struct sockaddr_in6 *in6 = (void *) ret;

        *ret = (struct sockaddr_storage){};
        if (address->family == AF_INET) {
                in->sin_family = AF_INET;
                in->sin_port = htons(port);
                memcpy(&in->sin_addr, address->bytes, sizeof(in->sin_addr));
                return sizeof(*in);
        }
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        memcpy(&in6->sin6_addr, address->bytes, sizeof(in6->sin6_addr));
        return sizeof(*in6);
}
