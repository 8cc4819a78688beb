/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* ADDRESS/PREFIX at its longest, and the NUL. */
#define TEXT_MAX (INET6_ADDRSTRLEN + 4)

static unsigned bits(int family) {
        return family == AF_INET ? 32 : 128;
}

static bool bit(const Subnet *subnet, unsigned i) {
        return subnet->bytes[i / 8] >> (7 - i % 8) & 1;
}

static void set_tail(Subnet *subnet, bool on) {
        for (unsigned i = subnet->prefix; i < bits(subnet->family); i++) {
                unsigned char mask = (unsigned char) (1U << (7 - i % 8));

                if (on)
                        subnet->bytes[i / 8] |= mask;
                else
                        subnet->bytes[i / 8] &= (unsigned char) ~mask;
        }
}

int subnet_read(const char *text, Subnet *ret) {
        Subnet subnet = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
        char copy[TEXT_MAX], *prefix;
        uint64_t number;

        if (strlen(text) >= sizeof(copy))
                return -EINVAL;
        (void) strcpy(copy, text);
        prefix = value_cut(copy, '/');
        if (inet_pton(subnet.family, copy, subnet.bytes) != 1)
                return -EINVAL;
        number = bits(subnet.family);
        if (prefix && value_number(prefix, 0, bits(subnet.family), &number) < 0)
                return -EINVAL;
        subnet.prefix = (unsigned) number;
        *ret = subnet;
        return 0;
}

bool subnet_has(const Subnet *whole, const Subnet *part) {
        if (whole->family != part->family || whole->prefix > part->prefix)
                return false;
        for (unsigned i = 0; i < whole->prefix; i++)
                if (bit(whole, i) != bit(part, i))
                        return false;
        return true;
}

static int print(const Subnet *subnet, char text[static TEXT_MAX]) {
        size_t n;

        if (!inet_ntop(subnet->family, subnet->bytes, text, INET6_ADDRSTRLEN))
                return -EINVAL;
        n = strlen(text);
        if (subnet->prefix < bits(subnet->family))
                (void) snprintf(text + n, TEXT_MAX - n, "/%u", subnet->prefix);
        return 0;
}

int subnet_read_range(const char *text, Subnet *ret_first, Subnet *ret_last) {
        char copy[2 * TEXT_MAX], *end;
        Subnet first, last;

        if (strlen(text) >= sizeof(copy))
                return -EINVAL;
        (void) strcpy(copy, text);
        end = value_cut(copy, '-');
        if (subnet_read(copy, &first) < 0)
                return -EINVAL;

        last = first;
        if (end && (strchr(copy, '/') || strchr(end, '/') || subnet_read(end, &last) < 0))
                return -EINVAL;
        if (!end) {
                set_tail(&first, false);
                set_tail(&last, true);
        }
        first.prefix = last.prefix = bits(first.family);
        if (first.family != last.family || memcmp(first.bytes, last.bytes, sizeof(first.bytes)) > 0)
                return -EINVAL;
        *ret_first = first;
        *ret_last = last;
        return 0;
}

/* A bit behind the prefix is not told: whoever writes the gateway's address means its network. */
int subnet_parse(Value *value, char **ret, Fault *fault) {
        char text[TEXT_MAX];
        Subnet subnet;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (!strchr(value->text, '/') || subnet_read(value->text, &subnet) < 0 || subnet.prefix == 0)
                return value_wrong(fault, value->text, "a subnet: ADDRESS/PREFIX, as 10.99.0.0/24");
        if (subnet.prefix + 2 > bits(subnet.family))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' has no room for a gateway and a container", value->text);
        set_tail(&subnet, false);
        return print(&subnet, text) < 0 ? -ENOMEM : value_copy(text, ret);
}

int subnet_parse_address(Value *value, char **ret, Fault *fault) {
        char text[TEXT_MAX];
        Subnet address;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (strchr(value->text, '/') || subnet_read(value->text, &address) < 0)
                return value_wrong(fault, value->text, "an address: IPv4 or IPv6");
        return print(&address, text) < 0 ? -ENOMEM : value_copy(text, ret);
}

int subnet_parse_range(Value *value, char **ret, Fault *fault) {
        char one[TEXT_MAX], other[TEXT_MAX];
        Subnet subnet, first, last;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (!strpbrk(value->text, "/-") || subnet_read_range(value->text, &first, &last) < 0)
                return value_wrong(fault, value->text,
                                "a range of addresses: ADDRESS/PREFIX or FIRST-LAST, as "
                                "10.99.0.16-10.99.0.31");
        if (subnet_read(value->text, &subnet) < 0)
                return print(&first, one) < 0 || print(&last, other) < 0
                                       ? -ENOMEM
                                       : value_printf(ret, "%s-%s", one, other);
        set_tail(&subnet, false);
        return print(&subnet, one) < 0 ? -ENOMEM : value_copy(one, ret);
}

/* Of one family; a route to everywhere is the gateway's business. */
int subnet_parse_route(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        char *gateway, *metric, to[TEXT_MAX], by[TEXT_MAX] = "";
        Subnet subnet, address = {};
        uint64_t number = 0;

        if (!copy)
                return -ENOMEM;
        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        gateway = value_cut(copy, ',');
        metric = gateway ? value_cut(gateway, ',') : NULL;

        if (!strchr(copy, '/') || subnet_read(copy, &subnet) < 0)
                return value_wrong(fault, copy, "where a route leads to: ADDRESS/PREFIX");
        if (gateway && (strchr(gateway, '/') || subnet_read(gateway, &address) < 0))
                return value_wrong(fault, gateway, "the address of a gateway");
        if (gateway && address.family != subnet.family)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a route to '%s' cannot go by '%s': one is IPv4, the other IPv6", copy,
                                gateway);
        if (metric && value_number(metric, 0, UINT32_MAX, &number) < 0)
                return value_wrong(fault, metric, "the metric of a route: a number");

        set_tail(&subnet, false);
        if (print(&subnet, to) < 0 || (gateway && print(&address, by) < 0))
                return -ENOMEM;
        if (metric)
                return value_printf(ret, "%s,%s,%u", to, by, (unsigned) number);
        return value_printf(ret, "%s%s%s", to, gateway ? "," : "", by);
}
