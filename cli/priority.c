/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/priority.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* As in systemd.unit(5), without what is made and gone by itself. */
static const struct {
        const char *directory;
        bool is_above; /* more important than what a generator makes */
} places[] = {
        { "/etc/systemd/system.control", true },
        { "/run/systemd/system.control", true },
        { "/etc/systemd/system", true },
        { "/run/systemd/system", true },
        { "/usr/local/lib/systemd/system", false },
        { "/usr/lib/systemd/system", false },
        { "/lib/systemd/system", false },
};

void priority_check(Manifest *manifest) {
        Place place = manifest_file_place(manifest);
        char path[PATH_MAX];

        for (size_t i = 0; i < ELEMENTS(places); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", places[i].directory, manifest->service);
                if (access(path, F_OK) < 0)
                        continue;

                if (places[i].is_above)
                        faults_warn(&manifest->faults, &place, FAULT_CONFLICT,
                                        "its unit is hidden by '%s', which systemd takes instead", path);
                else
                        faults_warn(&manifest->faults, &place, FAULT_CONFLICT,
                                        "its unit hides '%s'; rename one of them if that is not meant",
                                        path);
                return;
        }
}
