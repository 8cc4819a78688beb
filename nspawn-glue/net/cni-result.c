/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/cni-result.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/cni-config.h"
#include "nspawn-glue/net/request.h"

void cni_result_done(CniResult *result) {
        strv_free(result->servers);
        strv_free(result->searches);
        strv_free(result->options);
        result->servers = result->searches = result->options = NULL;
}

static int wrong(Fault *fault, const char *what, const char *value) {
        return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "%s '%.100s'", what, value);
}

/* @gateway may be "". */
static int add_prefix(CniResult *result, const char *address, const char *gateway, Fault *fault) {
        Prefix prefix;
        Address by;

        if (prefix_parse(address, &prefix) < 0)
                return wrong(fault, "it gives an address that is none:", address);
        if (*gateway && address_parse(gateway, &by) < 0)
                return wrong(fault, "it gives a gateway that is none:", gateway);
        if (result->n_prefixes == ELEMENTS(result->prefixes))
                return wrong(fault, "it gives too many addresses, the last one is", address);
        result->prefixes[result->n_prefixes++] = prefix;
        if (*gateway && !address_is_set(&result->gateways[by.family == AF_INET6]))
                result->gateways[by.family == AF_INET6] = by;
        return 0;
}

/* Interfaces on the host have no sandbox. */
static bool is_own(const json_t *interface, const char *name) {
        return *net_string(interface, "sandbox") && strcmp(net_string(interface, "name"), name) == 0;
}

/* An address without an interface is that of the only one there is. */
static bool is_of(const json_t *entry, const json_t *interfaces, const char *name) {
        const json_t *index = json_object_get(entry, "interface");
        json_int_t i = json_integer_value(index);

        if (!json_is_integer(index))
                return true;
        return i >= 0 && is_own(json_array_get(interfaces, (size_t) i), name);
}

static int read_addresses(const json_t *document, const char *name, CniResult *result, Fault *fault) {
        const json_t *interfaces = json_object_get(document, "interfaces"), *entry;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(document, "ips"), i,
                        entry) if (r >= 0 && is_of(entry, interfaces, name)) r = add_prefix(result,
                        net_string(entry, "address"), net_string(entry, "gateway"), fault);
        return r;
}

/* Before version 0.3.0 there was one address of each family. */
static int read_old_addresses(const json_t *document, CniResult *result, Fault *fault) {
        static const char *const families[] = { "ip4", "ip6" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(families) && r >= 0; i++) {
                const json_t *entry = json_object_get(document, families[i]);

                if (entry)
                        r = add_prefix(result, net_string(entry, "ip"), net_string(entry, "gateway"), fault);
        }
        return r;
}

static void read_mac(const json_t *document, const char *name, CniResult *result) {
        const json_t *interface;
        size_t i;

        json_array_foreach(json_object_get(document, "interfaces"), i,
                        interface) if (is_own(interface, name))(void)
                        mac_parse(net_string(interface, "mac"), result->mac);
}

static bool is_address(const char *text) {
        Address address;

        return address_parse(text, &address) >= 0;
}

static bool is_option(const char *text) {
        size_t n = strlen(text);

        return n > 0 && n < 64 &&
               strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.-") == n;
}

/* What would be another line of the file, or none that anybody reads, is left out. */
static int read_list(const json_t *list, bool (*is_valid)(const char *text), char ***ret) {
        const json_t *item;
        size_t i;
        int r = 0;

        json_array_foreach(list, i, item) if (json_is_string(item) && r >= 0 &&
                                              strv_length(*ret) < CNI_LIST_MAX &&
                                              is_valid(json_string_value(item))) r =
                        strv_append(ret, json_string_value(item));
        return r;
}

static int read_dns(const json_t *dns, CniResult *result) {
        const char *domain = net_string(dns, "domain");
        int r;

        r = read_list(json_object_get(dns, "nameservers"), is_address, &result->servers);
        if (r >= 0)
                r = read_list(json_object_get(dns, "search"), alias_is_valid, &result->searches);
        if (r >= 0 && !result->searches && alias_is_valid(domain))
                r = strv_append(&result->searches, domain);
        return r < 0 ? r : read_list(json_object_get(dns, "options"), is_option, &result->options);
}

static int read_all(const json_t *document, const char *name, CniResult *result, Fault *fault) {
        int r;

        if (!json_is_object(document))
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "its answer is no object of JSON");
        r = read_addresses(document, name, result, fault);
        if (r >= 0)
                r = read_old_addresses(document, result, fault);
        if (r < 0)
                return r;
        read_mac(document, name, result);
        return read_dns(json_object_get(document, "dns"), result);
}

int cni_result_parse(const char *text, size_t size, const char *interface, CniResult *ret,
                json_t **ret_document, Fault *fault) {
        AUTO(json_decrefp) json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        CniResult result = {};
        int r;

        r = read_all(document, interface, &result, fault);
        if (r < 0) {
                cni_result_done(&result);
                return r;
        }
        *ret = result;
        *ret_document = TAKE(document);
        return 0;
}

/* Names of codes, where a number says nothing. */
static const char *code_name(json_int_t code) {
        static const char *const names[] = {
                [1] = "the version is not supported",
                [2] = "a field of the configuration is not supported",
                [3] = "the container is not known",
                [4] = "the environment is wrong",
                [5] = "reading or writing has failed",
                [6] = "what was read makes no sense",
                [7] = "the configuration is wrong",
                [11] = "try again later",
        };

        return code > 0 && code < (json_int_t) ELEMENTS(names) ? names[code] : NULL;
}

int cni_error_raise(const char *plugin, const char *text, size_t size, const char *words, Fault *fault) {
        AUTO(json_decrefp) json_t *document = json_loadb(text, size, 0, NULL);
        const char *message = net_string(document, "msg"), *details = net_string(document, "details");
        json_int_t code = net_number(document, "code");

        if (!*message)
                return fault_raise(fault, FAULT_SYSTEM, EIO, "the plugin '%.100s' has failed: %.300s",
                                plugin, *words ? words : "it has not said why");
        return fault_raise(fault, FAULT_SYSTEM, EIO,
                        "the plugin '%.100s' has failed: %.250s%s%.150s (code %lld%s%s)", plugin, message,
                        *details ? ": " : "", details, (long long) code, code_name(code) ? ", " : "",
                        code_name(code) ? code_name(code) : "");
}
