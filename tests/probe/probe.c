/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * probe: what an app finds in its container
 *
 * Prints KEY=VALUE lines for scenarios to look at, and then waits until it is
 * told to end. Bound into a container, it needs nothing of the image.
 */

#include "tests/probe/probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/cleanup.h"

static void probe_ids(void) {
        gid_t groups[256];
        int n = getgroups(ELEMENTS(groups), groups);
        mode_t mask = umask(0);
        char text[PATH_MAX];

        printf("uid=%u\ngid=%u\ngroups=", getuid(), getgid());
        for (int i = 0; i < n; i++)
                printf("%s%u", i > 0 ? " " : "", groups[i]);
        printf("\numask=%04o\npid=%d\nsid=%d\ncwd=%s\n", mask, getpid(), getsid(0),
                        getcwd(text, sizeof(text)) ?: strerrorname_np(errno));
        (void) umask(mask);
        if (gethostname(text, sizeof(text)) >= 0)
                printf("hostname=%s\n", text);
}

/* The lines of a file, each behind @key; of /proc/self/status those that matter. */
static void probe_lines(const char *key, const char *path, const char *const *wanted) {
        autofclose FILE *stream = fopen(path, "re");
        char line[4096];

        while (stream && fgets(line, sizeof(line), stream)) {
                bool is_wanted = !wanted;

                line[strcspn(line, "\n")] = '\0';
                for (size_t i = 0; wanted && wanted[i]; i++)
                        is_wanted = is_wanted || strncmp(line, wanted[i], strlen(wanted[i])) == 0;
                if (is_wanted)
                        printf("%s=%s\n", key, line);
        }
}

static void probe_descriptors(void) {
        autoclosedir DIR *dir = opendir("/proc/self/fd");
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char target[PATH_MAX];
                ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

                if (n < 0 || atoi(entry->d_name) == dirfd(dir))
                        continue;
                target[n] = '\0';
                printf("fd.%s=%s\n", entry->d_name, target);
        }
}

/* Kind, mode, owner, and the numbers of a device. */
static void probe_devices(const char *path) {
        autoclosedir DIR *dir = opendir(path);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                struct stat st;

                if (entry->d_name[0] == '.' ||
                                fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                printf("dev.%s=%s %04o %u:%u %u:%u\n", entry->d_name,
                                S_ISCHR(st.st_mode)    ? "char"
                                : S_ISBLK(st.st_mode)  ? "block"
                                : S_ISDIR(st.st_mode)  ? "directory"
                                : S_ISLNK(st.st_mode)  ? "link"
                                : S_ISFIFO(st.st_mode) ? "fifo"
                                                       : "other",
                                st.st_mode & 07777, st.st_uid, st.st_gid, major(st.st_rdev),
                                minor(st.st_rdev));
        }
}

/* How much can be read of what ought to be hidden. */
static void probe_hidden(void) {
        static const char *const paths[] = {
                "/proc/acpi",
                "/proc/interrupts",
                "/proc/kcore",
                "/proc/keys",
                "/proc/latency_stats",
                "/proc/sched_debug",
                "/proc/scsi",
                "/proc/timer_list",
                "/proc/timer_stats",
                "/sys/devices/virtual/powercap",
                "/sys/firmware",
                "/sys/fs/selinux",
                "/sys/devices/system/cpu/cpu0/thermal_throttle",
        };

        for (size_t i = 0; i < ELEMENTS(paths); i++) {
                autofd int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
                unsigned entries = 0;
                struct stat st;
                char byte;

                if (fd < 0 || fstat(fd, &st) < 0) {
                        printf("hidden.%s=%s\n", paths[i], strerrorname_np(errno));
                        continue;
                }
                if (S_ISDIR(st.st_mode)) {
                        autoclosedir DIR *dir = opendir(paths[i]);

                        while (dir && readdir(dir))
                                entries++;
                        printf("hidden.%s=%s\n", paths[i], entries <= 2 ? "empty" : "seen");
                } else
                        printf("hidden.%s=%s\n", paths[i], read(fd, &byte, 1) > 0 ? "seen" : "empty");
        }
}

/* What opening for writing says; nothing is written. */
static void probe_protected(void) {
        static const char *const paths[] = {
                "/proc/sys/kernel/core_pattern",
                "/proc/sys/vm/overcommit_memory",
                "/proc/sysrq-trigger",
                "/proc/irq/default_smp_affinity",
                "/proc/bus/pci/devices",
                "/proc/fs/probe",
                "/sys/kernel/uevent_helper",
                "/sys/fs/cgroup/cgroup.procs",
                "/sys/fs/cgroup/memory/cgroup.procs",
                "/sys/fs/cgroup/systemd/cgroup.procs",
                "/sys/kernel/mm/transparent_hugepage/enabled",
                "/root-probe",
        };

        for (size_t i = 0; i < ELEMENTS(paths); i++) {
                int flags = O_WRONLY | O_CLOEXEC | (strstr(paths[i], "probe") ? O_CREAT : 0);
                autofd int fd = open(paths[i], flags, 0600);

                printf("write.%s=%s\n", paths[i], fd < 0 ? strerrorname_np(errno) : "ok");
                if (fd >= 0 && flags & O_CREAT)
                        (void) unlink(paths[i]);
        }
}

static void probe_limits(void) {
        static const struct {
                const char *name;
                int resource;
        } limits[] = {
                { "as", RLIMIT_AS },
                { "core", RLIMIT_CORE },
                { "cpu", RLIMIT_CPU },
                { "fsize", RLIMIT_FSIZE },
                { "memlock", RLIMIT_MEMLOCK },
                { "nofile", RLIMIT_NOFILE },
                { "nproc", RLIMIT_NPROC },
                { "stack", RLIMIT_STACK },
        };

        for (size_t i = 0; i < ELEMENTS(limits); i++) {
                struct rlimit limit;

                if (getrlimit(limits[i].resource, &limit) >= 0)
                        printf("rlimit.%s=%lld %lld\n", limits[i].name, (long long) limit.rlim_cur,
                                        (long long) limit.rlim_max);
        }
}

/* Signals that are not at their default, which an app would inherit without knowing. */
static void probe_signals(void) {
        for (int i = 1; i < NSIG; i++) {
                struct sigaction action;

                if (sigaction(i, NULL, &action) >= 0 && action.sa_handler != SIG_DFL)
                        printf("signal.%d=%s\n", i, action.sa_handler == SIG_IGN ? "ignored" : "handled");
        }
}

int main(int argc, char **argv, char **environment) {
        static const char *const status[] = { "Cap", "NoNewPrivs", "Seccomp:", "Seccomp_filters", "SigBlk",
                "SigIgn", NULL };
        sigset_t term;
        int number;

        /* What a container may not do, a host's root may: nobody shall lose /proc by trying this out. */
        if (!getenv("container") || strcmp(getenv("container"), "slipway") != 0) {
                (void) fputs("probe: this is for containers only\n", stderr);
                return EXIT_FAILURE;
        }

        probe_ids();
        for (int i = 0; i < argc; i++)
                printf("arg.%d=%s\n", i, argv[i]);
        for (char **e = environment; *e; e++)
                printf("env.%s\n", *e);
        probe_lines("status", "/proc/self/status", status);
        probe_lines("uid_map", "/proc/self/uid_map", NULL);
        probe_lines("gid_map", "/proc/self/gid_map", NULL);
        probe_lines("mount", "/proc/self/mountinfo", NULL);
        probe_lines("cgroup", "/proc/self/cgroup", NULL);
        probe_descriptors();
        probe_devices("/dev");
        probe_hidden();
        probe_protected();
        probe_limits();
        probe_signals();
        probe_syscalls();
        printf("end=yes\n");
        (void) fflush(stdout);

        (void) sigemptyset(&term);
        (void) sigaddset(&term, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &term, NULL);
        return sigwait(&term, &number) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
