/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int address_parse(const char *text, Address *ret) {
        static const int families[] = { AF_INET, AF_INET6 };
        Address address = {};

        for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
                if (inet_pton(families[i], text, address.bytes) == 1) {
                        address.family = families[i];
                        *ret = address;
                        return 0;
                }
        return -EINVAL;
}

int prefix_parse(const char *text, Prefix *ret) {
        char copy[ADDRESS_TEXT_MAX], *slash;
        Prefix prefix = {};
        size_t n;

        if (strlen(text) >= sizeof(copy))
                return -EINVAL;
        (void) strcpy(copy, text);
        slash = strchr(copy, '/');
        if (!slash)
                return -EINVAL;
        *slash++ = '\0';
        n = strlen(slash);
        if (address_parse(copy, &prefix.address) < 0 || n == 0 || n > 3 || strspn(slash, "0123456789") != n)
                return -EINVAL;
        prefix.length = (unsigned) strtoul(slash, NULL, 10);
        if (prefix.length > address_bits(&prefix.address))
                return -EINVAL;
        *ret = prefix;
        return 0;
}

const char *address_format(const Address *address, char text[static ADDRESS_TEXT_MAX]) {
        if (!address_is_set(address) || !inet_ntop(address->family, address->bytes, text, ADDRESS_TEXT_MAX))
                *text = '\0';
        return text;
}

const char *prefix_format(const Prefix *prefix, char text[static ADDRESS_TEXT_MAX]) {
        size_t n;

        (void) address_format(&prefix->address, text);
        n = strlen(text);
        (void) snprintf(text + n, ADDRESS_TEXT_MAX - n, "/%u", prefix->length);
        return text;
}

size_t address_size(const Address *address) {
        return address->family == AF_INET6 ? 16 : 4;
}

unsigned address_bits(const Address *address) {
        return 8 * (unsigned) address_size(address);
}

int address_compare(const Address *one, const Address *two) {
        if (one->family != two->family)
                return one->family < two->family ? -1 : 1;
        return memcmp(one->bytes, two->bytes, sizeof(one->bytes));
}

bool address_is_any(const Address *address) {
        static const uint8_t zeros[16];

        return address_is_set(address) && memcmp(address->bytes, zeros, sizeof(zeros)) == 0;
}

bool address_is_loopback(const Address *address) {
        static const uint8_t one[16] = { [15] = 1 };

        if (address->family == AF_INET)
                return address->bytes[0] == 127;
        return address->family == AF_INET6 && memcmp(address->bytes, one, sizeof(one)) == 0;
}

Address address_after(const Address *address, uint64_t n) {
        Address after = *address;

        for (size_t i = address_size(address); i-- > 0 && n > 0; n >>= 8) {
                unsigned sum = after.bytes[i] + (unsigned) (n & 0xff);

                after.bytes[i] = (uint8_t) sum;
                /* What is carried over is one of the next byte's. */
                if (sum > 0xff)
                        n += 0x100;
        }
        return after;
}

/* Sets the bits behind the prefix, or clears them. */
static Address with_host_bits(const Prefix *prefix, bool set) {
        Address address = prefix->address;

        for (unsigned bit = prefix->length; bit < address_bits(&address); bit++) {
                uint8_t mask = (uint8_t) (0x80 >> (bit % 8));

                if (set)
                        address.bytes[bit / 8] |= mask;
                else
                        address.bytes[bit / 8] &= (uint8_t) ~mask;
        }
        return address;
}

Prefix prefix_network(const Prefix *prefix) {
        return (Prefix){ .address = with_host_bits(prefix, false), .length = prefix->length };
}

Address prefix_last(const Prefix *prefix) {
        return with_host_bits(prefix, true);
}

bool prefix_contains(const Prefix *prefix, const Address *address) {
        Prefix other = { .address = *address, .length = prefix->length }, own, its;

        if (prefix->address.family != address->family)
                return false;
        own = prefix_network(prefix);
        its = prefix_network(&other);
        return address_compare(&own.address, &its.address) == 0;
}

bool prefix_overlaps(const Prefix *one, const Prefix *two) {
        return one->length < two->length ? prefix_contains(one, &two->address)
                                         : prefix_contains(two, &one->address);
}
