/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Subnets, ranges of their addresses, and routes, as the keys of a network take them. */

#include "generator/values/value.h"
#include "lib/address.h"

/**
 * subnet_read_range() - first and last address of ADDRESS/PREFIX or ADDRESS-ADDRESS
 *
 * Return: 0 or -EINVAL; the last is not before the first.
 */
int subnet_read_range(const char *text, Address *ret_first, Address *ret_last);

ValueParse subnet_parse;         /* ADDRESS/PREFIX with room for a gateway and somebody else */
ValueParse subnet_parse_address; /* IPv4 or IPv6 */
ValueParse subnet_parse_range;   /* as subnet_read_range() */
ValueParse subnet_parse_route;   /* SUBNET[,GATEWAY[,METRIC]] */
