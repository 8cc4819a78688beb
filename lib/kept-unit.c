/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/kept-unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/io.h"

#define GENERATED_DIR "/run/systemd/generator"

bool kept_unit_template(const char *unit, char ret[static 256]) {
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

/* As itself, or as the template that it is an instance of. */
static int link_unit(const char *unit, const char *to) {
        char template[256];
        int r = link_as(unit, to);

        return r == -ENOENT && kept_unit_template(unit, template) ? link_as(template, to) : r;
}

void kept_unit_add(const OwnUnit *unit) {
        char path[sizeof(KEPT_UNIT_DIR) + 256], draft[sizeof(path) + 16];
        int r;

        if (!*unit->name || unit->is_user)
                return;
        (void) snprintf(path, sizeof(path), KEPT_UNIT_DIR "/%s", unit->name);
        (void) snprintf(draft, sizeof(draft), KEPT_UNIT_DIR "/.%d~", (int) getpid());
        r = link_unit(unit->name, draft);
        /* Either what there is to be linked is not there, or the directory for it. */
        if (r == -ENOENT && io_mkdir_p(KEPT_UNIT_DIR, 0755) >= 0)
                r = link_unit(unit->name, draft);
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
