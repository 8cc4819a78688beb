/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/nspawn-words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

enum { NAME_SIZE = 128, FILE_LIMIT = 64 * 1024 };

/* Out of the way of names, which do not begin with a dot. */
static void words_file(const char *name, char *ret) {
        (void) snprintf(ret, NAME_SIZE, ".%s.nspawn", name);
}

static int open_directory(void) {
        return open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int words_open(const char *name) {
        autofd int dir = open_directory();
        char file[NAME_SIZE];
        int fd;

        if (dir < 0)
                return -errno;
        words_file(name, file);
        fd = openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        return fd < 0 ? -errno : fd;
}

/* "Container slipway-web terminated by signal SEGV." */
static bool take_signal(const char *line, Words *words) {
        static const char before[] = " terminated by signal ";
        const char *at = strstr(line, before);

        if (strncmp(line, "Container ", strlen("Container ")) != 0 || !at)
                return false;
        at += strlen(before);
        if (strncmp(at, "SIG", 3) == 0)
                at += 3;
        (void) snprintf(words->signal, sizeof(words->signal), "%.*s", (int) strcspn(at, "."), at);
        return true;
}

void words_parse(char *text, Words *ret, void (*tell)(const char *line)) {
        char *line;

        *ret = (Words){};
        while ((line = strsep(&text, "\n"))) {
                if (!*line || take_signal(line, ret))
                        continue;
                (void) snprintf(ret->last, sizeof(ret->last), "%s", line);
                if (tell)
                        tell(line);
        }
}

void words_read(const char *name, Words *ret, void (*tell)(const char *line)) {
        autofd int dir = open_directory();
        autofree char *text = NULL;
        char file[NAME_SIZE];

        *ret = (Words){};
        words_file(name, file);
        if (dir >= 0 && io_read_file(dir, file, FILE_LIMIT, &text, NULL) >= 0)
                words_parse(text, ret, tell);
}

void words_remove(const char *name) {
        autofd int dir = open_directory();
        char file[NAME_SIZE];

        words_file(name, file);
        if (dir >= 0)
                (void) unlinkat(dir, file, 0);
}
