/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/archive-output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int archive_output_open(const char *path, int *ret, Fault *fault) {
        int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600)
                      : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot write to '%.200s': %s",
                                path ?: "standard output", strerror(errno));
        if (!path && isatty(fd)) {
                (void) close(fd);
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "an archive is nothing for a terminal; use --output, or redirect it");
        }
        *ret = fd;
        return 0;
}

/* What is no file, or is a link to one, somebody else has made. */
void archive_output_remove(const char *path) {
        struct stat st;

        if (path && lstat(path, &st) >= 0 && S_ISREG(st.st_mode))
                (void) unlink(path);
}
