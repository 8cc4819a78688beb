/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/run-flags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/run-takes.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/nearest.h"

/* clang-format off */
#define KEY(key)       RUN_KEY,     key,  0, NULL
#define LIST(key)      RUN_LIST,    key,  0, NULL
#define PODMAN(key)    RUN_PODMAN,  key,  0, NULL
#define SERVICE(key)   RUN_SERVICE, key,  0, NULL
#define ALIAS(key)     RUN_ALIAS,   key,  0, NULL
#define CALL(take)     RUN_CALL,    NULL, 0, take
/* A row that does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(RunSwitches, member) \
        + 0 * _Generic(((RunSwitches *) NULL)->member, type: 1)
#define SWITCH(member) RUN_SWITCH,  NULL, AT(member, bool), NULL
#define TEXT(member)   RUN_TEXT,    NULL, AT(member, const char *), NULL

/* Sorted by name, as in strcmp(3). */
const RunFlag run_flags[] = {
        { 0,   "add-host",               "NAME:ADDRESS",             KEY("AddHost"),                  "a line for /etc/hosts" },
        { 0,   "annotation",             "NAME=VALUE",               KEY("Annotation"),               "a note in the manner of OCI" },
        { 0,   "blkio-weight",           "WEIGHT",                   SERVICE("IOWeight"),             "how much time a busy disk gives, 1 to 10000" },
        { 0,   "cap-add",                "NAME,…",                   LIST("AddCapability"),           "capabilities beyond the default ones" },
        { 0,   "cap-drop",               "NAME,…",                   LIST("DropCapability"),          "capabilities to take away" },
        { 0,   "caps-remove",            NULL,                       ALIAS("cap-drop"),               NULL },
        { 0,   "caps-retain",            "NAME,…",                   CALL(take_caps_retain),          "these capabilities and no others" },
        { 'c', "cpu-shares",             "SHARES",                   PODMAN("cpu-shares"),            "how much time a busy processor gives, as Docker counts" },
        { 0,   "cpus",                   "NUMBER",                   PODMAN("cpus"),                  "how many processors at most" },
        { 0,   "cpuset-cpus",            "LIST",                     SERVICE("AllowedCPUs"),          "which processors" },
        { 0,   "cpuset-mems",            "LIST",                     SERVICE("AllowedMemoryNodes"),   "which memory nodes" },
        { 'd', "detach",                 NULL,                       SWITCH(detach),                  "print the name and leave it running" },
        { 0,   "device",                 "HOST[:PATH[:rwm]]",        KEY("AddDevice"),                "a device of the host" },
        { 0,   "dns",                    "ADDRESS,…",                LIST("DNS"),                     "name servers" },
        { 0,   "dns-opt",                NULL,                       ALIAS("dns-option"),             NULL },
        { 0,   "dns-option",             "OPTION",                   KEY("DNSOption"),                "an option of resolv.conf" },
        { 0,   "dns-search",             "DOMAIN,…",                 LIST("DNSSearch"),               "domains to search" },
        { 0,   "entrypoint",             "WORD",                     KEY("Entrypoint"),               "the program, in place of the image's; a JSON array for several words" },
        { 'e', "env",                    "NAME[=VALUE]",             CALL(take_env),                  "a variable; without a value, that of the caller" },
        { 0,   "env-file",               "FILE",                     CALL(take_env_file),             "a file of variables" },
        { 0,   "env-host",               NULL,                       CALL(take_env_host),             "all variables of the caller" },
        { 0,   "environment",            NULL,                       ALIAS("env"),                    NULL },
        { 0,   "exec",                   NULL,                       ALIAS("entrypoint"),             NULL },
        { 0,   "expose",                 "PORT",                     KEY("ExposeHostPort"),           "a port that the container listens on, for information" },
        { 0,   "gidmap",                 "MAP",                      KEY("GIDMap"),                   "a range of group ids" },
        { 0,   "group",                  "GROUP",                    KEY("Group"),                    "the group to run as" },
        { 0,   "group-add",              "GROUP,…",                  LIST("GroupAdd"),                "more groups" },
        { 0,   "health-cmd",             "COMMAND",                  KEY("HealthCmd"),                "the command that probes the container" },
        { 0,   "health-interval",        "TIME",                     KEY("HealthInterval"),           "the time between probes" },
        { 0,   "health-log-destination", "WHERE",                    KEY("HealthLogDestination"),     "where results of probes go" },
        { 0,   "health-max-log-count",   "NUMBER",                   KEY("HealthMaxLogCount"),        "how many results of probes are kept" },
        { 0,   "health-max-log-size",    "NUMBER",                   KEY("HealthMaxLogSize"),         "how much of a probe's output is kept" },
        { 0,   "health-on-failure",      "ACTION",                   KEY("HealthOnFailure"),          "what happens when it is unhealthy: none, kill, restart, stop" },
        { 0,   "health-retries",         "NUMBER",                   KEY("HealthRetries"),            "how many probes have to fail" },
        { 0,   "health-start-period",    "TIME",                     KEY("HealthStartPeriod"),        "the time that failures do not count" },
        { 0,   "health-startup-cmd",     "COMMAND",                  KEY("HealthStartupCmd"),         "the command that probes it while it starts" },
        { 0,   "health-startup-interval", "TIME",                     KEY("HealthStartupInterval"),    "the time between probes while it starts" },
        { 0,   "health-startup-retries", "NUMBER",                   KEY("HealthStartupRetries"),     "how many probes may fail while it starts" },
        { 0,   "health-startup-success", "NUMBER",                   KEY("HealthStartupSuccess"),     "how many probes have to succeed while it starts" },
        { 0,   "health-startup-timeout", "TIME",                     KEY("HealthStartupTimeout"),     "how long a probe may take while it starts" },
        { 0,   "health-timeout",         "TIME",                     KEY("HealthTimeout"),            "how long a probe may take" },
        { 'h', "hostname",               "NAME",                     KEY("HostName"),                 "the host name inside" },
        { 0,   "hosts-entry",            "ADDRESS=NAME,…",           CALL(take_hosts_entry),          "lines for /etc/hosts, as rkt writes them" },
        { 0,   "http-proxy",             NULL,                       KEY("HttpProxy"),                "whether proxy settings of the unit are passed on" },
        { 0,   "inherit-env",            NULL,                       ALIAS("env-host"),               NULL },
        { 0,   "init",                   NULL,                       KEY("RunInit"),                  "an init that reaps stays as process 1" },
        { 'i', "interactive",            NULL,                       SWITCH(interactive),             "standard input stays open, for a detached container too" },
        { 0,   "ip",                     "ADDRESS",                  KEY("IP"),                       "a fixed IPv4 address" },
        { 0,   "ip6",                    "ADDRESS",                  KEY("IP6"),                      "a fixed IPv6 address" },
        { 'l', "label",                  "NAME=VALUE",               KEY("Label"),                    "a label for others to read" },
        { 0,   "log-driver",             "DRIVER",                   KEY("LogDriver"),                "where output goes: journald, none" },
        { 0,   "log-opt",                "NAME=VALUE",               KEY("LogOpt"),                   "how output is marked" },
        { 0,   "mac-address",            "ADDRESS",                  PODMAN("mac-address"),           "the address of its interface, where there is a single network" },
        { 'm', "memory",                 "SIZE",                     KEY("Memory"),                   "how much memory there is" },
        { 0,   "memory-reservation",     "SIZE",                     PODMAN("memory-reservation"),    "memory that is kept for it" },
        { 0,   "memory-swap",            "SIZE",                     PODMAN("memory-swap"),           "memory and swap together" },
        { 0,   "mount",                  "type=TYPE,…",              CALL(take_mount),                "a mount, in its long form" },
        { 0,   "name",                   "NAME",                     TEXT(name),                      "what the container is called" },
        { 0,   "net",                    NULL,                       ALIAS("network"),                NULL },
        { 0,   "network",                "NAME[:OPTIONS]",           KEY("Network"),                  "a network to be in, or none, or host" },
        { 0,   "network-alias",          "NAME",                     KEY("NetworkAlias"),             "a host name more" },
        { 0,   "no-healthcheck",         NULL,                       CALL(take_no_healthcheck),       "do not probe, even if the image says how" },
        { 0,   "oom-score-adj",          "NUMBER",                   PODMAN("oom-score-adj"),         "how soon it is killed when memory is short" },
        { 0,   "pids-limit",             "NUMBER",                   KEY("PidsLimit"),                "how many processes there may be" },
        { 0,   "pod",                    "NAME.pod",                 KEY("Pod"),                      "the pod to be in" },
        { 0,   "port",                   NULL,                       ALIAS("publish"),                NULL },
        { 0,   "print-manifest",         NULL,                       SWITCH(print_manifest),          "print the manifest that does the same, and start nothing" },
        { 0,   "property",               "NAME=VALUE",               CALL(take_property),             "a line for [Unit] or [Service], see systemd.directives(7)" },
        { 'p', "publish",                "[[ADDRESS:]HOST:]PORT",    KEY("PublishPort"),              "a port of the host that leads into the container" },
        { 0,   "pull",                   "WHEN",                     KEY("Pull"),                     "when to fetch the image: missing, always, newer, never" },
        { 0,   "read-only",              NULL,                       KEY("ReadOnly"),                 "protect the root file system from writing" },
        { 0,   "read-only-tmpfs",        NULL,                       KEY("ReadOnlyTmpfs"),            "whether /run, /tmp and /var/tmp are writable then" },
        { 0,   "readonly-rootfs",        NULL,                       ALIAS("read-only"),              NULL },
        { 0,   "replace",                NULL,                       SWITCH(replace),                 "remove a transient container of that name first" },
        { 0,   "restart",                "WHEN",                     CALL(take_restart),              "no, always, on-failure[:NUMBER]" },
        { 0,   "retry",                  "NUMBER",                   KEY("Retry"),                    "how often a pull is repeated" },
        { 0,   "retry-delay",            "TIME",                     KEY("RetryDelay"),               "how long to wait before a pull is repeated" },
        { 0,   "rm",                     NULL,                       SWITCH(remove),                  "forget the container when it has ended, also if it has failed" },
        { 0,   "rootfs",                 NULL,                       SWITCH(rootfs),                  "IMAGE is a directory" },
        { 0,   "sdnotify",               "WHO",                      CALL(take_sdnotify),             "who says that it is ready: container, healthy, conmon" },
        { 0,   "secret",                 "NAME[,OPTION…]",           KEY("Secret"),                   "a secret" },
        { 0,   "security-opt",           "OPTION",                   CALL(take_security),             "no-new-privileges, seccomp=FILE, mask=PATH, unmask=PATH …" },
        { 0,   "set-env",                NULL,                       ALIAS("env"),                    NULL },
        { 0,   "set-env-file",           NULL,                       ALIAS("env-file"),               NULL },
        { 0,   "shm-size",               "SIZE",                     KEY("ShmSize"),                  "the size of /dev/shm" },
        { 0,   "slice",                  "NAME",                     CALL(take_slice),                "the slice of its unit" },
        { 0,   "stop-signal",            "SIGNAL",                   KEY("StopSignal"),               "the signal that asks it to stop" },
        { 0,   "stop-timeout",           "SECONDS",                  KEY("StopTimeout"),              "how long it may take to stop" },
        { 0,   "subgidname",             "NAME",                     KEY("SubGIDMap"),                "a name in /etc/subgid" },
        { 0,   "subuidname",             "NAME",                     KEY("SubUIDMap"),                "a name in /etc/subuid" },
        { 0,   "supplementary-gids",     NULL,                       ALIAS("group-add"),              NULL },
        { 0,   "sysctl",                 "NAME=VALUE",               KEY("Sysctl"),                   "a kernel setting of the container" },
        { 0,   "timezone",               NULL,                       ALIAS("tz"),                     NULL },
        { 0,   "tmpfs",                  "PATH[:OPTIONS]",           KEY("Tmpfs"),                    "a file system in memory" },
        { 't', "tty",                    NULL,                       SWITCH(terminal),                "a terminal for the program" },
        { 0,   "tz",                     "ZONE",                     KEY("Timezone"),                 "the time zone: local, Europe/Berlin" },
        { 0,   "uidmap",                 "MAP",                      KEY("UIDMap"),                   "a range of user ids" },
        { 0,   "ulimit",                 "NAME=SOFT[:HARD]",         KEY("Ulimit"),                   "a resource limit" },
        { 0,   "unit",                   "NAME",                     TEXT(unit),                      "its unit, in place of the container's name" },
        { 'u', "user",                   "USER[:GROUP]",             KEY("User"),                     "the user to run as" },
        { 0,   "userns",                 "MODE",                     KEY("UserNS"),                   "the user namespace: auto, host, keep-id" },
        { 'v', "volume",                 "SOURCE:PATH[:OPTIONS]",    CALL(take_volume),               "a directory of the host" },
        { 'w', "workdir",                "PATH",                     KEY("WorkingDir"),               "the directory to start in" },
        { 0,   "working-dir",            NULL,                       ALIAS("workdir"),                NULL },
};
/* clang-format on */
const size_t n_run_flags = ELEMENTS(run_flags);

const RunFlag *run_flag_find(const char *name, size_t n) {
        for (size_t i = 0; i < n_run_flags; i++)
                if (strlen(run_flags[i].name) == n && memcmp(run_flags[i].name, name, n) == 0)
                        return run_flags[i].form == RUN_ALIAS
                                               ? run_flag_find(run_flags[i].key, strlen(run_flags[i].key))
                                               : &run_flags[i];
        return NULL;
}

const RunFlag *run_flag_find_letter(char letter) {
        for (size_t i = 0; i < n_run_flags; i++)
                if (run_flags[i].letter == letter && letter)
                        return &run_flags[i];
        return NULL;
}

const RunFlag *run_flag_nearest(const char *name) {
        const RunFlag *nearest = NULL;
        size_t best = nearest_limit(name) + 1;

        for (size_t i = 0; i < n_run_flags; i++) {
                size_t distance = nearest_distance(name, run_flags[i].name);

                if (distance < best) {
                        best = distance;
                        nearest = &run_flags[i];
                }
        }
        return nearest;
}

static int take_list(const RunFlag *flag, const char *value, RunManifest *manifest, Fault *fault) {
        autofree char *copy = strdup(value);
        char *rest = copy, *item;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        while (r >= 0 && (item = strsep(&rest, ",")))
                r = run_manifest_add_key(manifest, flag->key, item, fault);
        return r;
}

static int take_switch(const char *value, bool *ret, Fault *fault) {
        *ret = true;
        if (value && boolean_parse(value, ret) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is neither yes nor no", value);
        return 0;
}

int run_flag_take(const RunFlag *flag, const char *value, RunSwitches *switches, RunManifest *manifest,
                Fault *fault) {
        void *field = (char *) switches + flag->offset;

        switch (flag->form) {

        case RUN_KEY:
                return run_manifest_add_key(manifest, flag->key, value ? value : "yes", fault);

        case RUN_LIST:
                return take_list(flag, value, manifest, fault);

        case RUN_PODMAN:
                return run_manifest_add_argument(manifest, flag->key, value, fault);

        case RUN_SERVICE:
                return run_manifest_add(manifest, RUN_SERVICE_SECTION, flag->key, value, fault);

        case RUN_SWITCH:
                return take_switch(value, field, fault);

        case RUN_TEXT:
                *(const char **) field = value;
                return 0;

        case RUN_CALL:
                return flag->take(manifest, flag, value, fault);

        case RUN_ALIAS:
        default:
                return -EINVAL;
        }
}

void run_flags_help(void) {
        autofree Option *options = calloc(n_run_flags, sizeof(Option));
        size_t n = 0;

        for (size_t i = 0; options && i < n_run_flags; i++)
                if (run_flags[i].help)
                        options[n++] = (Option){
                                .key = run_flags[i].letter ? run_flags[i].letter : OPTION_LONG,
                                .name = run_flags[i].name,
                                .argument = run_flags[i].argument,
                                .help = run_flags[i].help,
                        };
        options_help("run", options, n);
}
