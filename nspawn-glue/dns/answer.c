/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESSES_MAX = 1024, NIBBLES = 32 };

typedef struct Finding {
        Address addresses[ADDRESSES_MAX];
        size_t n;
        bool exists;
} Finding;

static bool ends_with(const char *name, const char *suffix) {
        size_t n = strlen(name), tail = strlen(suffix);

        return n >= tail && strcmp(name + n - tail, suffix) == 0;
}

/* "5.0.99.10.in-addr.arpa", numbers from the last one on. */
static bool parse_reverse4(const char *name, Address *ret) {
        Address address = { .family = AF_INET };

        for (int i = 3; i >= 0; i--) {
                size_t digits = strspn(name, "0123456789");
                long n = strtol(name, NULL, 10);

                if (digits == 0 || digits > 3 || n > 255 || name[digits] != '.' ||
                                (digits > 1 && *name == '0'))
                        return false;
                address.bytes[i] = (uint8_t) n;
                name += digits + 1;
        }
        *ret = address;
        return strcmp(name, "in-addr.arpa") == 0;
}

/* One hexadecimal digit a label. */
static bool parse_reverse6(const char *name, Address *ret) {
        static const char digits[] = "0123456789abcdef";
        Address address = { .family = AF_INET6 };

        for (int i = NIBBLES - 1; i >= 0; i--) {
                const char *digit = *name ? strchr(digits, *name) : NULL;

                if (!digit || name[1] != '.')
                        return false;
                address.bytes[i / 2] |= (uint8_t) ((digit - digits) << (i % 2 ? 0 : 4));
                name += 2;
        }
        *ret = address;
        return strcmp(name, "ip6.arpa") == 0;
}

bool responder_knows(const Network *network, const Address *address) {
        for (size_t i = 0; i < network->n_subnets; i++)
                if (prefix_contains(&network->subnets[i].prefix, address))
                        return true;
        return false;
}

static size_t answer_reverse(const Responder *responder, const DnsQuery *query, const Address *address,
                uint8_t *data, size_t room) {
        const char *name;
        DnsReply reply;
        size_t at = 0, length;
        bool exists = false;

        dns_reply_begin(&reply, query, data, room);
        while ((name = names_next_of(responder->names, address, &at, &length))) {
                exists = true;
                if ((query->type == DNS_PTR || query->type == DNS_ANY) && reply.n_answers < ADDRESSES_MAX)
                        (void) dns_reply_add_name(&reply, name, length);
        }
        return dns_reply_end(&reply, query, exists ? DNS_OK : DNS_NO_NAME, true);
}

/* NAME, or NAME.NETWORK; what is below the name of the network by accident is still somebody else's. */
static void find(const Responder *responder, const char *name, int family, Finding *ret) {
        size_t n = strlen(name), tail = strlen(responder->network->name);
        char short_name[DNS_NAME_MAX];

        ret->n = names_find(responder->names, name, family, ret->addresses, ADDRESSES_MAX, &ret->exists);
        if (ret->exists || n <= tail + 1 || name[n - tail - 1] != '.' ||
                        strcasecmp(name + n - tail, responder->network->name) != 0)
                return;
        (void) snprintf(short_name, sizeof(short_name), "%.*s", (int) (n - tail - 1), name);
        ret->n = names_find(
                        responder->names, short_name, family, ret->addresses, ADDRESSES_MAX, &ret->exists);
}

static void find_localhost(int family, Finding *ret) {
        ret->exists = true;
        ret->n = family != 0;
        (void) address_parse(family == AF_INET6 ? "::1" : "127.0.0.1", &ret->addresses[0]);
}

/* Any family will do for who asks for anything; IPv4 if there is some. */
static void find_type(const Responder *responder, const DnsQuery *query, Finding *ret) {
        static const int any[] = { AF_INET, AF_INET6 };
        int family = query->type == DNS_A ? AF_INET : query->type == DNS_AAAA ? AF_INET6 : 0;
        bool is_localhost = strcmp(query->name, "localhost") == 0 || ends_with(query->name, ".localhost");

        *ret = (Finding){};
        for (size_t i = 0; i < (query->type == DNS_ANY ? 2 : 1) && ret->n == 0; i++) {
                if (query->type == DNS_ANY)
                        family = any[i];
                if (is_localhost)
                        find_localhost(family, ret);
                else
                        find(responder, query->name, family, ret);
        }
}

/* Another order each time, so that replicas of one name have the same to do. */
static unsigned turn(Responder *responder) {
        uint32_t x = responder->random ? responder->random : 1;

        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        return responder->random = x;
}

static size_t answer_addresses(Responder *responder, const DnsQuery *query, const Finding *found,
                uint8_t *data, size_t room) {
        unsigned first = turn(responder);
        DnsReply reply;

        dns_reply_begin(&reply, query, data, room);
        for (size_t i = 0; i < found->n; i++) {
                const Address *address = &found->addresses[(first + i) % found->n];

                (void) dns_reply_add(&reply, address->family == AF_INET ? DNS_A : DNS_AAAA, address->bytes,
                                address_size(address));
        }
        return dns_reply_end(&reply, query, DNS_OK, true);
}

/* A name without a dot means something here or nowhere; but what is a domain of the top level has servers.
 */
static bool stays_here(const DnsQuery *query) {
        return *query->name && !strchr(query->name, '.') &&
               (query->type == DNS_A || query->type == DNS_AAAA || query->type == DNS_ANY);
}

size_t responder_answer(Responder *responder, const DnsQuery *query, uint8_t *data, size_t room) {
        static Finding found;
        Address address;

        if (query->type == DNS_OPT || (query->type >= DNS_FIRST_META && query->type <= DNS_LAST_META) ||
                        (query->class != DNS_CLASS_IN && query->class != DNS_ANY))
                return dns_reply_code(query, DNS_REFUSED, false, data, room);

        if ((parse_reverse4(query->name, &address) || parse_reverse6(query->name, &address)) &&
                        responder_knows(responder->network, &address))
                return answer_reverse(responder, query, &address, data, room);

        if (*query->name)
                find_type(responder, query, &found);
        if (*query->name && found.exists)
                return answer_addresses(responder, query, &found, data, room);
        if (stays_here(query) || responder->network->internal)
                return dns_reply_code(query, DNS_NO_NAME, true, data, room);
        return 0;
}
