/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/subnet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

int subnet_read_range(const char *text, Address *ret_first, Address *ret_last) {
        char copy[2 * ADDRESS_TEXT_MAX], *end;
        Address first, last;
        Prefix prefix;

        if (prefix_parse(text, &prefix) >= 0) {
                *ret_first = prefix_network(&prefix).address;
                *ret_last = prefix_last(&prefix);
                return 0;
        }
        if (strlen(text) >= sizeof(copy))
                return -EINVAL;
        (void) strcpy(copy, text);
        end = value_cut(copy, '-');
        if (!end || address_parse(copy, &first) < 0 || address_parse(end, &last) < 0 ||
                        first.family != last.family || address_compare(&first, &last) > 0)
                return -EINVAL;
        *ret_first = first;
        *ret_last = last;
        return 0;
}

/* A bit behind the prefix is not told: whoever writes the gateway's address means its network. */
static int copy_network(const Prefix *prefix, char **ret) {
        const Prefix network = prefix_network(prefix);
        char text[ADDRESS_TEXT_MAX];

        return value_copy(prefix_format(&network, text), ret);
}

int subnet_parse(Value *value, char **ret, Fault *fault) {
        Prefix prefix;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (prefix_parse(value->text, &prefix) < 0 || prefix.length == 0)
                return value_wrong(fault, value->text, "a subnet: ADDRESS/PREFIX, as 10.99.0.0/24");
        if (prefix.length + 2 > address_bits(&prefix.address))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' has no room for a gateway and a container", value->text);
        return copy_network(&prefix, ret);
}

int subnet_parse_address(Value *value, char **ret, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];
        Address address;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (address_parse(value->text, &address) < 0)
                return value_wrong(fault, value->text, "an address: IPv4 or IPv6");
        return value_copy(address_format(&address, text), ret);
}

int subnet_parse_range(Value *value, char **ret, Fault *fault) {
        char one[ADDRESS_TEXT_MAX], other[ADDRESS_TEXT_MAX];
        Address first, last;
        Prefix prefix;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (prefix_parse(value->text, &prefix) >= 0)
                return copy_network(&prefix, ret);
        if (subnet_read_range(value->text, &first, &last) < 0)
                return value_wrong(fault, value->text,
                                "a range of addresses: ADDRESS/PREFIX or FIRST-LAST, as "
                                "10.99.0.16-10.99.0.31");
        return value_printf(ret, "%s-%s", address_format(&first, one), address_format(&last, other));
}

int subnet_parse_route(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        char *gateway, *metric, to[ADDRESS_TEXT_MAX], by[ADDRESS_TEXT_MAX] = "";
        Address address = {};
        uint64_t number = 0;
        Prefix prefix;

        if (!copy)
                return -ENOMEM;
        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        gateway = value_cut(copy, ',');
        metric = gateway ? value_cut(gateway, ',') : NULL;

        if (prefix_parse(copy, &prefix) < 0)
                return value_wrong(fault, copy, "where a route leads to: ADDRESS/PREFIX");
        if (gateway && address_parse(gateway, &address) < 0)
                return value_wrong(fault, gateway, "the address of a gateway");
        if (gateway && address.family != prefix.address.family)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a route to '%s' cannot go by '%s': one is IPv4, the other IPv6", copy,
                                gateway);
        if (metric && value_number(metric, 0, UINT32_MAX, &number) < 0)
                return value_wrong(fault, metric, "the metric of a route: a number");

        prefix = prefix_network(&prefix);
        (void) prefix_format(&prefix, to);
        (void) address_format(&address, by);
        if (metric)
                return value_printf(ret, "%s,%s,%u", to, by, (unsigned) number);
        return value_printf(ret, "%s%s%s", to, gateway ? "," : "", by);
}
