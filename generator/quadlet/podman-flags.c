/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/podman-flags.h"

#include <stdlib.h>
#include <string.h>

#include "generator/model/container.h"
#include "generator/values/cpu.h"
#include "generator/values/network.h"
#include "generator/values/size.h"
#include "lib/cleanup.h"

/* clang-format off */
/* Sorted by name, as in strcmp(3). */
static const PodmanFlag run_flags[] = {
        { "--add-host",           FLAG_VALUE,    "AddHost",           NULL },
        { "--annotation",         FLAG_VALUE,    "Annotation",        NULL },
        { "--blkio-weight", FLAG_SWITCH, NULL,
          "it is IOWeight= in [Service]" },
        { "--cap-add",            FLAG_LIST,     "AddCapability",     NULL },
        { "--cap-drop",           FLAG_LIST,     "DropCapability",    NULL },
        { "--cgroup-conf", FLAG_SWITCH, NULL,
          "limits are directives of [Service], see systemd.resource-control(5)" },
        { "--cgroups",            FLAG_VALUE,    "CgroupsMode",       NULL },
        { "--cpu-shares",         FLAG_VALUE,    "CpuShares",         NULL },
        { "--cpu-weight",         FLAG_VALUE,    "CpuWeight",         NULL },
        { "--cpus",               FLAG_VALUE,    "Cpus",              NULL },
        { "--cpuset-cpus", FLAG_SWITCH, NULL,
          "it is AllowedCPUs= in [Service]" },
        { "--cpuset-mems", FLAG_SWITCH, NULL,
          "it is AllowedMemoryNodes= in [Service]" },
        { "--detach",             FLAG_NOTHING,  NULL,                NULL },
        { "--device",             FLAG_VALUE,    "AddDevice",         NULL },
        { "--device-cgroup-rule", FLAG_SWITCH, NULL,
          "DeviceAllow= in [Service] takes devices by name" },
        { "--dns",                FLAG_VALUE,    "DNS",               NULL },
        { "--dns-opt",            FLAG_VALUE,    "DNSOption",         NULL },
        { "--dns-option",         FLAG_VALUE,    "DNSOption",         NULL },
        { "--dns-search",         FLAG_VALUE,    "DNSSearch",         NULL },
        { "--entrypoint",         FLAG_VALUE,    "Entrypoint",        NULL },
        { "--env",                FLAG_VALUE,    "Environment",       NULL },
        { "--env-file",           FLAG_VALUE,    "EnvironmentFile",   NULL },
        { "--env-host",           FLAG_SWITCH,   "EnvironmentHost",   NULL },
        { "--expose",             FLAG_VALUE,    "ExposeHostPort",    NULL },
        { "--gidmap",             FLAG_VALUE,    "GIDMap",            NULL },
        { "--gpus", FLAG_SWITCH, NULL,
          "it needs a vendor's hook; name the devices with AddDevice=" },
        { "--group-add",          FLAG_VALUE,    "GroupAdd",          NULL },
        { "--health-cmd",         FLAG_VALUE,    "HealthCmd",         NULL },
        { "--health-interval",    FLAG_VALUE,    "HealthInterval",    NULL },
        { "--health-log-destination", FLAG_VALUE, "HealthLogDestination", NULL },
        { "--health-max-log-count", FLAG_VALUE,  "HealthMaxLogCount", NULL },
        { "--health-max-log-size", FLAG_VALUE,   "HealthMaxLogSize",  NULL },
        { "--health-on-failure",  FLAG_VALUE,    "HealthOnFailure",   NULL },
        { "--health-retries",     FLAG_VALUE,    "HealthRetries",     NULL },
        { "--health-start-interval", FLAG_VALUE, "HealthStartInterval", NULL },
        { "--health-start-period", FLAG_VALUE,   "HealthStartPeriod", NULL },
        { "--health-startup-cmd", FLAG_VALUE,    "HealthStartupCmd",  NULL },
        { "--health-startup-interval", FLAG_VALUE, "HealthStartupInterval", NULL },
        { "--health-startup-retries", FLAG_VALUE, "HealthStartupRetries", NULL },
        { "--health-startup-success", FLAG_VALUE, "HealthStartupSuccess", NULL },
        { "--health-startup-timeout", FLAG_VALUE, "HealthStartupTimeout", NULL },
        { "--health-timeout",     FLAG_VALUE,    "HealthTimeout",     NULL },
        { "--hostname",           FLAG_VALUE,    "HostName",          NULL },
        { "--http-proxy",         FLAG_SWITCH,   "HttpProxy",         NULL },
        { "--init",               FLAG_SWITCH,   "RunInit",           NULL },
        { "--interactive",        FLAG_SWITCH,   "Interactive",       NULL },
        { "--ip",                 FLAG_VALUE,    "IP",                NULL },
        { "--ip6",                FLAG_VALUE,    "IP6",               NULL },
        { "--ipc", FLAG_SWITCH, NULL,
          "systemd-nspawn always makes an IPC namespace of the container's own" },
        { "--label",              FLAG_VALUE,    "Label",             NULL },
        { "--log-driver",         FLAG_VALUE,    "LogDriver",         NULL },
        { "--log-opt",            FLAG_VALUE,    "LogOpt",            NULL },
        { "--mac-address",        FLAG_VALUE,    "MacAddress",        NULL },
        { "--memory",             FLAG_VALUE,    "Memory",            NULL },
        { "--memory-reservation", FLAG_VALUE,    "MemoryReservation", NULL },
        { "--memory-swap",        FLAG_VALUE,    "MemorySwap",        NULL },
        { "--mount",              FLAG_VALUE,    "Mount",             NULL },
        { "--name", FLAG_SWITCH, NULL,
          "it is ContainerName=" },
        { "--net",                FLAG_VALUE,    "Network",           NULL },
        { "--network",            FLAG_VALUE,    "Network",           NULL },
        { "--network-alias",      FLAG_VALUE,    "NetworkAlias",      NULL },
        { "--no-healthcheck",     FLAG_NONE,     "HealthCmd",         NULL },
        { "--oom-score-adj",      FLAG_VALUE,    "OomScore",          NULL },
        { "--pid", FLAG_SWITCH, NULL,
          "systemd-nspawn always makes a PID namespace of the container's own" },
        { "--pids-limit",         FLAG_VALUE,    "PidsLimit",         NULL },
        { "--pod", FLAG_SWITCH, NULL,
          "it is Pod=" },
        { "--privileged", FLAG_SWITCH, NULL,
          "it would take all confinement away; ask for what is needed with AddCapability=, AddDevice=, SeccompProfile= and UserNS=" },
        { "--publish",            FLAG_VALUE,    "PublishPort",       NULL },
        { "--pull",               FLAG_VALUE,    "Pull",              NULL },
        { "--read-only",          FLAG_SWITCH,   "ReadOnly",          NULL },
        { "--read-only-tmpfs",    FLAG_SWITCH,   "ReadOnlyTmpfs",     NULL },
        { "--replace",            FLAG_NOTHING,  NULL,                NULL },
        { "--requires", FLAG_SWITCH, NULL,
          "it is Requires= and After= in [Unit]" },
        { "--restart", FLAG_SWITCH, NULL,
          "it is Restart= in [Service]" },
        { "--retry",              FLAG_VALUE,    "Retry",             NULL },
        { "--retry-delay",        FLAG_VALUE,    "RetryDelay",        NULL },
        { "--rm",                 FLAG_NOTHING,  NULL,                NULL },
        { "--rootfs", FLAG_SWITCH, NULL,
          "it is Rootfs=" },
        { "--runtime", FLAG_SWITCH, NULL,
          "the runtime is systemd-nspawn" },
        { "--secret",             FLAG_VALUE,    "Secret",            NULL },
        { "--security-opt",       FLAG_SECURITY, NULL,                NULL },
        { "--shm-size",           FLAG_VALUE,    "ShmSize",           NULL },
        { "--stop-signal",        FLAG_VALUE,    "StopSignal",        NULL },
        { "--stop-timeout",       FLAG_VALUE,    "StopTimeout",       NULL },
        { "--sysctl",             FLAG_VALUE,    "Sysctl",            NULL },
        { "--tmpfs",              FLAG_VALUE,    "Tmpfs",             NULL },
        { "--tty",                FLAG_SWITCH,   "Terminal",          NULL },
        { "--tz",                 FLAG_VALUE,    "Timezone",          NULL },
        { "--uidmap",             FLAG_VALUE,    "UIDMap",            NULL },
        { "--ulimit",             FLAG_VALUE,    "Ulimit",            NULL },
        { "--user",               FLAG_VALUE,    "User",              NULL },
        { "--userns",             FLAG_VALUE,    "UserNS",            NULL },
        { "--uts", FLAG_SWITCH, NULL,
          "systemd-nspawn always makes a UTS namespace of the container's own" },
        { "--volume",             FLAG_VALUE,    "Volume",            NULL },
        { "--workdir",            FLAG_VALUE,    "WorkingDir",        NULL },
        { "-c",                   FLAG_VALUE,    "CpuShares",         NULL },
        { "-d",                   FLAG_NOTHING,  NULL,                NULL },
        { "-e",                   FLAG_VALUE,    "Environment",       NULL },
        { "-h",                   FLAG_VALUE,    "HostName",          NULL },
        { "-i",                   FLAG_SWITCH,   "Interactive",       NULL },
        { "-it",                  FLAG_SWITCH,   "Terminal",          NULL },
        { "-l",                   FLAG_VALUE,    "Label",             NULL },
        { "-m",                   FLAG_VALUE,    "Memory",            NULL },
        { "-p",                   FLAG_VALUE,    "PublishPort",       NULL },
        { "-t",                   FLAG_SWITCH,   "Terminal",          NULL },
        { "-ti",                  FLAG_SWITCH,   "Terminal",          NULL },
        { "-u",                   FLAG_VALUE,    "User",              NULL },
        { "-v",                   FLAG_VALUE,    "Volume",            NULL },
        { "-w",                   FLAG_VALUE,    "WorkingDir",        NULL },
};
const PodmanFlagSet podman_run_flags = { run_flags, ELEMENTS(run_flags),
        { &container_section, &slipway_section, &podman_section, NULL } };

#define AT(member, type) offsetof(Container, member) \
        + 0 * _Generic(((Container *) NULL)->member, type: 1)
#define NUMBER(member, parser) KEY_NUMBER, AT(member, int64_t), NULL, parser, NULL, false
#define CHOICE(member)         KEY_CHOICE, AT(member, Choice), NULL, NULL, NULL, false

/* Sorted by name, too. */
static const KeyRow podman_keys[] = {
        { "CpuShares",         NUMBER(cpu_weight, cpu_parse_shares),           "how much time a busy processor gives" },
        { "CpuWeight",         NUMBER(cpu_weight, cpu_parse_weight),           "the same, as cgroups(7) counts it" },
        { "Cpus",              NUMBER(cpu_quota, cpu_parse_quota),             "how many processors at most" },
        { "Interactive",       CHOICE(interactive),                            "whether its standard input stays open" },
        { "MacAddress",        KEY_TEXT, AT(mac, char *), network_parse_mac, NULL, NULL, false,
                               "the address of its interface" },
        { "MemoryReservation", NUMBER(memory_reservation, size_parse_limit),   "memory that is kept for it" },
        { "MemorySwap",        NUMBER(memory_swap, size_parse_swap),           "memory and swap together" },
        { "OomScore",          KEY_TEXT, AT(oom_score, char *), cpu_parse_oom_score, NULL, NULL, false,
                               "how soon it is killed when memory is short" },
        { "Terminal",          CHOICE(terminal),                               "whether it has a terminal" },
};
const KeySection podman_section = { "Container", podman_keys, ELEMENTS(podman_keys) };
/* clang-format on */

static int compare_name(const void *name, const void *flag) {
        return strcmp(name, ((const PodmanFlag *) flag)->name);
}

const PodmanFlag *podman_flag_find(const PodmanFlagSet *set, const char *name) {
        return bsearch(name, set->flags, set->n_flags, sizeof(PodmanFlag), compare_name);
}

const KeyRow *podman_flag_row(const PodmanFlagSet *set, const char *key) {
        const KeyRow *row = NULL;

        for (size_t i = 0; !row && set->sections[i]; i++)
                row = key_find(set->sections[i], key);
        return row;
}

bool podman_security_find(const char *text, const char **ret_key, const char **ret_value) {
        /* clang-format off */
        static const struct {
                const char *prefix, *key, *value; /* value NULL: what follows the prefix */
        } options[] = {
                { "no-new-privileges",       "NoNewPrivileges",       "yes" },
                { "no-new-privileges=true",  "NoNewPrivileges",       "yes" },
                { "no-new-privileges:true",  "NoNewPrivileges",       "yes" },
                { "no-new-privileges=false", "NoNewPrivileges",       "no"  },
                { "no-new-privileges:false", "NoNewPrivileges",       "no"  },
                { "label=disable",           "SecurityLabelDisable",  "yes" },
                { "label:disable",           "SecurityLabelDisable",  "yes" },
                { "label=nested",            "SecurityLabelNested",   "yes" },
                { "label=type:",             "SecurityLabelType",     NULL  },
                { "label=level:",            "SecurityLabelLevel",    NULL  },
                { "label=filetype:",         "SecurityLabelFileType", NULL  },
                { "seccomp=",                "SeccompProfile",        NULL  },
                { "seccomp:",                "SeccompProfile",        NULL  },
                { "apparmor=",               "AppArmor",              NULL  },
                { "apparmor:",               "AppArmor",              NULL  },
                { "mask=",                   "Mask",                  NULL  },
                { "unmask=",                 "Unmask",                NULL  },
        };
        /* clang-format on */

        for (size_t i = 0; i < ELEMENTS(options); i++) {
                size_t n = strlen(options[i].prefix);
                bool fits = options[i].value ? strcmp(text, options[i].prefix) == 0
                                             : strncmp(text, options[i].prefix, n) == 0 && text[n];

                if (!fits)
                        continue;
                *ret_key = options[i].key;
                *ret_value = options[i].value ? options[i].value : text + n;
                return true;
        }
        return false;
}
