/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cgroup.h"
#include "cli/target.h"
#include "lib/io.h"
#include "nspawn-glue/inside.h"

enum { LONGEST_FILE = 1 << 20, LONGEST_ARGUMENTS = 64 * 1024 };

void processes_done(Processes *processes) {
        for (size_t i = 0; i < processes->n; i++)
                free(processes->list[i].arguments);
        free(processes->list);
        free(processes->uid_map);
        free(processes->gid_map);
        free(processes->passwd);
        free(processes->group);
        *processes = (Processes){};
}

static int read_of(pid_t pid, const char *what, char **ret, size_t *ret_size) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, what);
        return io_read_file(AT_FDCWD, path, LONGEST_FILE, ret, ret_size);
}

/* --- ids
 * ---------------------------------------------------------------------------------------------------------
 */

/* Lines of "INSIDE OUTSIDE COUNT". */
uint32_t id_inside(const char *map, uint32_t id) {
        unsigned inside, outside, count;
        int n;

        for (; map && sscanf(map, " %u %u %u%n", &inside, &outside, &count, &n) == 3; map += n)
                if (id >= outside && id - outside < count)
                        return inside + (id - outside);
        return 65534;
}

const char *id_name(const char *text, uint32_t id, char *buffer, size_t size) {
        for (const char *line = text; line && *line; line = (line = strchr(line, '\n')) ? line + 1 : NULL) {
                size_t n = strcspn(line, ":\n");
                const char *field = line[n] == ':' ? strpbrk(line + n + 1, ":\n") : NULL;
                char *end;

                if (n > 0 && field && *field == ':' && strtoul(field + 1, &end, 10) == id &&
                                end > field + 1 && *end == ':') {
                        (void) snprintf(buffer, size, "%.*s", (int) n, line);
                        return buffer;
                }
        }
        (void) snprintf(buffer, size, "%" PRIu32, id);
        return buffer;
}

/* What is no regular file of a sensible size names nobody. */
static char *read_inside(int root, const char *path) {
        char *text;

        return inside_read(root, path, LONGEST_FILE, &text) >= 0 ? text : strdup("");
}

/* --- one process --- */

static int take_stat(Process *process, const char *text) {
        const char *open = strchr(text, '('), *close = strrchr(text, ')');

        if (!open || !close || close < open)
                return -EBADMSG;
        (void) snprintf(process->comm, sizeof(process->comm), "%.*s", (int) (close - open - 1), open + 1);
        unsigned long long user, kernel;
        if (sscanf(close + 1,
                            " %c %d %*d %*d %d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %d %*d %*d "
                            "%llu %llu %llu",
                            &process->state, &process->hppid, &process->tty, &user, &kernel, &process->nice,
                            &process->started, &process->vsize, &process->rss) != 9)
                return -EBADMSG;
        process->ticks = user + kernel;
        process->rss *= (unsigned long long) sysconf(_SC_PAGESIZE);
        return 0;
}

static long field_of(const char *status, const char *name, unsigned index) {
        const char *at = strstr(status, name);
        char *end;
        long value;

        if (!at)
                return -1;
        at += strlen(name);
        for (;; at = end) {
                if (strspn(at, " \t\n") > strspn(at, " \t"))
                        return -1;
                value = strtol(at, &end, 10);
                if (end == at)
                        return -1;
                if (index-- == 0)
                        return value;
        }
}

/* Those of the host, systemd-nspawn for instance, have no number inside. */
static bool take_status(Process *process, const char *status) {
        process->pid = (pid_t) field_of(status, "\nNSpid:", 1);
        process->huid = (uid_t) field_of(status, "\nUid:", 1);
        process->hgid = (gid_t) field_of(status, "\nGid:", 1);
        return process->pid > 0;
}

static int take_arguments(Process *process) {
        size_t size = 0;
        char *text;
        int r = read_of(process->hpid, "cmdline", &text, &size);

        if (r >= 0 && size > 0) {
                while (size > 0 && text[size - 1] == '\0')
                        size--;
                if (size > LONGEST_ARGUMENTS)
                        size = LONGEST_ARGUMENTS;
                for (size_t i = 0; i < size; i++)
                        if (text[i] == '\0')
                                text[i] = ' ';
                text[size] = '\0';
                process->arguments = text;
                return 0;
        }
        if (r >= 0)
                free(text);
        return asprintf(&process->arguments, "[%s]", process->comm) < 0 ? -ENOMEM : 0;
}

/* Return: 1 when it is one of the container, 0 when it is not, or gone. */
static int read_process(pid_t pid, Process *ret) {
        autofree char *stat_text = NULL, *status = NULL;
        Process process = { .hpid = pid };
        int r;

        if (read_of(pid, "stat", &stat_text, NULL) < 0 || read_of(pid, "status", &status, NULL) < 0 ||
                        take_stat(&process, stat_text) < 0 || !take_status(&process, status))
                return 0;
        r = take_arguments(&process);
        if (r < 0)
                return r;
        *ret = process;
        return 1;
}

/* --- all of them --- */

static int compare(const void *a, const void *b) {
        return ((const Process *) a)->hpid - ((const Process *) b)->hpid;
}

static void find_parents(Processes *processes) {
        for (size_t i = 0; i < processes->n; i++) {
                Process key = { .hpid = processes->list[i].hppid };
                const Process *parent =
                                bsearch(&key, processes->list, processes->n, sizeof(Process), compare);

                processes->list[i].ppid = parent ? parent->pid : 0;
        }
}

static int read_list(const Running *running, Processes *processes) {
        autofree pid_t *pids = NULL;
        Cgroup cgroup;
        size_t n = 0;
        int r;

        r = cgroup_find(running->nspawn, running->record.unit, &cgroup);
        if (r >= 0)
                r = cgroup_processes(&cgroup, &pids, &n);
        if (r < 0)
                return r;
        processes->list = calloc(n + 1, sizeof(Process));
        if (!processes->list)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < n; i++) {
                /* It has a number inside as well where those are the processes of a pod. */
                if (pids[i] == running->nspawn)
                        continue;
                r = read_process(pids[i], &processes->list[processes->n]);
                if (r > 0)
                        processes->n++;
        }
        if (r < 0)
                return r;
        qsort(processes->list, processes->n, sizeof(Process), compare);
        find_parents(processes);
        return 0;
}

int processes_read(const Running *running, Processes *ret, Fault *fault) {
        AUTO(processes_done) Processes processes = {};
        autofd int root = -1;
        int r;

        r = target_open_root(running, &root, fault);
        if (r < 0)
                return r;
        r = read_list(running, &processes);
        if (r >= 0)
                r = read_of(running->init, "uid_map", &processes.uid_map, NULL);
        if (r >= 0)
                r = read_of(running->init, "gid_map", &processes.gid_map, NULL);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the processes of '%s'", running->name);
        processes.passwd = read_inside(root, "/etc/passwd");
        processes.group = read_inside(root, "/etc/group");
        if (!processes.passwd || !processes.group)
                return -ENOMEM;
        *ret = processes;
        processes = (Processes){};
        return 0;
}
