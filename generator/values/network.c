/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/network.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/host-entry.h"
#include "lib/cleanup.h"

#define INTERFACE_MAX 15
#define NAME_MAX_NETWORK 64
#define CNI_PREFIX "cni:"

NetworkSort network_sort(const char *text) {
        static const struct {
                const char *word;
                NetworkSort sort;
        } words[] = {
                { "private", NETWORK_SORT_PRIVATE },
                { "none", NETWORK_SORT_NONE },
                { "host", NETWORK_SORT_HOST },
                { "ns", NETWORK_SORT_NS },
                { "container", NETWORK_SORT_CONTAINER },
                { "pod", NETWORK_SORT_POD },
        };
        size_t n = strcspn(text, ":");

        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strlen(words[i].word) == n && memcmp(words[i].word, text, n) == 0)
                        return words[i].sort;
        return NETWORK_SORT_NAMED;
}

bool network_is_of_cni(const char *text) {
        return strncmp(text, CNI_PREFIX, strlen(CNI_PREFIX)) == 0;
}

size_t network_name_length(const char *text) {
        size_t skip = network_is_of_cni(text) ? strlen(CNI_PREFIX) : 0;

        return skip + strcspn(text + skip, ":");
}

bool network_is_interface(const char *text) {
        size_t n = strlen(text);

        if (n == 0 || n > INTERFACE_MAX || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
                return false;
        for (; *text; text++)
                if (!isalnum((unsigned char) *text) && !strchr("_.-", *text))
                        return false;
        return true;
}

int network_parse_interface(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !network_is_interface(value->text))
                return value_wrong(fault, value->text,
                                "the name of an interface: 1 to 15 of a-z, A-Z, 0-9, '_', '.' and '-'");
        return value_copy(value->text, ret);
}

static int parse_address(Value *value, int family, char **ret, Fault *fault) {
        char text[INET6_ADDRSTRLEN];
        struct in6_addr address;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (inet_pton(family, value->text, &address) != 1)
                return value_wrong(fault, value->text,
                                family == AF_INET ? "an IPv4 address" : "an IPv6 address");
        return value_copy(inet_ntop(family, &address, text, sizeof(text)), ret);
}

int network_parse_ip(Value *value, char **ret, Fault *fault) {
        return parse_address(value, AF_INET, ret, fault);
}

int network_parse_ip6(Value *value, char **ret, Fault *fault) {
        return parse_address(value, AF_INET6, ret, fault);
}

static bool read_mac(const char *text, unsigned bytes[static 6]) {
        char separator = strlen(text) == 17 ? text[2] : '\0';

        if (separator != ':' && separator != '-')
                return false;
        for (size_t i = 0; i < 6; i++, text += 3) {
                char digits[] = { text[0], text[1], '\0' };

                if (!isxdigit((unsigned char) text[0]) || !isxdigit((unsigned char) text[1]) ||
                                text[2] != (i < 5 ? separator : '\0'))
                        return false;
                bytes[i] = (unsigned) strtoul(digits, NULL, 16);
        }
        return true;
}

/* One interface's, and of somebody: the first byte is even, and not all are zero. */
int network_parse_mac(Value *value, char **ret, Fault *fault) {
        unsigned bytes[6], any = 0;

        if (value_is_dynamic(value->text))
                return value_copy(value->text, ret);
        if (!read_mac(value->text, bytes))
                return value_wrong(fault, value->text, "a MAC address: six bytes, as 02:00:00:00:00:01");
        for (size_t i = 0; i < ELEMENTS(bytes); i++)
                any |= bytes[i];
        if (any == 0 || bytes[0] & 1)
                return value_wrong(fault, value->text,
                                "the MAC address of an interface: it stands for many, or for none");
        return value_printf(ret, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3],
                        bytes[4], bytes[5]);
}

int network_parse_alias(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !host_name_is_valid(value->text))
                return value_wrong(fault, value->text, "a host name");
        return value_copy(value->text, ret);
}

static int parse_metric(Value *value, char **ret, Fault *fault) {
        uint64_t number;

        if (!value_is_dynamic(value->text) && value_number(value->text, 0, UINT32_MAX, &number) < 0)
                return value_wrong(fault, value->text, "the metric of a route: a number");
        return value_copy(value->text, ret);
}

/* What is on the host's side has a name of ours, and only a plain one can be told from others. */
static int parse_host_interface(Value *value, char **ret, Fault *fault) {
        if (value_is_dynamic(value->text))
                return value_refuse(fault,
                                "the name of an interface on the host has to be known before: '%s' is not",
                                value->text);
        return network_parse_interface(value, ret, fault);
}

/* clang-format off */
static const struct {
        const char *name;
        ValueParse *parse; /* NULL: a switch */
        bool is_list;
} options[] = {
        { "ip",                  network_parse_ip,        false },
        { "ip6",                 network_parse_ip6,       false },
        { "mac",                 network_parse_mac,       false },
        { "alias",               network_parse_alias,     true  },
        { "interface_name",      network_parse_interface, false },
        { "host_interface_name", parse_host_interface,    false },
        { "metric",              parse_metric,            false },
        { "no_default_route",    NULL,                    false },
};
/* clang-format on */

/* What is left to do of a list of options. */
typedef struct OptionsText {
        FILE *stream;
        bool has_any;
        bool seen[ELEMENTS(options)];
} OptionsText;

static void put(OptionsText *to, const char *name, const char *value) {
        (void) fprintf(to->stream, "%c%s%s%s", to->has_any ? ',' : ':', name, value ? "=" : "",
                        value ? value : "");
        to->has_any = true;
}

/* "1" as Podman writes it, or nothing. */
static int take_switch(OptionsText *to, const char *name, const char *value, Fault *fault) {
        static const char *const yes[] = { "1", "true", "yes", NULL }, *const no[] = { "0", "false", "no",
                NULL };

        if (value && !value_is_one_of(value, yes) && !value_is_one_of(value, no))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s=%s' is neither 1 nor 0", name, value);
        if (!value || value_is_one_of(value, yes))
                put(to, name, NULL);
        return 0;
}

static size_t find_option(const char *name) {
        size_t i = 0;

        while (i < ELEMENTS(options) && strcmp(options[i].name, name) != 0)
                i++;
        return i;
}

/* An IPv6 address is as welcome at "ip=". */
static int take_option(OptionsText *to, char *option, Fault *fault) {
        char *text = value_cut(option, '=');
        size_t i = find_option(option);
        autofree char *normal = NULL;
        Value value = { .text = text };
        int r;

        if (i == ELEMENTS(options))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there is no option '%s' for a network; there are ip, ip6, mac, alias, "
                                "interface_name, host_interface_name, metric and no_default_route",
                                option);
        if (i == 0 && text && strchr(text, ':') && !value_is_dynamic(text))
                i = find_option("ip6");
        if (to->seen[i] && !options[i].is_list)
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "option '%s' is there twice", options[i].name);
        to->seen[i] = true;
        if (!options[i].parse)
                return take_switch(to, options[i].name, text, fault);
        if (!text || !*text)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "option '%s' needs a value", option);

        r = options[i].parse(&value, &normal, fault);
        if (r >= 0)
                put(to, options[i].name, normal);
        return r;
}

/* What systemd will only know when the unit starts passes as it is. */
static int write_options(FILE *stream, char *text, Fault *fault) {
        OptionsText to = { .stream = stream };
        char *option;
        int r = 0;

        while (r >= 0 && (option = strsep(&text, ","))) {
                if (!strchr(option, '=') && value_is_dynamic(option))
                        put(&to, option, NULL);
                else if (*option)
                        r = take_option(&to, option, fault);
        }
        return r;
}

static bool ends_with(const char *text, const char *suffix) {
        size_t n = strlen(text), tail = strlen(suffix);

        return n > tail && strcmp(text + n - tail, suffix) == 0;
}

/* Return: 0 if @mode, with nothing or something behind a colon, is one of the words; 1 if it is none. */
static int parse_word(const char *mode, const char *rest, char **ret, Fault *fault) {
        static const char *const refused[] = { "pasta", "slirp4netns", NULL };
        NetworkSort sort = network_sort(mode);

        if (value_is_one_of(mode, refused))
                return value_refuse(fault,
                                "'%s' is for who may not make networks; say 'bridge', or leave Network= "
                                "out",
                                mode);
        switch (sort) {

        case NETWORK_SORT_PRIVATE:
        case NETWORK_SORT_NONE:
        case NETWORK_SORT_HOST:
                return rest ? fault_raise(fault, FAULT_VALUE, EINVAL, "network '%s' takes no options", mode)
                            : value_copy(mode, ret);

        case NETWORK_SORT_NS:
                if (!rest || (*rest != '/' && !value_begins_dynamic(rest)))
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'ns:' needs an absolute path behind it");
                return value_printf(ret, "ns:%s", rest);

        case NETWORK_SORT_CONTAINER:
        case NETWORK_SORT_POD:
                if (!rest || !*rest)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s:' needs a %s's name behind it",
                                        mode, mode);
                if (!value_is_dynamic(rest) && !value_is_name(rest, NAME_MAX_NETWORK))
                        return value_wrong(fault, rest, "a name");
                return value_printf(ret, "%s:%s", mode, rest);

        case NETWORK_SORT_NAMED:
        default:
                return 1;
        }
}

/* What may be called so: a manifest, or a network. */
static int check_name(const char *mode, bool has_options, Fault *fault) {
        const char *name = network_is_of_cni(mode) ? mode + strlen(CNI_PREFIX) : mode;
        bool joins = ends_with(mode, ".container") || ends_with(mode, ".pod");

        if (name == mode && joins && has_options)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there are no options when joining the network of '%s'", mode);
        if (value_is_dynamic(name) || value_is_name(name, NAME_MAX_NETWORK) ||
                        (name == mode && (joins || ends_with(mode, ".network"))))
                return 0;
        return name == mode ? value_wrong(fault, mode, "a network: none, host, private, bridge or a name")
                            : value_wrong(fault, name, "the name of a network in /etc/cni/net.d");
}

int network_parse(Value *value, char **ret, Fault *fault) {
        static const char *const usual[] = { "bridge", "podman", "default", NULL };
        autofree char *copy = strdup(value->text), *text = NULL;
        const char *mode = copy;
        char *rest;
        FILE *stream;
        size_t size;
        int r;

        if (!copy)
                return -ENOMEM;
        rest = value_find_colon(copy + (network_is_of_cni(copy) ? strlen(CNI_PREFIX) : 0));
        if (rest)
                *rest++ = '\0';
        r = parse_word(mode, rest, ret, fault);
        if (r <= 0)
                return r;
        r = check_name(mode, rest, fault);
        if (r < 0)
                return r;

        stream = open_memstream(&text, &size);
        if (!stream)
                return -ENOMEM;
        (void) fputs(value_is_one_of(mode, usual) ? NETWORK_DEFAULT : mode, stream);
        r = rest ? write_options(stream, rest, fault) : 0;
        if (fclose(stream) != 0)
                return -ENOMEM;
        if (r >= 0)
                *ret = TAKE(text);
        return r;
}
