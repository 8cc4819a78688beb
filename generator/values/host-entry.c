/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/host-entry.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

#define HOSTNAME_MAX 64 /* HOST_NAME_MAX of the kernel */
#define DOMAIN_MAX 253

/* Whether @text is labels of letters, digits and '-' (and '_', if @loose), joined by dots. */
static bool is_hostname(const char *text, size_t max, bool loose) {
        size_t n = strlen(text), label = 0;

        if (n == 0 || n > max)
                return false;

        for (size_t i = 0; i < n; i++) {
                bool edge = label == 0 || text[i + 1] == '.' || text[i + 1] == '\0';

                if (text[i] == '.') {
                        if (label == 0)
                                return false;
                        label = 0;
                        continue;
                }
                if (!isalnum((unsigned char) text[i]) && !(text[i] == '-' && !edge) &&
                                !(loose && text[i] == '_'))
                        return false;
                if (++label > 63)
                        return false;
        }
        return label > 0;
}

bool host_name_is_valid(const char *text) {
        return is_hostname(text, DOMAIN_MAX, true);
}

static bool is_address(const char *text) {
        struct in6_addr address;

        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

static int check_names(char *names, Fault *fault) {
        char *name;

        while ((name = strsep(&names, ";")))
                if (!value_is_dynamic(name) && !is_hostname(name, DOMAIN_MAX, true))
                        return value_wrong(fault, name, "a host name");
        return 0;
}

int host_entry_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        char *address;
        size_t n;
        int r;

        if (!copy)
                return -ENOMEM;

        address = value_find_colon(copy);
        if (!address)
                return value_wrong(fault, value->text, "a line for /etc/hosts: NAME[;NAME]:ADDRESS");
        *address++ = '\0';

        r = check_names(copy, fault);
        if (r < 0)
                return r;

        n = strlen(address);
        if (n > 2 && *address == '[' && address[n - 1] == ']') {
                address[n - 1] = '\0';
                address++;
        }
        if (strcmp(address, "host-gateway") != 0 && !value_is_dynamic(address) && !is_address(address))
                return value_wrong(fault, address, "an address: IPv4, IPv6 or host-gateway");

        /* The names were cut apart; take them from the original. */
        return value_printf(ret, "%.*s:%s", (int) (value_find_colon((char *) value->text) - value->text),
                        value->text, address);
}

int hostname_parse(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !is_hostname(value->text, HOSTNAME_MAX, false))
                return value_wrong(fault, value->text,
                                "a host name: at most 64 letters, digits, '-' and '.', no label with '-' at "
                                "its ends");
        return value_copy(value->text, ret);
}

static int parse_address(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !is_address(value->text))
                return value_wrong(fault, value->text, "an address: IPv4 or IPv6");
        return value_copy(value->text, ret);
}

int dns_parse(Value *value, char **ret, Fault *fault) {
        return strcmp(value->text, "none") == 0 ? value_copy(value->text, ret)
                                                : parse_address(value, ret, fault);
}

int dns_search_parse(Value *value, char **ret, Fault *fault) {
        size_t n = strlen(value->text);
        autofree char *domain = strdup(value->text);

        if (!domain)
                return -ENOMEM;
        if (n > 1 && domain[n - 1] == '.')
                domain[n - 1] = '\0';
        if (strcmp(value->text, ".") != 0 && !value_is_dynamic(domain) &&
                        !is_hostname(domain, DOMAIN_MAX, true))
                return value_wrong(fault, value->text, "a domain, or '.' for none");
        return value_copy(value->text, ret);
}

int dns_option_parse(Value *value, char **ret, Fault *fault) {
        if (strpbrk(value->text, " \t"))
                return value_wrong(fault, value->text, "one option of resolv.conf(5)");
        return value_copy(value->text, ret);
}
