/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

static int wrong(Fault *fault, const char *text, const char *what) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not %s", text, what);
}

/* Splits at the first @separator in place. Return: what is behind it, NULL when there is none. */
static char *cut(char *text, char separator) {
        char *at = strchr(text, separator);

        if (!at)
                return NULL;
        *at = '\0';
        return at + 1;
}

static int parse_number(const char *text, uint16_t *ret) {
        unsigned long number;
        size_t n = strlen(text);

        if (n == 0 || n > 5 || strspn(text, "0123456789") != n)
                return -EINVAL;
        number = strtoul(text, NULL, 10);
        if (number < 1 || number > UINT16_MAX)
                return -EINVAL;
        *ret = (uint16_t) number;
        return 0;
}

int port_range_parse(char *text, PortRange *ret, Fault *fault) {
        char *end = cut(text, '-');
        uint16_t first, last;

        if (parse_number(text, &first) < 0)
                return wrong(fault, text, "a port from 1 to 65535");
        last = first;
        if (end && parse_number(end, &last) < 0)
                return wrong(fault, end, "a port from 1 to 65535");
        if (last < first)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the range '%s-%s' ends before it begins",
                                text, end);

        *ret = (PortRange){ .first = first, .last = last };
        return 0;
}

static int parse_protocol(const char *text, Port *port, Fault *fault) {
        static const char *const protocols[] = { "tcp", "udp", "sctp" };

        for (size_t i = 0; i < ELEMENTS(protocols); i++)
                if (strcasecmp(text, protocols[i]) == 0) {
                        (void) strcpy(port->protocol, protocols[i]);
                        return 0;
                }
        return wrong(fault, text, "a protocol: tcp, udp or sctp");
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
        if (!*text)
                return 0;
        if (inet_pton(family, text, &address) != 1)
                return wrong(fault, text, "an address to listen on: IPv4, or IPv6 in brackets");
        (void) inet_ntop(family, &address, port->address, sizeof(port->address));
        return 0;
}

/* Everything but the protocol. Takes @text to pieces from its end. */
static int parse_mapping(char *text, Port *port, Fault *fault) {
        char *container = strrchr(text, ':');
        char *host = NULL;
        int r;

        if (!container || strchr(container, ']'))
                return port_range_parse(text, &port->container, fault);

        *container++ = '\0';
        r = port_range_parse(container, &port->container, fault);
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

        return *host ? port_range_parse(host, &port->host, fault) : 0;
}

int port_parse(const char *text, Port *ret, Fault *fault) {
        autofree char *copy = strdup(text);
        Port port = { .protocol = "tcp" };
        char *protocol;
        int r;

        if (!copy)
                return -ENOMEM;

        protocol = cut(copy, '/');
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

static void print_range(FILE *stream, const PortRange *range) {
        if (range->first > 0)
                (void) fprintf(stream, "%u", range->first);
        if (range->last > range->first)
                (void) fprintf(stream, "-%u", range->last);
}

char *port_to_text(const Port *port) {
        bool is_ip6 = strchr(port->address, ':');
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        if (*port->address)
                (void) fprintf(stream, "%s%s%s:", is_ip6 ? "[" : "", port->address, is_ip6 ? "]" : "");
        print_range(stream, &port->host);
        if (*port->address || port->host.first > 0)
                (void) fputc(':', stream);
        print_range(stream, &port->container);
        if (strcmp(port->protocol, "tcp") != 0)
                (void) fprintf(stream, "/%s", port->protocol);
        if (fclose(stream) != 0) {
                free(text);
                return NULL;
        }
        return text;
}
