/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lines for the container's /etc/hosts, and for its resolver. */

#include "generator/values/value.h"

ValueParse host_entry_parse; /* NAME[;NAME…]:ADDRESS */
ValueParse hostname_parse;   /* letters, digits, '-' and '.', at most 64 */
ValueParse dns_parse;        /* IPv4 or IPv6, or "none" */
ValueParse dns_search_parse; /* a domain, or "." for none */
ValueParse dns_option_parse; /* one word */

/* Labels of letters, digits, '-' and '_', joined by dots, at most 253 bytes. */
bool host_name_is_valid(const char *text);
