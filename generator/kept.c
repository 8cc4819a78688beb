/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/kept-unit.h"
#include "lib/report.h"

enum { LONGEST = 1 << 20 };

/* By itself, or as an instance. */
static bool is_made(int dir_fd, const char *name) {
        char template[256];

        return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0 ||
               (kept_unit_template(name, template) &&
                               faccessat(dir_fd, template, F_OK, AT_SYMLINK_NOFOLLOW) >= 0);
}

/* Nobody is to look for a manifest that is gone. */
static void add_without_source(UnitWriter *unit, const char *text) {
        static const char key[] = "\nSourcePath=";
        const char *line = strstr(text, key), *end = line ? strchr(line + 1, '\n') : NULL;

        if (end) {
                unit_add_text(unit, text, (size_t) (line - text));
                text = end;
        }
        unit_add_text(unit, text, strlen(text));
}

static int write_one(int kept_fd, const char *name, UnitWriter *unit, int dir_fd, Fault *fault) {
        static const char note[] =
                        "# The manifest is gone. This is what its unit was, until that is stopped.\n";
        autofree char *text = NULL;
        size_t n = strlen(UNIT_HEADER);
        int r = io_read_file(kept_fd, name, LONGEST, &text, NULL);

        if (r < 0)
                return r == -ENOENT ? 0 : fault_wrap(fault, r, "cannot read '%s'", name);
        if (strncmp(text, UNIT_HEADER, n) != 0)
                return 0;
        unit_begin(unit);
        /* Restarted since, it was kept again. */
        if (strncmp(text + n, note, strlen(note)) == 0) {
                unit_add_text(unit, text + n, strlen(text + n));
                return unit_commit(unit, dir_fd, name, fault);
        }
        unit_add_text(unit, note, strlen(note));
        add_without_source(unit, text + n);
        unit_section(unit, "Unit");
        unit_set(unit, "RefuseManualStart", "yes");
        return unit_commit(unit, dir_fd, name, fault);
}

int kept_write(const char *directory, UnitWriter *unit, int dir_fd) {
        autoclosedir DIR *kept = opendir(directory);
        struct dirent *entry;
        int failed = 0;

        while (kept && (entry = readdir(kept))) {
                Fault fault = {};
                int r;

                if (*entry->d_name == '.' || is_made(dir_fd, entry->d_name))
                        continue;
                r = write_one(dirfd(kept), entry->d_name, unit, dir_fd, &fault);
                if (r == -ENOMEM)
                        return r;
                if (r >= 0)
                        continue;
                report_fault(REPORT_ERROR, &fault);
                failed++;
        }
        return failed;
}

/* How it is stopped, and what is done after that. */
static bool is_of_stop(const char *line) {
        static const char *const keys[] = {
                "ExecStop=", "ExecStopPost=", "KillMode=", "KillSignal=", "SendSIGKILL=", "TimeoutStopSec="
        };

        for (size_t i = 0; i < ELEMENTS(keys); i++)
                if (strncmp(line, keys[i], strlen(keys[i])) == 0)
                        return true;
        return false;
}

void kept_add_stop(const char *directory, const char *name, UnitWriter *unit) {
        autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autofree char *text = NULL;
        char *rest, *line;

        if (fd < 0 || io_read_file(fd, name, LONGEST, &text, NULL) < 0)
                return;
        unit_section(unit, "Service");
        for (rest = text; (line = strsep(&rest, "\n"));)
                if (is_of_stop(line)) {
                        unit_add_text(unit, line, strlen(line));
                        unit_add_text(unit, "\n", 1);
                }
}
