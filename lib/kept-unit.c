/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/kept-unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/io.h"

#define GENERATED_DIR "/run/systemd/generator"

/* "web@.service" for "web@1.service". Return: false for a unit that is no instance. */
static bool template_of(const char *unit, char ret[static 256]) {
        const char *at = strchr(unit, '@'), *suffix = strrchr(unit, '.');

        if (!at || !suffix || suffix < at)
                return false;
        (void) snprintf(ret, 256, "%.*s@%s", (int) (at - unit), unit, suffix);
        return true;
}

static int link_as(const char *name, const char *to) {
        char from[sizeof(GENERATED_DIR) + 256];

        (void) snprintf(from, sizeof(from), GENERATED_DIR "/%s", name);
        return linkat(AT_FDCWD, from, AT_FDCWD, to, 0) < 0 ? -errno : 0;
}

void kept_unit_add(const OwnUnit *unit) {
        char path[sizeof(KEPT_UNIT_DIR) + 256], draft[sizeof(path) + 16], name[256];
        int r;

        if (!*unit->name || unit->is_user)
                return;
        (void) snprintf(path, sizeof(path), KEPT_UNIT_DIR "/%s", unit->name);
        (void) snprintf(draft, sizeof(draft), KEPT_UNIT_DIR "/.%d~", (int) getpid());
        (void) snprintf(name, sizeof(name), "%s", unit->name);
        r = link_as(name, draft);
        if (r == -ENOENT && template_of(unit->name, name))
                r = link_as(name, draft);
        if (r < 0)
                return;
        (void) rename(draft, path);
        /* rename(2) does nothing when both are the same file already. */
        (void) unlink(draft);
}

bool kept_unit_is(const char *name) {
        char path[sizeof(KEPT_UNIT_DIR) + 256];

        (void) snprintf(path, sizeof(path), KEPT_UNIT_DIR "/%s", name);
        return access(path, F_OK) >= 0;
}

void kept_unit_remove(const OwnUnit *unit) {
        char path[sizeof(KEPT_UNIT_DIR) + 256];

        if (!*unit->name || unit->is_user)
                return;
        (void) snprintf(path, sizeof(path), KEPT_UNIT_DIR "/%s", unit->name);
        (void) unlink(path);
}
