/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/record-sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/own-unit.h"
#include "nspawn-glue/record.h"

enum { RECORD_SIZE = 64 * 1024 };

bool record_is_transient(void) {
        char path[sizeof(TRANSIENT_DIR) + sizeof(((OwnUnit *) NULL)->name)];
        OwnUnit unit = {};

        if (own_unit(&unit) < 0)
                return false;
        (void) snprintf(path, sizeof(path), TRANSIENT_DIR "/%s", unit.name);
        return access(path, F_OK) >= 0;
}

/* ".NAME.last". Return: the length of NAME, 0 for another file. */
static size_t name_length(const char *file) {
        static const char suffix[] = ".last";
        size_t n = strlen(file), m = strlen(suffix);

        return file[0] == '.' && n > m + 1 && strcmp(file + n - m, suffix) == 0 ? n - m - 1 : 0;
}

static bool is_forgotten(int dir_fd, int units_fd, const char *file, time_t before) {
        autofree char *text = NULL;
        Record record;
        struct stat st;

        /* Most are young where many are made, so this comes first. */
        if (fstatat(dir_fd, file, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_mtime >= before)
                return false;
        if (io_read_file(dir_fd, file, RECORD_SIZE, &text, NULL) < 0)
                return false;
        record_parse(text, &record);
        return record.transient && *record.unit && faccessat(units_fd, record.unit, F_OK, 0) < 0;
}

/* Who has the lock has the name. It goes first: a lock without a record would not be found again. */
static void forget(int dir_fd, const char *file, size_t length) {
        char lock[128];
        autofd int fd = -1;

        if (snprintf(lock, sizeof(lock), ".%.*s.lock", (int) length, file + 1) >= (int) sizeof(lock))
                return;
        fd = openat(dir_fd, lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
                return;
        if (fd >= 0)
                (void) unlinkat(dir_fd, lock, 0);
        (void) unlinkat(dir_fd, file, 0);
}

void record_sweep(int dir_fd, int units_fd, time_t before) {
        int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                size_t length = name_length(entry->d_name);

                if (length > 0 && is_forgotten(dir_fd, units_fd, entry->d_name, before))
                        forget(dir_fd, entry->d_name, length);
        }
}
