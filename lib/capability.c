/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"

/* clang-format off */
/* By number, so that a number finds its name without a search. */
static const char *const names[] = {
        [CAP_CHOWN]              = "chown",
        [CAP_DAC_OVERRIDE]       = "dac_override",
        [CAP_DAC_READ_SEARCH]    = "dac_read_search",
        [CAP_FOWNER]             = "fowner",
        [CAP_FSETID]             = "fsetid",
        [CAP_KILL]               = "kill",
        [CAP_SETGID]             = "setgid",
        [CAP_SETUID]             = "setuid",
        [CAP_SETPCAP]            = "setpcap",
        [CAP_LINUX_IMMUTABLE]    = "linux_immutable",
        [CAP_NET_BIND_SERVICE]   = "net_bind_service",
        [CAP_NET_BROADCAST]      = "net_broadcast",
        [CAP_NET_ADMIN]          = "net_admin",
        [CAP_NET_RAW]            = "net_raw",
        [CAP_IPC_LOCK]           = "ipc_lock",
        [CAP_IPC_OWNER]          = "ipc_owner",
        [CAP_SYS_MODULE]         = "sys_module",
        [CAP_SYS_RAWIO]          = "sys_rawio",
        [CAP_SYS_CHROOT]         = "sys_chroot",
        [CAP_SYS_PTRACE]         = "sys_ptrace",
        [CAP_SYS_PACCT]          = "sys_pacct",
        [CAP_SYS_ADMIN]          = "sys_admin",
        [CAP_SYS_BOOT]           = "sys_boot",
        [CAP_SYS_NICE]           = "sys_nice",
        [CAP_SYS_RESOURCE]       = "sys_resource",
        [CAP_SYS_TIME]           = "sys_time",
        [CAP_SYS_TTY_CONFIG]     = "sys_tty_config",
        [CAP_MKNOD]              = "mknod",
        [CAP_LEASE]              = "lease",
        [CAP_AUDIT_WRITE]        = "audit_write",
        [CAP_AUDIT_CONTROL]      = "audit_control",
        [CAP_SETFCAP]            = "setfcap",
        [CAP_MAC_OVERRIDE]       = "mac_override",
        [CAP_MAC_ADMIN]          = "mac_admin",
        [CAP_SYSLOG]             = "syslog",
        [CAP_WAKE_ALARM]         = "wake_alarm",
        [CAP_BLOCK_SUSPEND]      = "block_suspend",
        [CAP_AUDIT_READ]         = "audit_read",
        [CAP_PERFMON]            = "perfmon",
        [CAP_BPF]                = "bpf",
        [CAP_CHECKPOINT_RESTORE] = "checkpoint_restore",
};
/* clang-format on */

int capability_from_name(const char *name) {
        if (strncasecmp(name, "cap_", 4) == 0)
                name += 4;

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strcasecmp(name, names[i]) == 0)
                        return (int) i;

        return -ENOENT;
}

const char *capability_to_name(int number) {
        return number >= 0 && (size_t) number < ELEMENTS(names) ? names[number] : NULL;
}

bool capability_is_all(const char *name) {
        return strcasecmp(name, "all") == 0;
}

uint64_t capability_default_set(void) {
        return CAPABILITY_BIT(CAP_CHOWN) | CAPABILITY_BIT(CAP_DAC_OVERRIDE) | CAPABILITY_BIT(CAP_FOWNER) |
               CAPABILITY_BIT(CAP_FSETID) | CAPABILITY_BIT(CAP_KILL) | CAPABILITY_BIT(CAP_NET_BIND_SERVICE) |
               CAPABILITY_BIT(CAP_SETFCAP) | CAPABILITY_BIT(CAP_SETGID) | CAPABILITY_BIT(CAP_SETPCAP) |
               CAPABILITY_BIT(CAP_SETUID) | CAPABILITY_BIT(CAP_SYS_CHROOT);
}
