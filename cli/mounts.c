/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/mounts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

enum { LONGEST_LIST = 64 << 20 };

void mounts_done(MountLines *lines) {
        for (size_t i = 0; i < lines->n; i++) {
                free(lines->list[i].target);
                free(lines->list[i].type);
                free(lines->list[i].source);
                free(lines->list[i].options);
                free(lines->list[i].root);
        }
        free(lines->list);
        *lines = (MountLines){};
}

/* "\040" is a blank. */
static char *unescape(const char *text) {
        char *plain = strdup(text), *to = plain;

        if (!plain)
                return NULL;
        for (const char *from = text; *from; from++)
                if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
                                from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
                        *to++ = (char) ((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
                        from += 3;
                } else
                        *to++ = *from;
        *to = '\0';
        return plain;
}

/* "ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [TAG…] - TYPE SOURCE SUPER-OPTIONS" */
static int take_line(char *line, MountLines *lines) {
        char *fields[6], *save = NULL, *word, *type, *source;
        MountLine *grown, mount;
        size_t n = 0;

        for (word = strtok_r(line, " ", &save); word && n < ELEMENTS(fields);
                        word = strtok_r(NULL, " ", &save))
                fields[n++] = word;
        while (word && strcmp(word, "-") != 0)
                word = strtok_r(NULL, " ", &save);
        type = word ? strtok_r(NULL, " ", &save) : NULL;
        source = type ? strtok_r(NULL, " ", &save) : NULL;
        if (n < ELEMENTS(fields) || !source)
                return 0;

        grown = reallocarray(lines->list, lines->n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        lines->list = grown;
        mount = (MountLine){
                .root = unescape(fields[3]),
                .target = unescape(fields[4]),
                .options = unescape(fields[5]),
                .type = unescape(type),
                .source = unescape(source),
        };
        lines->list[lines->n++] = mount;
        return mount.root && mount.target && mount.options && mount.type && mount.source ? 0 : -ENOMEM;
}

int mounts_parse(char *text, MountLines *ret) {
        MountLines lines = {};
        char *save = NULL;
        int r = 0;

        for (char *line = strtok_r(text, "\n", &save); r >= 0 && line; line = strtok_r(NULL, "\n", &save))
                r = take_line(line, &lines);
        if (r < 0) {
                mounts_done(&lines);
                return r;
        }
        *ret = lines;
        return 0;
}

int mounts_read(pid_t pid, MountLines *ret) {
        autofree char *text = NULL;
        char path[64];
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int) pid);
        r = io_read_file(AT_FDCWD, path, LONGEST_LIST, &text, NULL);
        return r < 0 ? r : mounts_parse(text, ret);
}
