/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"

#define MOUNT_POINT "/run/systemd/journal"
#define ROOT "/systemd/journal."
#define MOUNTINFO_MAX (4 * 1024 * 1024)

/* As systemd has them: the name of a directory, with nothing odd in it. */
static bool is_namespace(const char *name) {
        size_t n = strlen(name);

        return n > 0 && n < JOURNAL_NAMESPACE_MAX && name[0] != '.' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.@") == n;
}

/* "ID PARENT DEVICE ROOT POINT …": /run is a file system, so the root of the bind is below that. */
void journal_find_namespace(char *mountinfo, char ret[JOURNAL_NAMESPACE_MAX]) {
        char *line;

        *ret = '\0';
        while ((line = strsep(&mountinfo, "\n"))) {
                const char *root = NULL, *point = NULL, *name;

                for (int i = 0; line && i < 5; i++) {
                        const char *word = strsep(&line, " ");

                        root = i == 3 ? word : root;
                        point = i == 4 ? word : point;
                }
                if (!point || strcmp(point, MOUNT_POINT) != 0)
                        continue;
                /* The last one is on top. */
                name = strstr(root, ROOT);
                name = name ? name + strlen(ROOT) : "";
                (void) snprintf(ret, JOURNAL_NAMESPACE_MAX, "%s", is_namespace(name) ? name : "");
        }
}

/* Mostly there is none, and the list of mounts can be long. */
void journal_own_namespace(char ret[JOURNAL_NAMESPACE_MAX]) {
        autofree char *mountinfo = NULL;
        struct statx st;

        *ret = '\0';
        if (statx(AT_FDCWD, MOUNT_POINT, AT_NO_AUTOMOUNT, 0, &st) < 0 ||
                        !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
                return;
        if (io_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &mountinfo, NULL) >= 0)
                journal_find_namespace(mountinfo, ret);
}

int journal_socket(const char *name, char *ret, size_t size) {
        if (*name && !is_namespace(name))
                return -EINVAL;
        (void) snprintf(ret, size, MOUNT_POINT "%s%s/socket", *name ? "." : "", name);
        return 0;
}
