/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/enter-groups.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"

#define GROUPS_DIR "/sys/fs/cgroup"

/* The unified hierarchy is all there is, or has a place of its own beside those of version 1. */
static const char *unified_directory(void) {
        struct statfs st;

        return statfs(GROUPS_DIR, &st) >= 0 && st.f_type == CGROUP2_SUPER_MAGIC ? GROUPS_DIR
                                                                                : GROUPS_DIR "/unified";
}

static bool file_says(int dir_fd, const char *name, const char *word) {
        autofree char *text = NULL;

        return io_read_file(dir_fd, name, 4096, &text, NULL) >= 0 && strstr(text, word);
}

static int open_below(const char *below, int *fd) {
        int group;

        if (mkdirat(*fd, below, 0755) < 0 && errno != EEXIST)
                return -errno;
        group = openat(*fd, below, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (group < 0)
                return -errno;
        (void) close(*fd);
        *fd = group;
        return 0;
}

static bool is_unified_mounted(void) {
        return access(unified_directory(), F_OK) >= 0;
}

/* The kernel lists it also where nobody has mounted it, and then nothing depends on it. */
static int join_unified(EnterGroups *groups, const char *path, const char *below, bool differs) {
        autofree char *directory = NULL;
        autofd int fd = -1;
        int r;

        if (asprintf(&directory, "%s%s", unified_directory(), path) < 0) {
                directory = NULL;
                return -ENOMEM;
        }
        fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return is_unified_mounted() ? -errno : 0;
        if (file_says(fd, "cgroup.events", "frozen 1"))
                groups->is_frozen = true;
        r = below ? open_below(below, &fd) : 0;
        if (r >= 0 && below)
                groups->below_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (r >= 0 && (below || differs))
                groups->unified_fd = TAKE_FD(fd);
        return r;
}

/* Where there is no other hierarchy in which processes could be told apart. */
static int join_below(EnterGroups *groups, const char *directory, const char *below) {
        autofd int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r = fd < 0 ? -errno : open_below(below, &fd);

        if (r < 0)
                return r;
        groups->below_fd = TAKE_FD(fd);
        return strv_appendf(&groups->others, "%s/%s/cgroup.procs", directory, below);
}

/* "cpu,cpuacct" or "name=systemd" is the name of the directory where the hierarchy is mounted. */
static int join_other(EnterGroups *groups, const char *hierarchy, const char *path, const char *below,
                bool differs) {
        const char *name = strncmp(hierarchy, "name=", 5) == 0 ? hierarchy + 5 : hierarchy;
        autofree char *directory = NULL;

        if (asprintf(&directory, GROUPS_DIR "/%s%s", name, path) < 0) {
                directory = NULL;
                return -ENOMEM;
        }
        if (strcmp(name, "freezer") == 0) {
                autofd int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

                if (fd >= 0 && file_says(fd, "freezer.state", "FROZEN"))
                        groups->is_frozen = true;
        }
        if (below && strcmp(hierarchy, "name=systemd") == 0 && !is_unified_mounted())
                return join_below(groups, directory, below);
        return differs ? strv_appendf(&groups->others, "%s/cgroup.procs", directory) : 0;
}

static bool has_line(const char *text, const char *line) {
        size_t n = strlen(line);

        while (text) {
                if (strncmp(text, line, n) == 0 && (text[n] == '\n' || text[n] == '\0'))
                        return true;
                text = strchr(text, '\n');
                text = text ? text + 1 : NULL;
        }
        return false;
}

/* "NUMBER:HIERARCHY:PATH", the unified one has no name. Where the same line is in @own, we are already. */
static int join(EnterGroups *groups, char *line, const char *below, const char *own) {
        char *hierarchy = strchr(line, ':'), *path = hierarchy ? strchr(hierarchy + 1, ':') : NULL;
        bool differs = !has_line(own, line);

        if (!path)
                return 0;
        *path++ = '\0';
        hierarchy++;
        return *hierarchy ? join_other(groups, hierarchy, path, below, differs)
                          : join_unified(groups, path, below, differs);
}

int enter_groups_open(pid_t pid, const char *below, EnterGroups *ret) {
        AUTO(enter_groups_close) EnterGroups groups = ENTER_GROUPS_NONE;
        autofree char *text = NULL, *own = NULL;
        char path[32], *line, *rest;
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%d/cgroup", (int) pid);
        r = io_read_file(AT_FDCWD, path, 64 * 1024, &text, NULL);
        if (r >= 0)
                r = io_read_file(AT_FDCWD, "/proc/self/cgroup", 64 * 1024, &own, NULL);
        if (r < 0)
                return r == -ENOENT ? -ESRCH : r;

        for (rest = text; r >= 0 && (line = strsep(&rest, "\n"));)
                r = join(&groups, line, below, own);
        if (r < 0)
                return r;
        *ret = groups;
        groups = ENTER_GROUPS_NONE;
        return 0;
}

static void set_frozen(int group_fd, bool frozen) {
        autofd int fd = openat(group_fd, "cgroup.freeze", O_WRONLY | O_CLOEXEC);

        if (fd >= 0)
                (void) write(fd, frozen ? "1" : "0", 1);
}

/* How many processes of a group are looked at together. */
enum { KILL_AT_ONCE = 256 };

static size_t read_processes(int group_fd, pid_t *ret, size_t size) {
        autofree char *text = NULL;
        size_t n = 0;

        if (io_read_file(group_fd, "cgroup.procs", 1 << 20, &text, NULL) < 0)
                return 0;
        for (char *at = text, *end; *at && n < size; at = *end ? end + 1 : end) {
                long pid = strtol(at, &end, 10);

                if (end == at)
                        break;
                /* 0 is one in a process namespace that we do not see. */
                if (pid > 0)
                        ret[n++] = (pid_t) pid;
        }
        return n;
}

static bool is_among(pid_t pid, const pid_t *list, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (list[i] == pid)
                        return true;
        return false;
}

/*
 * A process may end between being read of and being killed, and its number be that of one of the host's by
 * then: who is in the container can hurry that. So each is held, and killed if the group still has its
 * number. Return: how many there were.
 */
static size_t kill_some(int group_fd) {
        pid_t pids[KILL_AT_ONCE], still[KILL_AT_ONCE];
        size_t n = read_processes(group_fd, pids, KILL_AT_ONCE), n_still;
        int fds[KILL_AT_ONCE];

        for (size_t i = 0; i < n; i++)
                fds[i] = pidfd_open(pids[i], 0);
        n_still = read_processes(group_fd, still, KILL_AT_ONCE);
        for (size_t i = 0; i < n; i++) {
                if (fds[i] >= 0 && is_among(pids[i], still, n_still))
                        (void) pidfd_send_signal(fds[i], SIGKILL, NULL, 0);
                fd_closep(&fds[i]);
        }
        return n;
}

/*
 * What is frozen makes no processes, and dies all the same. cgroup.kill would do it at once, but for some
 * kernels (6.14) a group that was killed once is deadly to all that are born into it later.
 */
static int kill_each(int group_fd) {
        enum { MOST_ROUNDS = 1000 };

        for (int round = 0; round < MOST_ROUNDS; round++) {
                if (kill_some(group_fd) == 0)
                        return 0;
                (void) usleep(100);
        }
        return -EBUSY;
}

int enter_groups_kill(pid_t pid, const char *below) {
        AUTO(enter_groups_close) EnterGroups groups = ENTER_GROUPS_NONE;
        int r = enter_groups_open(pid, below, &groups);

        if (r < 0)
                return r;
        if (groups.below_fd < 0)
                return -EOPNOTSUPP;

        set_frozen(groups.below_fd, true);
        r = kill_each(groups.below_fd);
        set_frozen(groups.below_fd, false);
        return r;
}

void enter_groups_close(EnterGroups *groups) {
        fd_closep(&groups->unified_fd);
        fd_closep(&groups->below_fd);
        strv_free(groups->others);
        *groups = ENTER_GROUPS_NONE;
}

int enter_groups_join(const EnterGroups *groups) {
        for (char **path = groups->others; path && *path; path++) {
                autofd int fd = open(*path, O_WRONLY | O_CLOEXEC);

                if (fd < 0 || write(fd, "0", 1) < 0)
                        return -errno;
        }
        return 0;
}
