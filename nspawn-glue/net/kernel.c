/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"

#define SETTINGS "/proc/sys/net/"

static bool has_value(const char *path, const char *value) {
        autofree char *text = NULL;
        size_t n = strlen(value);

        return io_read_file(AT_FDCWD, path, 256, &text, NULL) >= 0 && strncmp(text, value, n) == 0 &&
               (text[n] == '\n' || text[n] == '\0');
}

static int write_setting(const char *path, const char *value) {
        autofd int fd = -1;

        if (has_value(path, value))
                return 0;
        fd = open(path, O_WRONLY | O_CLOEXEC);
        return fd < 0 ? -errno : io_write_all(fd, value, strlen(value));
}

int kernel_set(const char *value, const char *format, ...) {
        char path[256] = SETTINGS;
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(path + strlen(SETTINGS), sizeof(path) - strlen(SETTINGS), format, ap);
        va_end(ap);
        return write_setting(path, value);
}

/* Who forwards does not listen to routers any more, unless it is told to do both. */
static void keep_routers(void) {
        autoclosedir DIR *directory = opendir(SETTINGS "ipv6/conf");
        struct dirent *entry;

        while (directory && (entry = readdir(directory))) {
                char path[sizeof(SETTINGS) + 300];

                if (entry->d_name[0] == '.')
                        continue;
                (void) snprintf(path, sizeof(path), SETTINGS "ipv6/conf/%s/accept_ra", entry->d_name);
                if (has_value(path, "1"))
                        (void) write_setting(path, "2");
        }
}

int kernel_forward(bool ipv4, bool ipv6, Fault *fault) {
        int r = 0;

        if (ipv4)
                r = kernel_set("1", "ipv4/ip_forward");
        if (ipv6 && r >= 0 && !has_value(SETTINGS "ipv6/conf/all/forwarding", "1")) {
                keep_routers();
                r = kernel_set("1", "ipv6/conf/all/forwarding");
        }
        return r < 0 ? fault_wrap(fault, r, "cannot let the kernel forward packets") : 0;
}
