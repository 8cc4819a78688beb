/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/pod.h"
#include "generator/quadlet/keys.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/values/duration.h"
#include "generator/values/env.h"
#include "generator/values/host-entry.h"
#include "generator/values/idmap.h"
#include "generator/values/network.h"
#include "generator/values/port.h"
#include "generator/values/size.h"
#include "generator/values/userns.h"
#include "generator/values/volume.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Pod, member) \
        + 0 * _Generic(((Pod *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,      AT(member, char *),  parser, NULL, NULL, false
#define LINES(member, parser)   KEY_LINES,     AT(member, char **), parser, NULL, NULL, false
#define WORDS(member, parser)   KEY_WORDS,     AT(member, char **), parser, NULL, NULL, false
#define ESCAPED(member, parser) KEY_ESCAPED,   AT(member, char **), parser, NULL, NULL, false
#define ARGUMENTS               KEY_ARGUMENTS, 0,                   NULL,   NULL, NULL, false
#define REFUSED(why)            KEY_REFUSED,   0,                   NULL,   NULL, why,  false

/* Sorted by name, as in strcmp(3). */
static const KeyRow pod_keys[] = {
        { "AddHost",              LINES(add_host, host_entry_parse),         "a line for /etc/hosts" },
        { "ContainersConfModule", REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                  "a module of containers.conf" },
        { "DNS",                  LINES(dns, dns_parse),                     "a name server" },
        { "DNSOption",            LINES(dns_option, dns_option_parse),       "an option of resolv.conf" },
        { "DNSSearch",            LINES(dns_search, dns_search_parse),       "a domain to search" },
        { "ExitPolicy",           TEXT(exit_policy, word_parse_exit_policy), "whether it ends with its last container" },
        { "GIDMap",               WORDS(gid_map, idmap_parse),               "ranges of group ids" },
        { "GlobalArgs",           REFUSED("there is no podman to pass them to"),
                                  "options of podman itself" },
        { "HostName",             TEXT(hostname, hostname_parse),            "the host name inside" },
        { "IP",                   TEXT(ip, network_parse_ip),                "a fixed IPv4 address" },
        { "IP6",                  TEXT(ip6, network_parse_ip6),              "a fixed IPv6 address" },
        { "Label",                ESCAPED(label, label_parse),               "labels for others to read" },
        { "Network",              LINES(network, network_parse),             "the network to be in" },
        { "NetworkAlias",         LINES(alias, network_parse_alias),         "a host name more" },
        { "PodName",              TEXT(name, value_parse_name),              "what the pod is called" },
        { "PodmanArgs",           ARGUMENTS,                                 "options of podman pod create that have a meaning here" },
        { "PublishPort",          LINES(publish, port_parse_publish),        "a port of the host that leads into the pod" },
        { "RemapGid",             WORDS(remap.gids, value_parse_text),       "group ids for RemapUsers" },
        { "RemapUid",             WORDS(remap.uids, value_parse_text),       "user ids for RemapUsers" },
        { "RemapUidSize",         TEXT(remap.uid_size, value_parse_count),   "how many ids RemapUsers=auto maps" },
        { "RemapUsers",           TEXT(remap.users, word_parse_remap),       "an old name of UserNS" },
        { "ServiceName",          TEXT(service, word_parse_service),         "the unit, in place of the manifest's name" },
        { "ShmSize",              TEXT(shm_size, size_parse_bytes),          "the size of /dev/shm" },
        { "StopTimeout",          TEXT(stop_timeout, duration_parse_stop),   "how long its containers may take to stop" },
        { "SubGIDMap",            TEXT(sub_gid, value_parse_text),           "a name in /etc/subgid" },
        { "SubUIDMap",            TEXT(sub_uid, value_parse_text),           "a name in /etc/subuid" },
        { "UIDMap",               WORDS(uid_map, idmap_parse),               "ranges of user ids" },
        { "UserNS",               TEXT(userns, userns_parse),                "the user namespace" },
        { "Volume",               LINES(volume, volume_parse),               "a directory of the host, or a volume" },
};
const KeySection pod_section = { "Pod", pod_keys, ELEMENTS(pod_keys) };

/* What has no key, by options of podman only. */
static const KeyRow pod_podman_keys[] = {
        { "MacAddress",           TEXT(mac, network_parse_mac),              "the address of its interface" },
        { "Share",                TEXT(share, word_parse_share),             "namespaces that its containers share" },
};
const KeySection pod_podman_section = { "Pod", pod_podman_keys, ELEMENTS(pod_podman_keys) };
/* clang-format on */
