/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options of podman's commands that create what a container needs. */

#include "generator/quadlet/podman-flags.h"
#include "lib/cleanup.h"

/* clang-format off */
/* Sorted by name, as in strcmp(3). */
static const PodmanFlag network_flags[] = {
        { "--disable-dns",        FLAG_SWITCH,   "DisableDNS",        NULL },
        { "--dns",                FLAG_LIST,     "DNS",               NULL },
        { "--driver",             FLAG_VALUE,    "Driver",            NULL },
        { "--gateway",            FLAG_VALUE,    "Gateway",           NULL },
        { "--ignore",             FLAG_NOTHING,  NULL,                NULL },
        { "--interface-name",     FLAG_VALUE,    "InterfaceName",     NULL },
        { "--internal",           FLAG_SWITCH,   "Internal",          NULL },
        { "--ip-range",           FLAG_VALUE,    "IPRange",           NULL },
        { "--ipam-driver",        FLAG_VALUE,    "IPAMDriver",        NULL },
        { "--ipv6",               FLAG_SWITCH,   "IPv6",              NULL },
        { "--label",              FLAG_VALUE,    "Label",             NULL },
        { "--opt",                FLAG_VALUE,    "Options",           NULL },
        { "--route",              FLAG_VALUE,    "Route",             NULL },
        { "--subnet",             FLAG_VALUE,    "Subnet",            NULL },
        { "-d",                   FLAG_VALUE,    "Driver",            NULL },
        { "-o",                   FLAG_VALUE,    "Options",           NULL },
};
const PodmanFlagSet podman_network_flags = { network_flags, ELEMENTS(network_flags),
        { &network_section, &network_slipway_section, NULL } };

#define LIMIT "limits of the whole are directives of [Service], see systemd.resource-control(5)"
#define SHARED "its containers share network, host name and System V IPC"

static const PodmanFlag pod_flags[] = {
        { "--add-host",           FLAG_VALUE,    "AddHost",           NULL },
        { "--blkio-weight",       FLAG_SWITCH,   NULL,                LIMIT },
        { "--cpu-shares",         FLAG_SWITCH,   NULL,                LIMIT },
        { "--cpus",               FLAG_SWITCH,   NULL,                LIMIT },
        { "--cpuset-cpus",        FLAG_SWITCH,   NULL,                LIMIT },
        { "--cpuset-mems",        FLAG_SWITCH,   NULL,                LIMIT },
        { "--device",             FLAG_SWITCH,   NULL,                "set AddDevice= in its containers" },
        { "--dns",                FLAG_VALUE,    "DNS",               NULL },
        { "--dns-opt",            FLAG_VALUE,    "DNSOption",         NULL },
        { "--dns-option",         FLAG_VALUE,    "DNSOption",         NULL },
        { "--dns-search",         FLAG_VALUE,    "DNSSearch",         NULL },
        { "--exit-policy",        FLAG_VALUE,    "ExitPolicy",        NULL },
        { "--gidmap",             FLAG_VALUE,    "GIDMap",            NULL },
        { "--hostname",           FLAG_VALUE,    "HostName",          NULL },
        { "--infra",              FLAG_SWITCH,   NULL,                "a pod has no process of its own, and needs none" },
        { "--ip",                 FLAG_VALUE,    "IP",                NULL },
        { "--ip6",                FLAG_VALUE,    "IP6",               NULL },
        { "--label",              FLAG_VALUE,    "Label",             NULL },
        { "--mac-address",        FLAG_VALUE,    "MacAddress",        NULL },
        { "--memory",             FLAG_SWITCH,   NULL,                LIMIT },
        { "--memory-swap",        FLAG_SWITCH,   NULL,                LIMIT },
        { "--name",               FLAG_SWITCH,   NULL,                "it is PodName=" },
        { "--net",                FLAG_VALUE,    "Network",           NULL },
        { "--network",            FLAG_VALUE,    "Network",           NULL },
        { "--network-alias",      FLAG_VALUE,    "NetworkAlias",      NULL },
        { "--publish",            FLAG_VALUE,    "PublishPort",       NULL },
        { "--replace",            FLAG_NOTHING,  NULL,                NULL },
        { "--restart",            FLAG_SWITCH,   NULL,                "it is Restart= in [Service] of its containers" },
        { "--security-opt",       FLAG_SWITCH,   NULL,                "containers are confined each by itself" },
        { "--share",              FLAG_SWITCH,   NULL,                SHARED },
        { "--shm-size",           FLAG_VALUE,    "ShmSize",           NULL },
        { "--subgidname",         FLAG_VALUE,    "SubGIDMap",         NULL },
        { "--subuidname",         FLAG_VALUE,    "SubUIDMap",         NULL },
        { "--sysctl",             FLAG_SWITCH,   NULL,                "set Sysctl= in one of its containers" },
        { "--uidmap",             FLAG_VALUE,    "UIDMap",            NULL },
        { "--userns",             FLAG_VALUE,    "UserNS",            NULL },
        { "--uts",                FLAG_SWITCH,   NULL,                SHARED },
        { "--volume",             FLAG_VALUE,    "Volume",            NULL },
        { "-h",                   FLAG_VALUE,    "HostName",          NULL },
        { "-l",                   FLAG_VALUE,    "Label",             NULL },
        { "-p",                   FLAG_VALUE,    "PublishPort",       NULL },
        { "-v",                   FLAG_VALUE,    "Volume",            NULL },
};
const PodmanFlagSet podman_pod_flags = { pod_flags, ELEMENTS(pod_flags), { &pod_section, &pod_podman_section, NULL } };
/* clang-format on */
