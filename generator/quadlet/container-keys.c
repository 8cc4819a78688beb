/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/container.h"
#include "generator/quadlet/keys.h"
#include "generator/values/capability.h"
#include "generator/values/device.h"
#include "generator/values/duration.h"
#include "generator/values/env.h"
#include "generator/values/health.h"
#include "generator/values/host-entry.h"
#include "generator/values/idmap.h"
#include "generator/values/image-name.h"
#include "generator/values/mount.h"
#include "generator/values/network.h"
#include "generator/values/port.h"
#include "generator/values/rootfs.h"
#include "generator/values/secret.h"
#include "generator/values/security.h"
#include "generator/values/signal.h"
#include "generator/values/size.h"
#include "generator/values/tmpfs.h"
#include "generator/values/ulimit.h"
#include "generator/values/userns.h"
#include "generator/values/volume.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Container, member) \
        + 0 * _Generic(((Container *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,    AT(member, char *),  parser, NULL,   NULL
#define CHOICE(member)          KEY_CHOICE,  AT(member, Choice),  NULL,   NULL,   NULL
#define NUMBER(member, parser)  KEY_NUMBER,  AT(member, int64_t), NULL,   parser, NULL
#define LINES(member, parser)   KEY_LINES,   AT(member, char **), parser, NULL,   NULL
#define WORDS(member, parser)   KEY_WORDS,   AT(member, char **), parser, NULL,   NULL
#define ESCAPED(member, parser) KEY_ESCAPED, AT(member, char **), parser, NULL,   NULL
#define COMMAND(member)         KEY_COMMAND, AT(member, char **), NULL,   NULL,   NULL
#define ENTRY(member)           KEY_ENTRY,   AT(member, char **), NULL,   NULL,   NULL
#define ARGUMENTS               KEY_ARGUMENTS, 0,                 NULL,   NULL,   NULL
#define REFUSED(why)            KEY_REFUSED,   0,                 NULL,   NULL,   why, false

#define NOW   false
#define LATER true

/* Sorted by name, as in strcmp(3). */
static const KeyRow container_keys[] = {
        { "AddCapability",         WORDS(cap_add, capability_parse),                           NOW,   "capabilities beyond the default ones" },
        { "AddDevice",             WORDS(device, device_parse),                                NOW,   "devices of the host" },
        { "AddHost",               LINES(add_host, host_entry_parse),                          NOW,   "a line for /etc/hosts" },
        { "Annotation",            ESCAPED(annotation, label_parse),                           NOW,   "notes in the manner of OCI" },
        { "AppArmor",              TEXT(apparmor, apparmor_parse),                             LATER, "an AppArmor profile" },
        { "AutoUpdate",            TEXT(auto_update, word_parse_auto_update),                  NOW,   "where newer images come from" },
        { "CgroupsMode",           TEXT(cgroups, word_parse_cgroups),                          NOW,   "how Podman would make the control group" },
        { "ContainerName",         TEXT(name, value_parse_name),                               NOW,   "what the container is called" },
        { "ContainersConfModule",  REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                   "a module of containers.conf" },
        { "DNS",                   LINES(dns, dns_parse),                                      NOW,   "a name server" },
        { "DNSOption",             LINES(dns_option, dns_option_parse),                        NOW,   "an option of resolv.conf" },
        { "DNSSearch",             LINES(dns_search, dns_search_parse),                        NOW,   "a domain to search" },
        { "DropCapability",        WORDS(cap_drop, capability_parse),                          NOW,   "capabilities to take away" },
        { "Entrypoint",            ENTRY(entrypoint),                                          NOW,   "the program, in place of the image's" },
        { "Environment",           ESCAPED(environment, env_parse),                            NOW,   "variables" },
        { "EnvironmentFile",       ESCAPED(environment_file, env_parse_file),                  NOW,   "files of variables" },
        { "EnvironmentHost",       CHOICE(environment_host),                                   NOW,   "whether the unit's whole environment is passed on" },
        { "Exec",                  COMMAND(command),                                           NOW,   "arguments of the program" },
        { "ExposeHostPort",        LINES(expose, port_parse_expose),                           NOW,   "a port that the container listens on, for information" },
        { "GIDMap",                WORDS(gid_map, idmap_parse),                                NOW,   "ranges of group ids" },
        { "GlobalArgs",            REFUSED("there is no podman to pass them to"),
                                   "options of podman itself" },
        { "Group",                 TEXT(group, word_parse_group),                              NOW,   "the group to run as" },
        { "GroupAdd",              LINES(group_add, word_parse_group),                         NOW,   "a group more" },
        { "HealthCmd",             TEXT(health.command, health_parse_command),                 NOW,   "the command that probes the container" },
        { "HealthInterval",        TEXT(health.interval, duration_parse_or_disable),           NOW,   "the time between probes" },
        { "HealthLogDestination",  TEXT(health.log_destination, health_parse_log_destination), NOW,   "where results of probes go" },
        { "HealthMaxLogCount",     TEXT(health.max_log_count, value_parse_count),              NOW,   "how many results of probes are kept" },
        { "HealthMaxLogSize",      TEXT(health.max_log_size, value_parse_count),               NOW,   "how much of a probe's output is kept" },
        { "HealthOnFailure",       TEXT(health.on_failure, health_parse_action),               NOW,   "what happens to an unhealthy container" },
        { "HealthRetries",         TEXT(health.retries, value_parse_count),                    NOW,   "how many probes have to fail" },
        { "HealthStartPeriod",     TEXT(health.start_period, duration_parse),                  NOW,   "the time that failures do not count" },
        { "HealthStartupCmd",      TEXT(health.startup_command, health_parse_command),         NOW,   "the command that probes a starting container" },
        { "HealthStartupInterval", TEXT(health.startup_interval, duration_parse_or_disable),   NOW,   "the time between probes at startup" },
        { "HealthStartupRetries",  TEXT(health.startup_retries, value_parse_count),            NOW,   "how many probes may fail at startup" },
        { "HealthStartupSuccess",  TEXT(health.startup_success, value_parse_count),            NOW,   "how many probes have to succeed at startup" },
        { "HealthStartupTimeout",  TEXT(health.startup_timeout, duration_parse),               NOW,   "how long a probe may take at startup" },
        { "HealthTimeout",         TEXT(health.timeout, duration_parse),                       NOW,   "how long a probe may take" },
        { "HostName",              TEXT(hostname, hostname_parse),                             NOW,   "the host name inside" },
        { "HttpProxy",             CHOICE(http_proxy),                                         NOW,   "whether proxy settings are passed on" },
        { "IP",                    TEXT(ip, network_parse_ip),                                 NOW,   "a fixed IPv4 address" },
        { "IP6",                   TEXT(ip6, network_parse_ip6),                               NOW,   "a fixed IPv6 address" },
        { "Image",                 TEXT(image, image_name_parse),                              NOW,   "the image to run" },
        { "Label",                 ESCAPED(label, label_parse),                                NOW,   "labels for others to read" },
        { "LogDriver",             TEXT(log_driver, word_parse_log_driver),                    NOW,   "where output goes" },
        { "LogOpt",                WORDS(log_opt, word_parse_log_opt),                         NOW,   "how output is marked" },
        { "Mask",                  ESCAPED(mask, mask_parse),                                  NOW,   "paths to hide" },
        { "Memory",                NUMBER(memory, size_parse_limit),                           NOW,   "how much memory there is" },
        { "Mount",                 ESCAPED(mount, mount_parse),                                NOW,   "mounts, in their long form" },
        { "Network",               LINES(network, network_parse),                              NOW,   "the network to be in" },
        { "NetworkAlias",          LINES(alias, network_parse_alias),                          NOW,   "a host name more" },
        { "NoNewPrivileges",       CHOICE(no_new_privs),                                       NOW,   "whether set-user-id programs gain nothing" },
        { "Notify",                TEXT(notify, word_parse_notify),                            NOW,   "who says that the container is ready" },
        { "PidsLimit",             NUMBER(pids_limit, word_parse_pids),                        NOW,   "how many processes there may be" },
        { "Pod",                   TEXT(pod, word_parse_pod),                                  NOW,   "the pod to be in" },
        { "PodmanArgs",            ARGUMENTS,                                                  NOW,   "options of podman run that have a meaning here" },
        { "PublishPort",           LINES(publish, port_parse_publish),                         NOW,   "a port of the host that leads into the container" },
        { "Pull",                  TEXT(pull, word_parse_pull),                                NOW,   "when to fetch the image" },
        { "ReadOnly",              CHOICE(read_only),                                          NOW,   "whether the root file system is protected from writing" },
        { "ReadOnlyTmpfs",         CHOICE(read_only_tmp),                                      NOW,   "whether /run, /tmp and /var/tmp are writable then" },
        { "ReloadCmd",             COMMAND(reload_command),                                    NOW,   "the command that reloads the container" },
        { "ReloadSignal",          TEXT(reload_signal, signal_parse),                          NOW,   "the signal that reloads the container" },
        { "RemapGid",              WORDS(remap.gids, value_parse_text),                        NOW,   "group ids for RemapUsers" },
        { "RemapUid",              WORDS(remap.uids, value_parse_text),                        NOW,   "user ids for RemapUsers" },
        { "RemapUidSize",          TEXT(remap.uid_size, value_parse_count),                    NOW,   "how many ids RemapUsers=auto maps" },
        { "RemapUsers",            TEXT(remap.users, word_parse_remap),                        NOW,   "an old name of UserNS" },
        { "Retry",                 TEXT(retry, value_parse_count),                             NOW,   "how often a pull is repeated" },
        { "RetryDelay",            TEXT(retry_delay, duration_parse),                          NOW,   "how long to wait before a pull is repeated" },
        { "Rootfs",                TEXT(rootfs, rootfs_parse),                                 NOW,   "a directory in place of an image" },
        { "RunInit",               CHOICE(init),                                               NOW,   "whether an init that reaps stays as PID 1" },
        { "SeccompProfile",        TEXT(seccomp, seccomp_parse),                               NOW,   "the filter of system calls" },
        { "Secret",                ESCAPED(secret, secret_parse),                              NOW,   "secrets" },
        { "SecurityLabelDisable",  CHOICE(label_disable),                                      NOW,   "whether there is no SELinux confinement" },
        { "SecurityLabelFileType", TEXT(label_file_type, selinux_parse),                       LATER, "the SELinux type of files" },
        { "SecurityLabelLevel",    TEXT(label_level, selinux_parse),                           LATER, "the SELinux level" },
        { "SecurityLabelNested",   CHOICE(label_nested),                                       LATER, "whether SELinux can be used inside" },
        { "SecurityLabelType",     TEXT(label_type, selinux_parse),                            LATER, "the SELinux type of processes" },
        { "ServiceName",           TEXT(service, word_parse_service),                          NOW,   "the unit, in place of the manifest's name" },
        { "ShmSize",               TEXT(shm_size, size_parse_bytes),                           NOW,   "the size of /dev/shm" },
        { "StartWithPod",          CHOICE(start_with_pod),                                     NOW,   "whether the pod starts the container" },
        { "StopSignal",            TEXT(stop_signal, signal_parse),                            NOW,   "the signal that asks the container to stop" },
        { "StopTimeout",           TEXT(stop_timeout, duration_parse_stop),                    NOW,   "how long it may take to stop" },
        { "SubGIDMap",             TEXT(sub_gid, value_parse_text),                            NOW,   "a name in /etc/subgid" },
        { "SubUIDMap",             TEXT(sub_uid, value_parse_text),                            NOW,   "a name in /etc/subuid" },
        { "Sysctl",                WORDS(sysctl, sysctl_parse),                                NOW,   "kernel settings of the container" },
        { "Timezone",              TEXT(timezone, word_parse_timezone),                        NOW,   "the time zone" },
        { "Tmpfs",                 LINES(tmpfs, tmpfs_parse),                                  NOW,   "a file system in memory" },
        { "UIDMap",                WORDS(uid_map, idmap_parse),                                NOW,   "ranges of user ids" },
        { "Ulimit",                LINES(ulimit, ulimit_parse),                                NOW,   "a resource limit" },
        { "Unmask",                ESCAPED(unmask, unmask_parse),                              NOW,   "paths not to hide" },
        { "User",                  TEXT(user, word_parse_user),                                NOW,   "the user to run as" },
        { "UserNS",                TEXT(userns, userns_parse),                                 NOW,   "the user namespace" },
        { "VolatileTmp",           CHOICE(volatile_tmp),                                       NOW,   "an old way to ask for a tmpfs on /tmp" },
        { "Volume",                LINES(volume, volume_parse),                                NOW,   "a directory of the host, or a volume" },
        { "WorkingDir",            TEXT(working_dir, value_parse_absolute_path),               NOW,   "the directory to start in" },
};
const KeySection container_section = { "Container", container_keys, ELEMENTS(container_keys) };

static const KeyRow slipway_keys[] = {
        { "Activation",          TEXT(activation, word_parse_activation),     NOW,   "what starts the container: socket" },
        { "Console",             TEXT(console, word_parse_console),           NOW,   "what the program's streams are: journal, pipe, direct, null, terminal, interactive" },
        { "HealthStartInterval", TEXT(health.start_interval, duration_parse), NOW,   "the time between probes in the start period" },
        { "IdleTimeout",         TEXT(idle, duration_parse_idle),             NOW,   "how long nothing is connected until a container on demand stops" },
        { "Verity",              TEXT(verity, word_parse_verity),             NOW,   "whether each block of the image is verified when it is read: a boolean, or the root hash" },
        { "YamlSecret",          ESCAPED(yaml_secret, secret_parse_yaml),     NOW,   "a key of a Secret or ConfigMap in a file of Kubernetes YAML" },
};
const KeySection slipway_section = { "Slipway", slipway_keys, ELEMENTS(slipway_keys) };
/* clang-format on */
