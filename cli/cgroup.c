/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"

enum { LONGEST_FILE = 1 << 20, DEPTH_MAX = 32 };

#define ROOT "/sys/fs/cgroup"

/* Names of the controllers of version 1, and in whose place they stand. */
static const struct {
        const char *name;
        CgroupKind kind;
} controllers[] = {
        { "name=systemd", CGROUP_PROCESSES },
        { "memory", CGROUP_MEMORY },
        { "pids", CGROUP_PIDS },
        { "cpuacct", CGROUP_CPU },
        { "blkio", CGROUP_IO },
};

/* The part of a group's path that ends with the unit. Return: its length, 0 when the unit is not in it. */
static size_t length_to_unit(const char *path, const char *unit) {
        size_t n = strlen(unit);

        for (const char *at = path; (at = strstr(at, unit)); at += n)
                if (at > path && at[-1] == '/' && (at[n] == '/' || at[n] == '\0'))
                        return (size_t) (at - path) + n;
        return 0;
}

static void set_path(Cgroup *cgroup, CgroupKind kind, const char *mount, const char *path, size_t n,
                bool unified) {
        int written = snprintf(
                        cgroup->path[kind], sizeof(cgroup->path[kind]), ROOT "%s%.*s", mount, (int) n, path);

        if (written < 0 || (size_t) written >= sizeof(cgroup->path[kind]))
                cgroup->path[kind][0] = '\0';
        cgroup->is_unified[kind] = unified;
}

/* "cpu,cpuacct" has the group of "cpuacct". */
static bool has_word(const char *list, const char *word) {
        size_t n = strlen(word);

        for (const char *at = list; (at = strstr(at, word)); at += n)
                if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
                        return true;
        return false;
}

static bool is_unified(void) {
        static int known = -1;

        if (known < 0)
                known = access(ROOT "/cgroup.controllers", F_OK) >= 0;
        return known;
}

/* With controllers of version 1, the unified hierarchy is either not there or has no files of ours. */
static void take_unified(Cgroup *cgroup, const char *path, size_t n) {
        for (size_t kind = 0; is_unified() && kind < _CGROUP_KIND_MAX; kind++)
                set_path(cgroup, kind, "", path, n, true);
}

void cgroup_parse(char *text, const char *unit, Cgroup *ret) {
        char *save = NULL;

        *ret = (Cgroup){};
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL, mount[256];
                size_t n;

                if (!path)
                        continue;
                *path++ = '\0';
                list++;
                n = length_to_unit(path, unit);
                if (n == 0)
                        continue;
                if (!*list) {
                        take_unified(ret, path, n);
                        continue;
                }
                (void) snprintf(mount, sizeof(mount), "/%s",
                                strncmp(list, "name=", 5) == 0 ? list + 5 : list);
                for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++)
                        if (has_word(list, controllers[i].name))
                                set_path(ret, controllers[i].kind, mount, path, n, false);
        }
}

int cgroup_find(pid_t pid, const char *unit, Cgroup *ret) {
        autofree char *text = NULL;
        char path[64];
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
        r = io_read_file(AT_FDCWD, path, LONGEST_FILE, &text, NULL);
        if (r >= 0)
                cgroup_parse(text, unit, ret);
        return r;
}

/* --- files of a group --- */

static char *read_file(const Cgroup *cgroup, CgroupKind kind, const char *v1, const char *v2) {
        char path[sizeof(cgroup->path[0]) + 64];
        char *text = NULL;

        if (!*cgroup->path[kind])
                return NULL;
        (void) snprintf(path, sizeof(path), "%s/%s", cgroup->path[kind], cgroup->is_unified[kind] ? v2 : v1);
        return io_read_file(AT_FDCWD, path, LONGEST_FILE, &text, NULL) < 0 ? NULL : text;
}

/* "max", and what version 1 writes for no limit, are unknown. */
static uint64_t read_number(const Cgroup *cgroup, CgroupKind kind, const char *v1, const char *v2) {
        autofree char *text = read_file(cgroup, kind, v1, v2);
        uint64_t number;
        char *end;

        if (!text)
                return CGROUP_UNKNOWN;
        number = strtoull(text, &end, 10);
        return end == text || number >= (uint64_t) LLONG_MAX - 65536 ? CGROUP_UNKNOWN : number;
}

/* The number behind a word at the beginning of a line. */
static uint64_t read_row(const Cgroup *cgroup, CgroupKind kind, const char *file, const char *word_v1,
                const char *word_v2) {
        autofree char *text = read_file(cgroup, kind, file, file);
        const char *word = cgroup->is_unified[kind] ? word_v2 : word_v1;
        size_t n = strlen(word);

        for (const char *line = text; line; line = (line = strchr(line, '\n')) ? line + 1 : NULL)
                if (strncmp(line, word, n) == 0 && line[n] == ' ')
                        return strtoull(line + n, NULL, 10);
        return CGROUP_UNKNOWN;
}

uint64_t cgroup_memory(const Cgroup *cgroup) {
        return read_number(cgroup, CGROUP_MEMORY, "memory.usage_in_bytes", "memory.current");
}

uint64_t cgroup_memory_of_unit(const char *unit) {
        bool unified = is_unified();
        Cgroup cgroup = {};

        set_path(&cgroup, CGROUP_MEMORY, unified ? "/slipway.slice/" : "/memory/slipway.slice/", unit,
                        strlen(unit), unified);
        return cgroup_memory(&cgroup);
}

static uint64_t sum(const char *text, const char *word) {
        uint64_t total = 0;

        for (const char *at = text; (at = strstr(at, word));) {
                at += strlen(word);
                total += strtoull(at, NULL, 10);
        }
        return total;
}

/* "8:0 Read 4096", or "8:0 rbytes=4096 wbytes=0": of all disks. */
static void read_io(const Cgroup *cgroup, Usage *usage) {
        autofree char *text =
                        read_file(cgroup, CGROUP_IO, "blkio.throttle.io_service_bytes_recursive", "io.stat");
        bool unified = cgroup->is_unified[CGROUP_IO];

        if (!text)
                return;
        usage->io_read = sum(text, unified ? " rbytes=" : " Read ");
        usage->io_write = sum(text, unified ? " wbytes=" : " Write ");
}

/* --- processes --- */

typedef struct Pids {
        pid_t *list;
        size_t n, room;
} Pids;

static int add_pids(const char *text, Pids *pids) {
        char *end;

        for (long pid; (pid = strtol(text, &end, 10)) > 0; text = end) {
                if (pids->n == pids->room) {
                        size_t room = pids->room > 0 ? pids->room * 2 : 64;
                        pid_t *grown = reallocarray(pids->list, room, sizeof(*grown));

                        if (!grown)
                                return -ENOMEM;
                        pids->list = grown;
                        pids->room = room;
                }
                pids->list[pids->n++] = (pid_t) pid;
        }
        return 0;
}

/* A group that is gone by now has no processes. */
static int add_group(int parent, const char *name, unsigned depth, Pids *pids) {
        autofree char *text = NULL;
        autoclosedir DIR *directory = NULL;
        autofd int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        struct dirent *entry;
        int r;

        if (fd < 0 || depth > DEPTH_MAX)
                return fd < 0 && errno != ENOENT ? -errno : 0;
        r = io_read_file(fd, "cgroup.procs", 64 * LONGEST_FILE, &text, NULL);
        /* One whose processes cannot be told has only threads. */
        if (r >= 0)
                r = add_pids(text, pids);
        if (r == -ENOMEM)
                return r;
        directory = fdopendir(fd);
        if (!directory)
                return -errno;
        TAKE_FD(fd);
        while ((entry = readdir(directory)))
                if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
                                strcmp(entry->d_name, "..") != 0) {
                        r = add_group(dirfd(directory), entry->d_name, depth + 1, pids);
                        if (r < 0)
                                return r;
                }
        return 0;
}

int cgroup_processes(const Cgroup *cgroup, pid_t **ret, size_t *ret_n) {
        Pids pids = {};
        int r;

        if (!*cgroup->path[CGROUP_PROCESSES])
                return -ENOENT;
        r = add_group(AT_FDCWD, cgroup->path[CGROUP_PROCESSES], 0, &pids);
        if (r < 0) {
                free(pids.list);
                return r;
        }
        *ret = pids.list;
        *ret_n = pids.n;
        return 0;
}

/* User and system time of a process and of its children that are gone, in nanoseconds. */
static uint64_t process_cpu(pid_t pid) {
        unsigned long long times[4] = {};
        autofree char *text = NULL;
        const char *at;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        if (io_read_file(AT_FDCWD, path, LONGEST_FILE, &text, NULL) < 0)
                return 0;
        at = strrchr(text, ')');
        if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu",
                                   &times[0], &times[1], &times[2], &times[3]) != 4)
                return 0;
        return (times[0] + times[1] + times[2] + times[3]) *
               (UINT64_C(1000000000) / (uint64_t) sysconf(_SC_CLK_TCK));
}

static void add_process_io(pid_t pid, Usage *usage) {
        autofree char *text = NULL;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/io", pid);
        if (io_read_file(AT_FDCWD, path, LONGEST_FILE, &text, NULL) < 0)
                return;
        usage->io_read += sum(text, "\nread_bytes: ");
        usage->io_write += sum(text, "\nwrite_bytes: ");
}

/* Where a controller is off, the sum of those who live (and of the dead that they have waited for) is near.
 */
static void make_up(const Cgroup *cgroup, Usage *usage) {
        bool cpu = usage->cpu == CGROUP_UNKNOWN, io = usage->io_read == CGROUP_UNKNOWN;
        autofree pid_t *pids = NULL;
        size_t n = 0;

        if ((!cpu && !io && usage->pids != CGROUP_UNKNOWN) || cgroup_processes(cgroup, &pids, &n) < 0)
                return;
        if (usage->pids == CGROUP_UNKNOWN)
                usage->pids = n;
        if (cpu)
                usage->cpu = 0;
        if (io)
                usage->io_read = usage->io_write = 0;
        for (size_t i = 0; i < n; i++) {
                if (cpu)
                        usage->cpu += process_cpu(pids[i]);
                if (io)
                        add_process_io(pids[i], usage);
        }
}

/* "  eth0: 1234 5 0 0 0 0 0 0 5678 …" of all interfaces but the loopback. */
static void read_network(pid_t pid, Usage *usage) {
        autofree char *text = NULL;
        char path[64], *save = NULL;

        (void) snprintf(path, sizeof(path), "/proc/%d/net/dev", pid);
        if (pid <= 0 || io_read_file(AT_FDCWD, path, LONGEST_FILE, &text, NULL) < 0)
                return;
        usage->net_read = usage->net_sent = 0;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                char *colon = strchr(line, ':');
                unsigned long long in, out;

                line += strspn(line, " ");
                if (colon && strncmp(line, "lo:", 3) != 0 &&
                                sscanf(colon + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &in, &out) == 2) {
                        usage->net_read += in;
                        usage->net_sent += out;
                }
        }
}

void cgroup_usage(const Cgroup *cgroup, pid_t pid, Usage *ret) {
        uint64_t cpu;

        memset(ret, 0xff, sizeof(*ret)); /* nothing is known */
        ret->memory = cgroup_memory(cgroup);
        ret->memory_cache = read_row(
                        cgroup, CGROUP_MEMORY, "memory.stat", "total_inactive_file", "inactive_file");
        ret->memory_limit = read_number(cgroup, CGROUP_MEMORY, "memory.limit_in_bytes", "memory.max");
        ret->pids = read_number(cgroup, CGROUP_PIDS, "pids.current", "pids.current");
        ret->pids_limit = read_number(cgroup, CGROUP_PIDS, "pids.max", "pids.max");
        cpu = cgroup->is_unified[CGROUP_CPU] ? read_row(cgroup, CGROUP_CPU, "cpu.stat", "", "usage_usec")
                                             : read_number(cgroup, CGROUP_CPU, "cpuacct.usage", "");
        if (cpu != CGROUP_UNKNOWN)
                ret->cpu = cgroup->is_unified[CGROUP_CPU] ? cpu * 1000 : cpu;
        read_io(cgroup, ret);
        make_up(cgroup, ret);
        read_network(pid, ret);
}

void format_bytes(uint64_t bytes, char *ret, size_t size) {
        static const char units[] = "KMGTP";
        double value = (double) bytes / 1024;
        size_t i = 0;

        for (; value >= 1000 && units[i + 1]; i++)
                value /= 1024;
        (void) snprintf(ret, size, "%.1f%c", value, units[i]);
}
