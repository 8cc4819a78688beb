/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/frontend.h"
#include "generator/model/network.h"
#include "generator/plan/command.h"
#include "generator/values/network-option.h"
#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/strv.h"

/*
 * A firewall that empties the kernel's tables when it starts does so before; and what others are on top of
 * should be there.
 */
void network_write_unit(const Network *network, UnitWriter *unit) {
        bool is_bridge = network_driver_from_string(network->driver) == NETWORK_BRIDGE;

        unit_set(unit, "RequiresMountsFor", SLIPWAY_STATE_DIR);
        if (network->config && !strstr(network->config, "${"))
                unit_set_words(unit, "RequiresMountsFor", &(UnitWord){ network->config, true }, 1);
        unit_set(unit, "After", is_bridge ? "network-pre.target" : "network-pre.target network.target");
}

static void add_subnets(Command *command, const Network *network) {
        size_t gateways = strv_length(network->gateways), ranges = strv_length(network->ranges);

        for (size_t i = 0; network->subnets && network->subnets[i]; i++) {
                command_add_option(command, "--subnet=", network->subnets[i]);
                if (i < gateways)
                        command_add_option(command, "--gateway=", network->gateways[i]);
                if (i < ranges)
                        command_add_option(command, "--ip-range=", network->ranges[i]);
        }
}

static void add_up(Command *command, const Network *network) {
        command_add_word(command, SLIPWAY_LIBEXEC_DIR "/slipway-net", false);
        command_add_word(command, "up", false);
        command_add_word(command, network->name, true);
        command_add_option(command, "--driver=", network->driver ? network->driver : "bridge");
        command_add_option(command, "--interface=", network->interface);
        add_subnets(command, network);
        if (network->ipv6 != CHOICE_OPEN)
                command_add_word(command, network->ipv6 == CHOICE_YES ? "--ipv6=yes" : "--ipv6=no", false);
        command_add_switch(command, "--internal", network->internal == CHOICE_YES);
        command_add_option(command, "--ipam=", network->ipam);
        command_add_list(command, "--dns=", network->dns);
        command_add_switch(command, "--no-dns", network->disable_dns == CHOICE_YES);
        command_add_list(command, "--option=", network->options);
        command_add_list(command, "--route=", network->routes);
        command_add_option(command, "--config=", network->config);
        command_add_switch(command, "--resolver", network->resolver == CHOICE_YES);
        command_add_list(command, "--label=", network->labels);
}

static void add_down(Command *command, const Network *network) {
        command_add_word(command, SLIPWAY_LIBEXEC_DIR "/slipway-net", false);
        command_add_word(command, "down", false);
        command_add_word(command, network->name, true);
        command_add_switch(command, "--forget", network->delete_on_stop == CHOICE_YES);
}

/*
 * Links and rules are made by messages to the kernel, and a configuration of WireGuard's may be somebody's
 * own file. Only who could have CAP_SYS_ADMIN may ask systemd for the socket of a responder. Commands that
 * the manifest has besides are not ours, and are not held to what ours need.
 */
static void write_limits(UnitWriter *unit) {
        unit_set(unit, "CapabilityBoundingSet", "CAP_DAC_READ_SEARCH CAP_NET_ADMIN CAP_SYS_ADMIN");
        unit_set(unit, "RestrictAddressFamilies", "AF_NETLINK AF_UNIX");
        unit_set(unit, "RestrictNamespaces", "yes");
        unit_set(unit, "MemoryDenyWriteExecute", "yes");
}

/*
 * Nothing for which systemd would make a mount namespace or compile a long filter: for a program that runs
 * for some milliseconds these would be most of what it costs.
 */
static void write_sandbox(const Network *network, UnitWriter *unit) {
        static const char *const switches[] = {
                "LockPersonality",
                "NoNewPrivileges",
                "RestrictRealtime",
                "RestrictSUIDSGID",
        };

        for (size_t i = 0; i < ELEMENTS(switches); i++)
                unit_set(unit, switches[i], "yes");
        unit_set(unit, "KeyringMode", "private");
        unit_set(unit, "SystemCallArchitectures", "native");
        if (!network->has_commands)
                write_limits(unit);
}

void network_write_service(const Network *network, UnitWriter *unit) {
        AUTO(command_done) Command up = {}, down = {};

        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "NotifyAccess", "main");
        unit_set(unit, "RemainAfterExit", "yes");
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "SyslogIdentifier", "%N");
        write_sandbox(network, unit);
        add_up(&up, network);
        add_down(&down, network);
        command_write(&up, unit, "ExecStart", "");
        command_write(&up, unit, "ExecReload", "");
        /* Also after a start that was killed: nobody stops what has not started. */
        command_write(&down, unit, "ExecStopPost", "");
}

void network_write_info(const Network *network, UnitWriter *unit) {
        unit_set_words(unit, "Network", &(UnitWord){ network->name, true }, 1);
}
