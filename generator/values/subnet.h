/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Subnets, what is in them, and routes. */

#include "generator/values/value.h"

typedef struct Subnet {
        int family; /* AF_INET, AF_INET6 */
        unsigned char bytes[16];
        unsigned prefix; /* bits; all that an address has for a single one */
} Subnet;

/**
 * subnet_read() - ADDRESS/PREFIX, or ADDRESS alone
 *
 * Bits behind the prefix stay. Return: 0 or -EINVAL.
 */
int subnet_read(const char *text, Subnet *ret);

/* Whether all of @part is in @whole. */
bool subnet_has(const Subnet *whole, const Subnet *part);

/**
 * subnet_read_range() - first and last address of ADDRESS/PREFIX or ADDRESS-ADDRESS
 *
 * Return: 0 or -EINVAL; the last is not before the first.
 */
int subnet_read_range(const char *text, Subnet *ret_first, Subnet *ret_last);

ValueParse subnet_parse;         /* ADDRESS/PREFIX with room for a gateway and somebody else */
ValueParse subnet_parse_address; /* IPv4 or IPv6 */
ValueParse subnet_parse_range;   /* as subnet_read_range() */
ValueParse subnet_parse_route;   /* SUBNET[,GATEWAY[,METRIC]] */
