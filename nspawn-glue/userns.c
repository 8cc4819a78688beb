/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/userns.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/io.h"

static int parse_id(const char **text, uint32_t *ret) {
        unsigned long long n;
        char *end;

        if (**text < '0' || **text > '9')
                return -EINVAL;
        errno = 0;
        n = strtoull(*text, &end, 10);
        if (errno != 0 || n >= UINT32_MAX)
                return -ERANGE;
        *text = end;
        *ret = (uint32_t) n;
        return 0;
}

static int parse_size(Userns *userns, const char *text, Fault *fault) {
        if (parse_id(&text, &userns->count) < 0 || *text || userns->count == 0 ||
                        userns->count > IDS_PER_CONTAINER)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a size is a number from 1 to %u",
                                IDS_PER_CONTAINER);
        return 0;
}

/* "uid=U,gid=G", in any order; what is not said is root. */
static int parse_keep_id(Userns *userns, const char *text, Fault *fault) {
        while (*text) {
                uint32_t *field = strncmp(text, "uid=", 4) == 0   ? &userns->uid
                                  : strncmp(text, "gid=", 4) == 0 ? &userns->gid
                                                                  : NULL;

                text += field ? 4 : 0;
                if (!field || parse_id(&text, field) < 0 || *field >= userns->count ||
                                (*text && *text != ','))
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "keep-id takes uid= and gid=, numbers below %u", userns->count);
                text += *text == ',';
        }
        return 0;
}

static int parse_range(Userns *userns, const char *text, Fault *fault) {
        if (parse_id(&text, &userns->base) < 0 || *text++ != ':' || parse_id(&text, &userns->count) < 0 ||
                        *text || userns->count == 0 || userns->count > UINT32_MAX - userns->base)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "it is host, auto[:size=N], keep-id[:uid=U,gid=G] or BASE:COUNT");
        if (userns->base == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a range that begins with the host's root would protect nothing; "
                                "'host' says so openly");
        return 0;
}

int userns_parse(Userns *ret, const char *text, Fault *fault) {
        Userns userns = { .count = IDS_PER_CONTAINER };
        int r = 0;

        if (strcmp(text, "host") == 0)
                userns.mode = USERNS_HOST;
        else if (strcmp(text, "auto") == 0 || strncmp(text, "auto:size=", 10) == 0) {
                userns.mode = USERNS_AUTO;
                r = text[4] ? parse_size(&userns, text + 10, fault) : 0;
        } else if (strcmp(text, "keep-id") == 0 || strncmp(text, "keep-id:", 8) == 0) {
                userns.mode = USERNS_KEEP_ID;
                r = text[7] ? parse_keep_id(&userns, text + 8, fault) : 0;
        } else {
                userns.mode = USERNS_RANGE;
                r = parse_range(&userns, text, fault);
        }

        if (r >= 0)
                *ret = userns;
        return r;
}

size_t userns_layer_map(const Userns *userns, IdMap maps[ID_MAPS_MAX]) {
        maps[0] = (IdMap){ 0, userns->base, userns->count };
        return 1;
}

/* 0 and @id change places, the rest is as it is. */
size_t userns_bind_map(const Userns *userns, uint32_t id, IdMap maps[ID_MAPS_MAX]) {
        uint32_t base = userns->base, rest = id + 1;
        size_t n = 0;

        if (userns->mode != USERNS_KEEP_ID || id == 0)
                return userns_layer_map(userns, maps);

        maps[n++] = (IdMap){ 0, base + id, 1 };
        if (id > 1)
                maps[n++] = (IdMap){ 1, base + 1, id - 1 };
        maps[n++] = (IdMap){ id, base, 1 };
        if (rest < userns->count)
                maps[n++] = (IdMap){ rest, base + rest, userns->count - rest };
        return n;
}

static int write_map(pid_t pid, const char *file, const IdMap *maps, size_t n) {
        char path[64], text[ID_MAPS_MAX * 36];
        autofd int fd = -1;
        size_t size = 0;

        for (size_t i = 0; i < n; i++)
                size += (size_t) snprintf(text + size, sizeof(text) - size, "%u %u %u\n", maps[i].inside,
                                maps[i].outside, maps[i].count);

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, file);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return io_write_all(fd, text, size);
}

static int open_of_child(pid_t pid, const IdMap *users, size_t n_users, const IdMap *groups, size_t n_groups,
                int *ret) {
        char path[64];
        int r;

        r = write_map(pid, "uid_map", users, n_users);
        if (r >= 0)
                r = write_map(pid, "gid_map", groups, n_groups);
        if (r < 0)
                return r;

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/user", (int) pid);
        *ret = open(path, O_RDONLY | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

int userns_open(const IdMap *users, size_t n_users, const IdMap *groups, size_t n_groups, int *ret) {
        int r = FAULT_POINT("userns:make");
        pid_t pid;

        if (r < 0)
                return r;
        /* A namespace needs somebody to be born in it. The child only waits to be killed. */
        pid = (pid_t) syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

        if (pid < 0)
                return -errno;
        if (pid == 0)
                for (;;)
                        (void) pause();

        r = open_of_child(pid, users, n_users, groups, n_groups, ret);
        (void) kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return r;
}

int userns_open_layer_map(const Userns *userns, int *ret) {
        IdMap maps[ID_MAPS_MAX];
        size_t n;

        *ret = -1;
        if (userns->mode == USERNS_HOST)
                return 0;
        n = userns_layer_map(userns, maps);
        return userns_open(maps, n, maps, n, ret);
}

int userns_open_bind_map(const Userns *userns, int *ret) {
        IdMap users[ID_MAPS_MAX], groups[ID_MAPS_MAX];
        size_t n_users, n_groups;

        *ret = -1;
        if (userns->mode == USERNS_HOST)
                return 0;
        n_users = userns_bind_map(userns, userns->uid, users);
        n_groups = userns_bind_map(userns, userns->gid, groups);
        return userns_open(users, n_users, groups, n_groups, ret);
}
