/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/strays.h"

#include <string.h>

#include "generator/quadlet/keys.h"
#include "lib/cleanup.h"

/* clang-format off */
static const struct {
        const char *section;
        const char *keys[26];
} usual[] = {
        { "Unit",    { "After", "Before", "BindsTo", "ConditionPathExists", "Conflicts", "Description", "Documentation",
                       "OnFailure", "PartOf", "Requires", "RequiresMountsFor", "StartLimitBurst", "StartLimitIntervalSec",
                       "Wants" } },
        { "Service", { "CPUQuota", "CPUWeight", "ExecReload", "ExecStart", "ExecStartPost", "ExecStartPre", "ExecStop",
                       "ExecStopPost", "LimitNOFILE", "MemoryHigh", "MemoryMax", "Nice", "OOMScoreAdjust",
                       "RemainAfterExit", "Restart", "RestartSec", "RuntimeMaxSec", "Slice", "SuccessExitStatus",
                       "TasksMax", "TimeoutSec", "TimeoutStartSec", "TimeoutStopSec", "Type" } },
        { "Install", { "Alias", "DefaultInstance", "RequiredBy", "UpheldBy", "WantedBy" } },
};
/* clang-format on */

const char *stray_in_main(const char *key) {
        for (size_t i = 0; i < ELEMENTS(usual); i++)
                for (const char *const *known = usual[i].keys; *known; known++)
                        if (strcmp(*known, key) == 0)
                                return usual[i].section;
        return NULL;
}

bool stray_from_main(ManifestType type, const char *key) {
        const KeySection *keys = keys_of_type(type);
        static const char *const both[] = { "Environment", "EnvironmentFile", "Group", "NoNewPrivileges",
                "Type", "User" };

        for (size_t i = 0; i < ELEMENTS(both); i++)
                if (strcmp(both[i], key) == 0)
                        return false;
        return keys && key_find(keys, key);
}
