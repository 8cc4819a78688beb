/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/running.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/own-unit.h"
#include "nspawn-glue/net/pod.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/plan.h"

/* Where init is started from; an app that has not been executed yet still is this file. */
#define INIT_PROGRAM SLIPWAY_LIBEXEC_DIR "/root/slipway-init"

/* What is before it, in turn. */
#define LAUNCHER_PROGRAM SLIPWAY_LIBEXEC_DIR "/slipway-nspawn"
#define NSPAWN_PROGRAM "/usr/bin/systemd-nspawn"

/* How many descriptors of systemd-nspawn are looked at before the plan. It has some twenty of its own. */
#define DESCRIPTORS_MAX 1024

static int read_of(pid_t pid, const char *what, char **ret) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, what);
        return io_read_file(AT_FDCWD, path, 64 * 1024, ret, NULL);
}

/* Return: the first child, 0 when there is none, -errno. */
static pid_t first_child(pid_t pid) {
        autofree char *text = NULL;
        char what[40];
        int r;

        (void) snprintf(what, sizeof(what), "task/%d/children", (int) pid);
        r = read_of(pid, what, &text);
        return r < 0 ? r : (pid_t) strtol(text, NULL, 10);
}

/* Of the same namespace of processes as ourselves: nothing in a container is. */
static bool is_of_host(pid_t pid) {
        struct stat own, other;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int) pid);
        return stat("/proc/self/ns/pid", &own) >= 0 && stat(path, &other) >= 0 &&
               own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

static bool is_in_unit(pid_t pid, const char *unit) {
        autofree char *text = NULL;
        char *line, *rest;

        if (read_of(pid, "cgroup", &text) < 0)
                return false;
        for (rest = text; (line = strsep(&rest, "\n"));) {
                const char *path = strchr(line, '/');
                OwnUnit found;

                if (path && own_unit_of_path(path, &found) >= 0 && strcmp(found.name, unit) == 0)
                        return true;
        }
        return !*unit;
}

static bool is_same_file(const char *a, const char *b) {
        struct stat first, second;

        return stat(a, &first) >= 0 && stat(b, &second) >= 0 && first.st_ino == second.st_ino &&
               first.st_dev == second.st_dev;
}

static bool executes(pid_t pid, const char *program) {
        char path[32];

        (void) snprintf(path, sizeof(path), "/proc/%d/exe", (int) pid);
        return is_same_file(path, program);
}

static bool is_init_still(pid_t pid) {
        return executes(pid, INIT_PROGRAM);
}

static int raise_missing(const char *name, Fault *fault) {
        return fault_raise(fault, FAULT_MISSING, ESRCH, "no container '%s' is running", name);
}

static int raise_starting(const Running *running, Fault *fault) {
        return fault_raise(fault, FAULT_CONFLICT, EAGAIN,
                        "the container '%s' is just being started; 'systemctl start %s' waits for that",
                        running->name, running->record.unit);
}

/* Of one that is held. Its parent has taken in nobody that ended: so the number is still the same process's.
 */
static bool is_child(pid_t pid, pid_t parent) {
        autofree char *text = NULL;
        const char *end;
        int found;

        if (read_of(pid, "stat", &text) < 0)
                return false;
        end = strrchr(text, ')');
        return end && sscanf(end, ") %*c %d", &found) == 1 && found == parent;
}

/*
 * In a pod that shares its processes, systemd-nspawn is one of them. Nobody else among them executes the
 * host's program, or is the child of the host's process 1.
 */
static bool is_nspawn_of_pod(const Running *running) {
        char path[64], pinned[sizeof(PODS_DIR) + sizeof(running->record.pod) + 8];
        pid_t pid = running->nspawn;

        if (!*running->record.pod)
                return false;
        (void) snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int) pid);
        (void) snprintf(pinned, sizeof(pinned), PODS_DIR "/%s/pid", running->record.pod);
        return is_same_file(path, pinned) && is_child(pid, 1) &&
               (executes(pid, NSPAWN_PROGRAM) || executes(pid, LAUNCHER_PROGRAM));
}

/* A process number can be somebody else's by now, so first it is held, and then looked at. */
static int find_nspawn(Running *running, Fault *fault) {
        autofree char *name = NULL;
        pid_t pid = running->record.pid;

        running->nspawn = pid;
        running->nspawn_fd = pid > 0 ? pidfd_open(pid, 0) : -1;
        if (running->nspawn_fd < 0 || read_of(pid, "comm", &name) < 0 ||
                        (!is_of_host(pid) && !is_nspawn_of_pod(running)) ||
                        !is_in_unit(pid, running->record.unit))
                return -ESRCH;
        if (strcmp(name, "slipway-nspawn\n") == 0)
                return raise_starting(running, fault);
        return strcmp(name, "systemd-nspawn\n") == 0 ? 0 : -ESRCH;
}

/* "NSpid: 4711 17 1": the last number is that in its own namespace. */
static bool is_process_1(pid_t pid) {
        autofree char *text = NULL;
        const char *numbers;
        size_t n;

        if (read_of(pid, "status", &text) < 0 || !(numbers = strstr(text, "\nNSpid:")))
                return true;
        n = strcspn(numbers + 1, "\n") + 1;
        return n > 2 && numbers[n - 1] == '1' && numbers[n - 2] == '\t';
}

static int find_init(Running *running, Fault *fault) {
        pid_t pid = first_child(running->nspawn);

        if (pid < 0)
                return -ESRCH;
        if (pid == 0)
                return raise_starting(running, fault);
        running->init = running->app = pid;
        running->init_fd = pidfd_open(pid, 0);
        if (running->init_fd < 0 || !is_child(pid, running->nspawn))
                return -ESRCH;
        running->is_first = is_process_1(pid);
        /* systemd-nspawn begets a process that begets init. */
        if (!is_init_still(pid))
                return is_of_host(pid) || (!running->is_first && executes(pid, NSPAWN_PROGRAM))
                                       ? raise_starting(running, fault)
                                       : 0;

        /* It prepares the container, or it stays as a reaping init, and then the app is its first child. */
        pid = first_child(pid);
        if (pid <= 0 || is_init_still(pid))
                return raise_starting(running, fault);
        running->app = pid;
        running->app_fd = pidfd_open(pid, 0);
        return running->app_fd < 0 || !is_child(pid, running->init) ? -ESRCH : 0;
}

int running_open(const char *name, Running *ret, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        int r;

        if (!container_name_is_valid(name))
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "'%s' cannot be the name of a container", name);
        /* Of a process of root's, others are not told where it is. */
        if (geteuid() != 0)
                return fault_raise(fault, FAULT_SYSTEM, EACCES, "only root can look into the container '%s'",
                                name);
        (void) snprintf(running.name, sizeof(running.name), "%s", name);
        r = record_read(name, &running.record);
        if (r == -ENOENT)
                return raise_missing(name, fault);
        if (r >= 0)
                r = find_nspawn(&running, fault);
        if (r >= 0)
                r = find_init(&running, fault);
        if (r == -ESRCH)
                return raise_missing(name, fault);
        if (r < 0)
                return fault_is_raised(fault) ? r
                                              : fault_wrap(fault, r, "cannot find the container '%s'", name);

        *ret = running;
        running = RUNNING_CLOSED;
        return 0;
}

void running_close(Running *running) {
        fd_closep(&running->nspawn_fd);
        fd_closep(&running->init_fd);
        fd_closep(&running->app_fd);
        *running = RUNNING_CLOSED;
}

bool running_has(const Running *running, pid_t pid) {
        return is_in_unit(pid, running->record.unit);
}

bool running_ends(const Running *running, int timeout_ms) {
        struct pollfd wait = { .fd = running->init_fd, .events = POLLIN };

        return poll(&wait, 1, timeout_ms) > 0;
}

/* An init that goes on to end what is left keeps its number, but not that of its app. */
bool running_has_ended(const Running *running) {
        struct pollfd wait[] = {
                { .fd = running->init_fd, .events = POLLIN },
                { .fd = running->app_fd, .events = POLLIN },
        };

        return poll(wait, ELEMENTS(wait), 0) > 0;
}

/* Opened anew, so that it has a position of its own. */
static int open_descriptor(pid_t pid, int number, int *ret) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int) pid, number);
        *ret = open(path, O_RDONLY | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

static int find_plan(pid_t pid) {
        for (int number = STDERR_FILENO + 1; number < DESCRIPTORS_MAX; number++) {
                static const char wanted[] = "/memfd:" PLAN_NAME " ";
                char path[64], target[64];
                ssize_t n;

                (void) snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int) pid, number);
                n = readlink(path, target, sizeof(target));
                if (n < 0 && errno != ENOENT)
                        return -errno;
                if (n > (ssize_t) strlen(wanted) && memcmp(target, wanted, strlen(wanted)) == 0)
                        return number;
        }
        return -ENOENT;
}

int running_open_kept(const Running *running, int kept, int *ret) {
        int number = find_plan(running->nspawn), r;

        r = number < 0 ? number : open_descriptor(running->nspawn, number + kept - KEPT_PLAN, ret);
        return r < 0 && running_has_ended(running) ? -ESRCH : r;
}
