/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Addresses of the Internet, and the networks that they are in
 *
 * Arithmetic on plain values: nothing here asks the kernel.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Address {
        int family;        /* AF_INET, AF_INET6; 0 for none */
        uint8_t bytes[16]; /* in network order; four of them for IPv4, the rest is 0 */
} Address;

typedef struct Prefix {
        Address address; /* as it was given: bits behind the prefix may be set */
        unsigned length;
} Prefix;

#define ADDRESS_TEXT_MAX 64

/* Return: 0, or -EINVAL when @text is no address, with nothing around it. */
int address_parse(const char *text, Address *ret);

/* "ADDRESS/LENGTH". Return: 0 or -EINVAL. */
int prefix_parse(const char *text, Prefix *ret);

/* Return: @text. */
const char *address_format(const Address *address, char text[static ADDRESS_TEXT_MAX]);
const char *prefix_format(const Prefix *prefix, char text[static ADDRESS_TEXT_MAX]);

/* 4 or 16. */
size_t address_size(const Address *address);

/* The bits of an address: 32 or 128. */
unsigned address_bits(const Address *address);

/* As memcmp(3); IPv4 comes first. */
int address_compare(const Address *one, const Address *two);

static inline bool address_is_set(const Address *address) {
        return address->family != 0;
}

/* "0.0.0.0" or "::". */
bool address_is_any(const Address *address);

bool address_is_loopback(const Address *address);

/* The address that is @n after this one; it comes round behind the last. */
Address address_after(const Address *address, uint64_t n);

/* The network itself: without the bits behind the prefix. */
Prefix prefix_network(const Prefix *prefix);

/* The last address of the network, which in IPv4 is the one for broadcasts. */
Address prefix_last(const Prefix *prefix);

bool prefix_contains(const Prefix *prefix, const Address *address);
bool prefix_overlaps(const Prefix *one, const Prefix *two);
