/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * spent: stand in for a program, and note what CPU it takes
 *
 * It is put where a program was, and executes that, which is beside it with ".real" behind its name. For
 * each run there is a line in /run/spent: the first argument that is a verb, microseconds of CPU; those of
 * the program's children, too, if it has waited for them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG "/run/spent"

static const char *verb_of(char **words) {
        static const char *const verbs[] = { "attach", "detach", "up", "down", "setup", "teardown" };

        for (; *words; words++)
                for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                        if (strcmp(*words, verbs[i]) == 0)
                                return verbs[i];
        return "other";
}

static long long microseconds(const struct timeval *time) {
        return (long long) time->tv_sec * 1000000 + time->tv_usec;
}

/* In one piece, as others write, too. */
static void note(const char *verb, const struct rusage *usage) {
        int fd = open(LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        char line[64];
        int n = snprintf(line, sizeof(line), "%s %lld\n", verb,
                        microseconds(&usage->ru_utime) + microseconds(&usage->ru_stime));

        if (fd < 0 || write(fd, line, (size_t) n) != n)
                perror(LOG);
}

int main(int argc, char **argv) {
        char real[512] = "";
        ssize_t n = readlink("/proc/self/exe", real, sizeof(real) - sizeof(".real"));
        struct rusage usage = {};
        int status = 0;
        pid_t pid;

        if (n < 0)
                return EXIT_FAILURE;
        (void) strcpy(real + n, ".real");
        pid = fork();
        if (pid == 0) {
                (void) execv(real, argv);
                perror(real);
                _exit(EXIT_FAILURE);
        }
        if (pid < 0)
                return EXIT_FAILURE;
        while (wait4(pid, &status, 0, &usage) < 0)
                if (errno != EINTR)
                        return EXIT_FAILURE;
        note(verb_of(argv + 1), &usage);
        return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
