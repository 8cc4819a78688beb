/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

bool interface_name_is_valid(const char *name) {
        size_t n = strlen(name);

        static const char *const reserved[] = { ".", "..", "all", "default" }; /* below /proc/sys/net */

        if (n == 0 || n >= IFNAMSIZ)
                return false;
        for (size_t i = 0; i < ELEMENTS(reserved); i++)
                if (strcmp(name, reserved[i]) == 0)
                        return false;
        return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == n;
}

bool alias_is_valid(const char *name) {
        size_t n = strlen(name);

        if (n == 0 || n > 253 || !isalnum((unsigned char) *name))
                return false;
        for (const char *label = name; *label; label += strcspn(label, ".") + (strchr(label, '.') ? 1 : 0)) {
                size_t length = strcspn(label, ".");

                if (length == 0 || length > 63)
                        return false;
        }
        return name[n - 1] != '.' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == n;
}

int mac_parse(const char *text, uint8_t ret[static 6]) {
        unsigned m[6];
        int end = 0;

        if (strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:-") != 17)
                return -EINVAL;
        if (sscanf(text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%n", &m[0], &m[1], &m[2],
                            &m[3], &m[4], &m[5], &end) != 6 ||
                        end != 17 || m[0] & 1 || (m[0] | m[1] | m[2] | m[3] | m[4] | m[5]) == 0)
                return -EINVAL;
        for (size_t i = 0; i < 6; i++)
                ret[i] = (uint8_t) m[i];
        return 0;
}

char *mac_format(const uint8_t m[static 6], char ret[static MAC_TEXT_MAX]) {
        *ret = '\0';
        if (m[0] | m[1] | m[2] | m[3] | m[4] | m[5])
                (void) snprintf(ret, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
                                m[4], m[5]);
        return ret;
}

void mac_from_hash(uint8_t first, const char *hex, uint8_t ret[static 6]) {
        ret[0] = first;
        for (size_t i = 1; i < 6; i++) {
                unsigned byte;

                (void) sscanf(hex + 2 * i, "%2x", &byte);
                ret[i] = (uint8_t) byte;
        }
}

static int wrong(Fault *fault, const char *name, const char *value, const char *what) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "%s=%.100s is not %s", name, value, what);
}

static int take_address(NetworkRequest *request, const char *name, const char *value, Fault *fault) {
        Address address;

        if (address_parse(value, &address) < 0)
                return wrong(fault, name, value, "an address");
        request->fixed[address.family == AF_INET6] = address;
        return 0;
}

static int take_mac(NetworkRequest *request, const char *name, const char *value, Fault *fault) {
        return mac_parse(value, request->mac) < 0 ? wrong(fault, name, value, "the address of one interface")
                                                  : 0;
}

static int take_alias(NetworkRequest *request, const char *name, const char *value, Fault *fault) {
        if (!alias_is_valid(value))
                return wrong(fault, name, value, "a host name");
        return strv_append(&request->aliases, value);
}

static int take_interface(NetworkRequest *request, const char *name, const char *value, Fault *fault) {
        if (!interface_name_is_valid(value))
                return wrong(fault, name, value,
                                "the name of an interface: at most 15 letters, digits, '_', '.' and '-'");
        (void) strcpy(request->interface, value);
        return 0;
}

static int take_metric(NetworkRequest *request, const char *name, const char *value, Fault *fault) {
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        if (!isdigit((unsigned char) *value) || *end || number > UINT32_MAX)
                return wrong(fault, name, value, "a number");
        request->metric = (uint32_t) number;
        return 0;
}

static int take_no_default_route(
                NetworkRequest *request, const char *name, const char *value, Fault *fault) {
        request->no_default_route = strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
        return 0;
}

static const struct {
        const char *name;
        int (*take)(NetworkRequest *request, const char *name, const char *value, Fault *fault);
} options[] = {
        { "ip", take_address },
        { "ip6", take_address },
        { "mac", take_mac },
        { "alias", take_alias },
        { "interface_name", take_interface },
        { "metric", take_metric },
        { "no_default_route", take_no_default_route },
};

static int take_option(NetworkRequest *request, char *word, Fault *fault) {
        char *value = strchr(word, '=');

        if (value)
                *value++ = '\0';
        for (size_t i = 0; i < ELEMENTS(options); i++)
                if (strcmp(word, options[i].name) == 0)
                        return options[i].take(request, word, value ? value : "", fault);
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "a network has no option '%.100s'; there are ip, ip6, mac, alias, interface_name, "
                        "metric and no_default_route",
                        word);
}

static int parse(char *text, NetworkRequest *request, Fault *fault) {
        char *name = network_is_cni(text) ? text + strlen(NETWORK_CNI) : text, *rest = strchr(name, ':'),
             *word;
        int r = 0;

        if (rest)
                *rest++ = '\0';
        if (!network_name_is_valid(name) || strlen(text) > NETWORK_NAME_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a network", text);
        (void) strcpy(request->network, text);
        while (r >= 0 && (word = strsep(&rest, ",")))
                if (*word)
                        r = take_option(request, word, fault);
        return r;
}

void network_request_done(NetworkRequest *request) {
        strv_free(request->aliases);
        request->aliases = NULL;
}

int network_request_parse(const char *text, NetworkRequest *ret, Fault *fault) {
        autofree char *copy = strdup(text);
        NetworkRequest request = {};
        int r;

        if (!copy)
                return -ENOMEM;
        r = parse(copy, &request, fault);
        if (r < 0) {
                network_request_done(&request);
                return r;
        }
        *ret = request;
        return 0;
}
