/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * generator-floor FROM TO: the least that a generator can do. Reads each file of a
 * directory, writes as much into another, and makes two links to it. What
 * slipway-generator needs beyond that is what understanding manifests costs.
 *
 * generator-floor --measure PROGRAM ARGUMENT…: runs a program and prints its CPU time in
 * microseconds and its peak memory in KiB. The kernel counts the memory of who
 * forks, too, so that has to be small.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[65536];

static int copy(int from, int to, const char *name) {
        int in = openat(from, name, O_RDONLY | O_CLOEXEC), out;
        char unit[300], target[300], path[600];
        ssize_t n;

        if (in < 0)
                return -1;
        n = read(in, text, sizeof(text));
        (void) close(in);

        (void) snprintf(unit, sizeof(unit), "%.*s.service", (int) strcspn(name, "."), name);
        out = openat(to, unit, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (n < 0 || out < 0 || write(out, text, (size_t) n) != n || close(out) < 0)
                return -1;

        (void) snprintf(target, sizeof(target), "../%s", unit);
        (void) snprintf(path, sizeof(path), "multi-user.target.wants/%s", unit);
        if (symlinkat(target, to, path) < 0)
                return -1;
        (void) snprintf(path, sizeof(path), "default.target.wants/%s", unit);
        return symlinkat(target, to, path);
}

static int measure(char **command) {
        struct rusage usage;
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                (void) execv(command[0], command);
                _exit(127);
        }
        if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
                return EXIT_FAILURE;

        printf("%ld %ld\n",
                        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec +
                                        usage.ru_stime.tv_usec,
                        usage.ru_maxrss);
        return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static int generate(int argc, char **argv) {
        int from = argc == 3 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        int to = argc == 3 ? open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        DIR *directory = from >= 0 ? fdopendir(dup(from)) : NULL;
        const struct dirent *entry;

        if (to < 0 || !directory)
                return EXIT_FAILURE;
        if (mkdirat(to, "multi-user.target.wants", 0755) < 0 ||
                        mkdirat(to, "default.target.wants", 0755) < 0)
                return EXIT_FAILURE;

        while ((entry = readdir(directory)))
                if (entry->d_name[0] != '.' && copy(from, to, entry->d_name) < 0)
                        return EXIT_FAILURE;
        return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        if (argc > 2 && strcmp(argv[1], "--measure") == 0)
                return measure(argv + 2);
        return generate(argc, argv);
}
