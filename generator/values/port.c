/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

static int parse_range(char *text, PortRange *ret, Fault *fault) {
        char *end = value_cut(text, '-');
        uint64_t first, last;

        if (value_number(text, 1, UINT16_MAX, &first) < 0)
                return value_wrong(fault, text, "a port from 1 to 65535");
        last = first;
        if (end && value_number(end, 1, UINT16_MAX, &last) < 0)
                return value_wrong(fault, end, "a port from 1 to 65535");
        if (last < first)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the range '%s-%s' ends before it begins",
                                text, end);

        *ret = (PortRange){ .first = (uint16_t) first, .last = (uint16_t) last };
        return 0;
}

static int parse_protocol(const char *text, Port *port, Fault *fault) {
        static const char *const protocols[] = { "tcp", "udp", "sctp", NULL };

        if (!value_is_one_of(text, protocols))
                return value_wrong(fault, text, "a protocol: tcp, udp or sctp");
        (void) strcpy(port->protocol, text);
        return 0;
}

static int parse_address(char *text, Port *port, Fault *fault) {
        size_t n = strlen(text);
        struct in6_addr address;
        int family = AF_INET;

        if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
                family = AF_INET6;
                text[n - 1] = '\0';
                text++;
        }
        if (*text && (strlen(text) >= sizeof(port->address) || inet_pton(family, text, &address) != 1))
                return value_wrong(fault, text, "an address to listen on: IPv4, or IPv6 in brackets");

        (void) strcpy(port->address, text);
        return 0;
}

/* Everything but the protocol. Takes @text to pieces from its end. */
static int parse_mapping(char *text, Port *port, Fault *fault) {
        char *container = strrchr(text, ':');
        char *host = NULL;
        int r;

        if (!container || strchr(container, ']'))
                return parse_range(text, &port->container, fault);

        *container++ = '\0';
        r = parse_range(container, &port->container, fault);
        if (r < 0)
                return r;

        host = strrchr(text, ':');
        if (host && strchr(host, ']'))
                host = NULL;
        if (host) {
                *host++ = '\0';
                r = parse_address(text, port, fault);
                if (r < 0)
                        return r;
        } else
                host = text;

        return *host ? parse_range(host, &port->host, fault) : 0;
}

int port_parse(const char *text, Port *ret, Fault *fault) {
        autofree char *copy = strdup(text);
        Port port = { .protocol = "tcp" };
        char *protocol;
        int r;

        if (!copy)
                return -ENOMEM;

        protocol = value_cut(copy, '/');
        if (protocol) {
                r = parse_protocol(protocol, &port, fault);
                if (r < 0)
                        return r;
        }

        r = parse_mapping(copy, &port, fault);
        if (r < 0)
                return r;
        if (port.host.first > 0 &&
                        port.host.last - port.host.first != port.container.last - port.container.first)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' has not as many ports on the host as in the container", text);

        *ret = port;
        return 0;
}

int port_parse_publish(Value *value, char **ret, Fault *fault) {
        Port port;
        int r = 0;

        if (!value_is_dynamic(value->text))
                r = port_parse(value->text, &port, fault);
        return r < 0 ? r : value_copy(value->text, ret);
}

int port_parse_expose(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        PortRange range;
        char *protocol;
        int r;

        if (!copy)
                return -ENOMEM;
        if (value_is_dynamic(value->text)) {
                *ret = TAKE(copy);
                return 0;
        }

        protocol = value_cut(copy, '/');
        if (protocol && strcmp(protocol, "tcp") != 0 && strcmp(protocol, "udp") != 0)
                return value_wrong(fault, protocol, "a protocol: tcp or udp");

        r = parse_range(copy, &range, fault);
        return r < 0 ? r : value_copy(value->text, ret);
}
