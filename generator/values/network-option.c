/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/network-option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/network.h"
#include "generator/words.h"
#include "lib/cleanup.h"

/* What a smallest packet of IPv4 takes, and what IPv4 can number. */
enum { MTU_LEAST = 68, MTU_MOST = 65535 };

NetworkDriver network_driver_from_string(const char *text) {
        static const struct {
                const char *word;
                NetworkDriver driver;
        } words[] = {
                { "macvlan", NETWORK_MACVLAN },
                { "ipvlan", NETWORK_IPVLAN },
                { "wireguard", NETWORK_WIREGUARD },
        };

        for (size_t i = 0; text && i < ELEMENTS(words); i++)
                if (strcmp(words[i].word, text) == 0)
                        return words[i].driver;
        return NETWORK_BRIDGE;
}

int network_parse_driver(Value *value, char **ret, Fault *fault) {
        static const char *const drivers[] = { "bridge", "macvlan", "ipvlan", "wireguard", NULL };

        if (!value_is_one_of(value->text, drivers))
                return value_wrong(fault, value->text, "a driver: bridge, macvlan, ipvlan or wireguard");
        return value_copy(value->text, ret);
}

int network_parse_ipam(Value *value, char **ret, Fault *fault) {
        static const char *const drivers[] = { "host-local", "none", NULL };

        if (strcmp(value->text, "dhcp") == 0)
                return value_refuse(fault,
                                "there is no DHCP client for containers; give the network a Subnet=, or "
                                "'none' for an app that asks for its address itself");
        if (!value_is_one_of(value->text, drivers))
                return value_wrong(fault, value->text, "who gives addresses: host-local or none");
        return value_copy(value->text, ret);
}

/* How the value of an option is checked. NULL stands for an option without one. */
typedef bool OptionCheck(const char *text);

static bool is_number(const char *text, uint64_t min, uint64_t max) {
        uint64_t number;

        return text && value_number(text, min, max, &number) >= 0;
}

static bool is_mtu(const char *text) {
        return is_number(text, MTU_LEAST, MTU_MOST);
}

static bool is_vlan(const char *text) {
        return is_number(text, 1, 4094);
}

static bool is_metric(const char *text) {
        return is_number(text, 0, UINT32_MAX);
}

static bool is_broadcast_limit(const char *text) {
        return (text && strcmp(text, "-1") == 0) || is_number(text, 0, INT32_MAX);
}

static bool is_boolean(const char *text) {
        bool unused;

        return !text || boolean_parse(text, &unused) >= 0;
}

static bool is_isolation(const char *text) {
        return is_boolean(text) || strcmp(text, "strict") == 0;
}

static bool is_interface(const char *text) {
        return text && network_is_interface(text);
}

/* Which driver has which is checked when the driver is known. */
static bool is_mode(const char *text) {
        static const char *const modes[] = { "bridge", "private", "vepa", "passthru", "l2", "l3", "l3s",
                "managed", "unmanaged", NULL };

        return text && value_is_one_of(text, modes);
}

/* clang-format off */
static const struct Row {
        const char *name;
        unsigned drivers; /* that have it; 0: none */
        OptionCheck *check;
        const char *what; /* it has to be */
        const char *ours; /* what it is called here, NULL for the same */
} rows[] = {
        { "bclim",            NETWORK_MACVLAN, is_broadcast_limit, "a number of receivers, or -1", NULL },
        { "com.docker.network.bridge.name", NETWORK_BRIDGE, is_interface,
          "the name of an interface: 1 to 15 of a-z, A-Z, 0-9, '_', '.' and '-'", "interface" },
        { "com.docker.network.driver.mtu", NETWORK_BRIDGE | NETWORK_MACVLAN | NETWORK_IPVLAN, is_mtu,
          "the size of a packet: 68 to 65535", "mtu" },
        { "isolate",          NETWORK_BRIDGE, is_isolation, "yes, no or strict", NULL },
        { "metric",           NETWORK_BRIDGE | NETWORK_MACVLAN | NETWORK_IPVLAN, is_metric, "the metric of a route: a number", NULL },
        { "mode",             NETWORK_BRIDGE | NETWORK_MACVLAN | NETWORK_IPVLAN, is_mode, "a mode", NULL },
        { "mtu",              NETWORK_BRIDGE | NETWORK_MACVLAN | NETWORK_IPVLAN | NETWORK_WIREGUARD, is_mtu, "the size of a packet: 68 to 65535", NULL },
        { "no_default_route", NETWORK_BRIDGE | NETWORK_MACVLAN | NETWORK_IPVLAN, is_boolean, "yes or no", NULL },
        { "parent",           NETWORK_MACVLAN | NETWORK_IPVLAN, is_interface,
          "the name of an interface: 1 to 15 of a-z, A-Z, 0-9, '_', '.' and '-'", NULL },
        { "vlan",             NETWORK_BRIDGE, is_vlan, "the number of a VLAN: 1 to 4094", NULL },
        { "vrf",              0, NULL, NULL, NULL },
};
/* clang-format on */

static const struct Row *find(const char *name, size_t n) {
        for (size_t i = 0; i < ELEMENTS(rows); i++)
                if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
                        return &rows[i];
        return NULL;
}

int network_parse_option(Value *value, char **ret, Fault *fault) {
        size_t n = strcspn(value->text, "=");
        const char *text = value->text[n] ? value->text + n + 1 : NULL;
        const struct Row *row = find(value->text, n);

        if (!row)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there is no option '%.*s' for a network; there are isolate, mtu, vlan, "
                                "metric, no_default_route, mode, parent and bclim",
                                (int) n, value->text);
        if (row->drivers == 0)
                return value_refuse(fault,
                                "a network is not put into a VRF; the administrator can do that with its "
                                "bridge, which InterfaceName= names");
        if (!(text && value_is_dynamic(text)) && !row->check(text))
                return value_wrong(fault, text ? text : "", row->what);
        return value_printf(
                        ret, "%s%s%s", row->ours ? row->ours : row->name, text ? "=" : "", text ? text : "");
}

static int check_mode(const char *mode, const char *driver, Fault *fault) {
        static const struct {
                NetworkDriver driver;
                const char *modes[5], *what;
        } known[] = {
                { NETWORK_BRIDGE, { "managed" },
                                "managed, the only mode of a bridge that Slipway has made" },
                { NETWORK_MACVLAN, { "bridge", "private", "vepa", "passthru" },
                                "a mode of macvlan: bridge, private, vepa or passthru" },
                { NETWORK_IPVLAN, { "l2", "l3", "l3s" }, "a mode of ipvlan: l2, l3 or l3s" },
        };

        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (network_driver_from_string(driver) == known[i].driver && !value_is_dynamic(mode) &&
                                !value_is_one_of(mode, known[i].modes))
                        return value_wrong(fault, mode, known[i].what);
        return 0;
}

int network_option_check(const char *option, const char *driver, Fault *fault) {
        size_t n = strcspn(option, "=");
        const struct Row *row = find(option, n);

        if (row && !(row->drivers & network_driver_from_string(driver)))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a network of driver '%s' has no option '%s'",
                                driver ? driver : "bridge", row->name);
        if (row && strcmp(row->name, "mode") == 0)
                return check_mode(option + n + 1, driver, fault);
        return 0;
}

int network_option_compare(const void *a, const void *b) {
        const char *one = *(const char *const *) a, *other = *(const char *const *) b;
        size_t n = strcspn(one, "="), m = strcspn(other, "=");
        int c = memcmp(one, other, n < m ? n : m);

        return c != 0 ? c : (n > m) - (n < m);
}
