/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/wireguard-config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/net/request.h"

enum {
        ROUTES_LIMIT = 4096,
        KEY_LENGTH = 44, /* 32 bytes in base64 */
};

typedef struct Reading {
        WireguardConfig config;
        FILE *to; /* what wg reads */
        bool is_peer, has_private_key, has_public_key, has_peer;
        const char *key; /* of the line */
        Fault *fault;
} Reading;

static void forget(char *text) {
        if (text)
                explicit_bzero(text, strlen(text));
}

void wireguard_config_done(WireguardConfig *config) {
        forget(config->text);
        for (char **secret = config->secrets; secret && *secret; secret++)
                forget(*secret);
        free(config->text);
        free(config->routes);
        strv_free(config->secrets);
        strv_free(config->servers);
        strv_free(config->searches);
        *config = (WireguardConfig){};
}

typedef int TakeValue(Reading *reading, char *value);

static int wrong(const Reading *reading, const char *value, const char *what) {
        return fault_raise(reading->fault, FAULT_VALUE, EINVAL, "'%.100s' is not %s", value, what);
}

static int hand_on(Reading *reading, char *value) {
        return fprintf(reading->to, "%s = %s\n", reading->key, value) < 0 ? -ENOMEM : 0;
}

/* The last digit of 256 bits stands for four of them. */
static bool is_key(const char *value) {
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        size_t n = strspn(value, digits);

        return strlen(value) == KEY_LENGTH && n == KEY_LENGTH - 1 && value[n] == '=' &&
               (strchr(digits, value[n - 1]) - digits) % 4 == 0;
}

static int raise_key(const Reading *reading) {
        return fault_raise(reading->fault, FAULT_VALUE, EINVAL,
                        "it is not a key: 44 characters, as wg genkey writes");
}

static int take_secret(Reading *reading, char *value) {
        int r;

        if (!is_key(value))
                return raise_key(reading);
        reading->has_private_key |= !reading->is_peer;
        r = strv_append(&reading->config.secrets, value);
        return r < 0 ? r : hand_on(reading, value);
}

static int take_public_key(Reading *reading, char *value) {
        if (!is_key(value))
                return raise_key(reading);
        reading->has_public_key = true;
        return hand_on(reading, value);
}

static int take_port(Reading *reading, char *value) {
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        return !isdigit((unsigned char) *value) || *end || number > 65535 ? wrong(reading, value, "a port")
                                                                          : hand_on(reading, value);
}

/* "off", or a number of any base. */
static int take_mark(Reading *reading, char *value) {
        char *end;

        (void) strtoul(value, &end, 0);
        return strcmp(value, "off") != 0 && (!isdigit((unsigned char) *value) || *end)
                               ? wrong(reading, value, "a mark: a number, or 'off'")
                               : hand_on(reading, value);
}

static int take_seconds(Reading *reading, char *value) {
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        return strcmp(value, "off") != 0 && (!isdigit((unsigned char) *value) || *end || number > 65535)
                               ? wrong(reading, value, "a number of seconds, or 'off'")
                               : hand_on(reading, value);
}

/* HOST:PORT or [ADDRESS]:PORT. */
static int take_endpoint(Reading *reading, char *value) {
        const char *port = strrchr(value, ':');

        return !port || port == value || !isdigit((unsigned char) port[1]) || strpbrk(value, " \t")
                               ? wrong(reading, value, "HOST:PORT")
                               : hand_on(reading, value);
}

static char *trim(char *text) {
        size_t n;

        text += strspn(text, " \t\r");
        for (n = strlen(text); n > 0 && strchr(" \t\r", text[n - 1]); n--)
                text[n - 1] = '\0';
        return text;
}

/* Without a length it is that address alone. */
static int read_prefix(const char *text, Prefix *ret) {
        if (strchr(text, '/'))
                return prefix_parse(text, ret);
        if (address_parse(text, &ret->address) < 0)
                return -EINVAL;
        ret->length = address_bits(&ret->address);
        return 0;
}

static int take_address(Reading *reading, char *value) {
        WireguardConfig *config = &reading->config;
        char *item;

        while ((item = strsep(&value, ","))) {
                Prefix prefix;

                item = trim(item);
                if (read_prefix(item, &prefix) < 0)
                        return wrong(reading, item, "an address");
                if (config->n_addresses == ELEMENTS(config->addresses))
                        return fault_raise(reading->fault, FAULT_VALUE, E2BIG,
                                        "there are more than %zu addresses", ELEMENTS(config->addresses));
                config->addresses[config->n_addresses++] = prefix;
        }
        return 0;
}

static int add_route(Reading *reading, const Prefix *prefix) {
        WireguardConfig *config = &reading->config;
        Prefix *grown;

        for (size_t i = 0; i < config->n_routes; i++)
                if (config->routes[i].length == prefix->length &&
                                address_compare(&config->routes[i].address, &prefix->address) == 0)
                        return 0;
        if (config->n_routes == ROUTES_LIMIT)
                return fault_raise(reading->fault, FAULT_VALUE, E2BIG, "there are more than %d networks",
                                ROUTES_LIMIT);
        grown = reallocarray(config->routes, config->n_routes + 1, sizeof(Prefix));
        if (!grown)
                return -ENOMEM;
        config->routes = grown;
        grown[config->n_routes++] = *prefix;
        return 0;
}

static int take_allowed(Reading *reading, char *value) {
        char *item;
        int r = hand_on(reading, value);

        while (r >= 0 && (item = strsep(&value, ","))) {
                Prefix prefix;

                item = trim(item);
                if (!*item)
                        continue;
                if (read_prefix(item, &prefix) < 0)
                        return wrong(reading, item, "a network: ADDRESS/LENGTH");
                prefix = prefix_network(&prefix);
                r = add_route(reading, &prefix);
        }
        return r;
}

/* Addresses are of servers, all else is a domain to search. */
static int take_dns(Reading *reading, char *value) {
        char *item;
        int r = 0;

        while (r >= 0 && (item = strsep(&value, ","))) {
                Address address;

                item = trim(item);
                if (address_parse(item, &address) >= 0)
                        r = strv_append(&reading->config.servers, item);
                else if (alias_is_valid(item))
                        r = strv_append(&reading->config.searches, item);
                else
                        r = wrong(reading, item, "the address of a server, or a domain");
        }
        return r;
}

static int take_mtu(Reading *reading, char *value) {
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        if (!isdigit((unsigned char) *value) || *end || number < 576 || number > 65535)
                return wrong(reading, value, "a size of packets: 576 to 65535");
        reading->config.mtu = (unsigned) number;
        return 0;
}

static int refuse_table(Reading *reading, char *value) {
        return fault_raise(reading->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "not supported, the container has a table of routes of its own, and AllowedIPs= of "
                        "the peers are in it; 'no_default_route' in the container's Network= leaves the "
                        "default route out");
}

static int refuse_command(Reading *reading, char *value) {
        return fault_raise(reading->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "not supported, commands of root's do not belong into a network; ExecStartPre= and "
                        "its like in a manifest's [Service] are the place for them");
}

static int refuse_save(Reading *reading, char *value) {
        if (strcasecmp(value, "false") == 0)
                return 0;
        return fault_raise(reading->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "not supported, nothing of ours writes to the file");
}

/* clang-format off */
static const struct {
        bool is_peer;
        const char *key;
        TakeValue *take;
} keys[] = {
        { false, "PrivateKey",          take_secret },
        { false, "ListenPort",          take_port },
        { false, "FwMark",              take_mark },
        { false, "Address",             take_address },
        { false, "DNS",                 take_dns },
        { false, "MTU",                 take_mtu },
        { false, "Table",               refuse_table },
        { false, "PreUp",               refuse_command },
        { false, "PostUp",              refuse_command },
        { false, "PreDown",             refuse_command },
        { false, "PostDown",            refuse_command },
        { false, "SaveConfig",          refuse_save },
        { true,  "PublicKey",           take_public_key },
        { true,  "PresharedKey",        take_secret },
        { true,  "AllowedIPs",          take_allowed },
        { true,  "Endpoint",            take_endpoint },
        { true,  "PersistentKeepalive", take_seconds },
};
/* clang-format on */

static int check_peer(const Reading *reading) {
        if (!reading->is_peer || reading->has_public_key)
                return 0;
        return fault_raise(reading->fault, FAULT_MISSING, EINVAL, "a [Peer] has no PublicKey=");
}

static int take_section(Reading *reading, const char *line) {
        bool is_peer = strcasecmp(line, "[Peer]") == 0;
        int r = check_peer(reading);

        if (r < 0)
                return r;
        if (!is_peer && strcasecmp(line, "[Interface]") != 0)
                return fault_raise(reading->fault, FAULT_SYNTAX, EINVAL,
                                "there is no section '%.40s'; there are [Interface] and [Peer]", line);
        reading->is_peer = is_peer;
        reading->has_public_key = false;
        return fprintf(reading->to, "%s\n", is_peer ? "[Peer]" : "[Interface]") < 0 ? -ENOMEM : 0;
}

/* No name is quoted: it could be a part of a key that somebody has broken in two. */
static int take_line(Reading *reading, char *line, bool in_section) {
        char *value = strchr(line, '=');

        if (*line == '[')
                return take_section(reading, line);
        if (!value || !in_section)
                return fault_raise(reading->fault, FAULT_SYNTAX, EINVAL,
                                value ? "the line is in no section" : "the line is no KEY = VALUE");
        *value++ = '\0';
        line = trim(line);
        value = trim(value);
        for (size_t i = 0; i < ELEMENTS(keys); i++) {
                if (keys[i].is_peer != reading->is_peer || strcasecmp(keys[i].key, line) != 0)
                        continue;
                reading->key = keys[i].key;
                if (reading->fault)
                        (void) snprintf(reading->fault->key, sizeof(reading->fault->key), "%s", keys[i].key);
                return keys[i].take(reading, value);
        }
        return fault_raise(reading->fault, FAULT_UNKNOWN_KEY, EINVAL, "there is no such key in [%s]",
                        reading->is_peer ? "Peer" : "Interface");
}

static int read_lines(Reading *reading, char *text, const char *path) {
        bool in_section = false;
        unsigned number = 0;
        char *line;
        int r = 0;

        while (r >= 0 && (line = strsep(&text, "\n"))) {
                fault_locate(reading->fault, &(Place){ .path = path, .line = ++number });
                line[strcspn(line, "#")] = '\0';
                line = trim(line);
                if (!*line)
                        continue;
                for (const char *c = line; *c && r >= 0; c++)
                        if ((unsigned char) *c < ' ' && *c != '\t')
                                r = fault_raise(reading->fault, FAULT_SYNTAX, EINVAL,
                                                "the line has a control character");
                if (r >= 0)
                        r = take_line(reading, line, in_section);
                in_section |= *line == '[';
        }
        return r;
}

static int check_all(const Reading *reading, const char *path) {
        int r;

        fault_locate(reading->fault, &(Place){ .path = path });
        r = check_peer(reading);
        if (r < 0)
                return r;
        if (!reading->has_private_key)
                return fault_raise(reading->fault, FAULT_MISSING, EINVAL,
                                "there is no PrivateKey= in [Interface]");
        if (reading->config.n_addresses == 0)
                return fault_raise(reading->fault, FAULT_MISSING, EINVAL,
                                "there is no Address= in [Interface]");
        return 0;
}

int wireguard_config_parse(const char *text, const char *path, WireguardConfig *ret, Fault *fault) {
        autofree char *copy = strdup(text);
        Reading reading = { .fault = fault };
        size_t size;
        int r;

        if (!copy)
                return -ENOMEM;
        reading.to = open_memstream(&reading.config.text, &size);
        if (!reading.to) {
                forget(copy);
                return -ENOMEM;
        }
        r = read_lines(&reading, copy, path);
        if (r >= 0)
                r = check_all(&reading, path);
        explicit_bzero(copy, strlen(text));
        if (fclose(reading.to) != 0 && r >= 0)
                r = -ENOMEM;
        if (r < 0) {
                wireguard_config_done(&reading.config);
                return r;
        }
        fault_locate(fault, &(Place){});
        *ret = reading.config;
        return 0;
}

static int check_mode(int fd, const char *path, Fault *fault) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_mode & 07)
                return fault_raise(fault, FAULT_VALUE, EPERM,
                                "'%s' has a private key in it, and everybody can read it; 'chmod 600 %s'",
                                path, path);
        return 0;
}

int wireguard_config_read(const char *path, WireguardConfig *ret, Fault *fault) {
        autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        autofree char *text = NULL;
        size_t size = 0;
        int r;

        if (fd < 0)
                return fault_raise(fault, errno == ENOENT ? FAULT_MISSING : FAULT_SYSTEM, errno,
                                "cannot open the configuration of WireGuard '%s': %s", path,
                                strerror(errno));
        r = check_mode(fd, path, fault);
        if (r >= 0)
                r = io_read_fd(fd, NET_FILE_MAX, &text, &size);
        if (r >= 0 && strlen(text) != size)
                r = fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%s' is no text", path);
        if (r >= 0)
                r = wireguard_config_parse(text, path, ret, fault);
        if (text)
                explicit_bzero(text, size);
        return r;
}
