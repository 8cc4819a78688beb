/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/own-unit.h"

#include <fcntl.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

static bool ends_with(const char *s, size_t n, const char *suffix) {
        size_t k = strlen(suffix);

        return n > k && memcmp(s + n - k, suffix, k) == 0;
}

static bool is_unit(const char *s, size_t n) {
        return ends_with(s, n, ".service") || ends_with(s, n, ".scope") || ends_with(s, n, ".socket") ||
               ends_with(s, n, ".mount");
}

/* Slices come first, then the unit, then what the unit made of its own subtree. */
int own_unit_of_path(const char *path, OwnUnit *ret) {
        OwnUnit found = {};

        while (*path) {
                const char *at = path + strspn(path, "/");
                size_t n = strcspn(at, "/");

                path = at + n;
                if (n == 0 || ends_with(at, n, ".slice"))
                        continue;
                if (!is_unit(at, n) || n >= sizeof(found.name))
                        break;

                /* Names that could be taken for a file of the kernel's are escaped by one "_". */
                if (*at == '_') {
                        at++;
                        n--;
                }
                found.is_user = *found.name;
                memcpy(found.name, at, n);
                found.name[n] = '\0';

                /* A user's manager is a service of the system's, with slices and units of its own. */
                if (strncmp(found.name, "user@", 5) != 0)
                        break;
        }

        if (!*found.name)
                return -ENODATA;
        *ret = found;
        return 0;
}

/* "0::PATH" is the unified hierarchy, "N:name=systemd:PATH" the manager's own on older systems. */
static const char *path_of_line(const char *line) {
        const char *controllers = strchr(line, ':');

        if (!controllers)
                return NULL;
        if (strncmp(controllers, ":name=systemd:", 14) == 0)
                return controllers + 14;
        return strncmp(line, "0::", 3) == 0 ? line + 3 : NULL;
}

int own_unit(OwnUnit *ret) {
        autofree char *text = NULL;
        char *save = NULL;
        int r = io_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &text, NULL);

        if (r < 0)
                return r;

        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                const char *path = path_of_line(line);

                if (path && own_unit_of_path(path, ret) >= 0)
                        return 0;
        }
        return -ENODATA;
}
