/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/locked.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"

/*
 * "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF". The device is not that of stat(2) on file systems with
 * several trees, so the inode has to do; taking another lock for this one hides a finding at most.
 */
int locked_in_text(const char *text, unsigned long long inode) {
        for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
                char kind[16];
                unsigned long long found;

                if (sscanf(line, "%*d: %15s %*s %*s %*d %*x:%*x:%llu", kind, &found) == 2 &&
                                strcmp(kind, "FLOCK") == 0 && found == inode)
                        return 1;
        }
        return 0;
}

int locked_by_somebody(int dir_fd, const char *path) {
        autofree char *text = NULL;
        struct stat st;
        int r;

        if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        r = io_read_file(AT_FDCWD, "/proc/locks", 16 << 20, &text, NULL);
        return r < 0 ? r : locked_in_text(text, st.st_ino);
}
