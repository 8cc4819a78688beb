/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/masks.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Those of Podman: what tells about the host or its other tenants. */
const char *const masked_paths[] = {
        "/proc/acpi",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
        "/sys/fs/selinux",
        "/sys/devices/system/cpu/cpu*/thermal_throttle",
        NULL,
};

/* What would change the host. nspawn has made /sys read-only already; control groups are ours to protect. */
const char *const protected_paths[] = {
        "/proc/asound",
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
        "/proc/sysrq-trigger",
        "/sys/fs/cgroup",
        NULL,
};

bool masks_are_lifted(const char *path, char *const *unmasks) {
        for (; unmasks && *unmasks; unmasks++) {
                size_t n = strlen(*unmasks);

                if (strcasecmp(*unmasks, "ALL") == 0 || strcmp(*unmasks, path) == 0)
                        return true;
                if (fnmatch(*unmasks, path, FNM_PATHNAME) == 0)
                        return true;
                /* "/proc/acpi/" is the same place. */
                if (n > 1 && (*unmasks)[n - 1] == '/' && strlen(path) == n - 1 &&
                                strncmp(*unmasks, path, n - 1) == 0)
                        return true;
        }
        return false;
}
