/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * alternate: time commands in turns
 *
 *     alternate ROUNDS <CASES
 *
 * A case is four lines: its name, the command to be timed, one that comes before and one that comes after
 * it, both of which may be empty. Commands are words, without a shell. All cases run once in each round,
 * each round begins with another one. For each run there is a line on standard output: name, microseconds of
 * wall clock, microseconds of CPU.
 *
 * CPU time is that of a whole control group, read from descriptor 3: cpuacct.usage of version 1, or
 * cpu.stat. So it has what the service manager and its helpers spend, also a moment after the command has
 * returned.
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USAGE_FD 3
#define SETTLE_MS 60
#define WORDS_MAX 64
#define CASES_MAX 16

extern char **environ;

typedef enum Part { NAME, MEASURED, BEFORE, AFTER, _PART_MAX } Part;

typedef struct Case {
        char *parts[_PART_MAX];
        char *words[_PART_MAX][WORDS_MAX + 1];
} Case;

static void die(const char *what) {
        (void) fprintf(stderr, "alternate: %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

static uint64_t now_us(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

/* Either a number of nanoseconds, or lines of which the first is "usage_usec N". */
static uint64_t usage_us(void) {
        static const char unified[] = "usage_usec ";
        char text[512];
        ssize_t n = pread(USAGE_FD, text, sizeof(text) - 1, 0);

        if (n <= 0)
                die("cannot read the control group's CPU time from descriptor 3");
        text[n] = '\0';
        if (strncmp(text, unified, sizeof(unified) - 1) == 0)
                return strtoull(text + sizeof(unified) - 1, NULL, 10);
        return strtoull(text, NULL, 10) / 1000;
}

static void settle(void) {
        (void) nanosleep(&(struct timespec){ .tv_nsec = SETTLE_MS * 1000000L }, NULL);
}

/* Standard output is for figures, not for what commands have to say. */
static void run(const Case *c, Part part) {
        posix_spawn_file_actions_t actions;
        char *const *words = c->words[part];
        int status;
        pid_t pid;

        if (!words[0])
                return;
        (void) posix_spawn_file_actions_init(&actions);
        (void) posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        (void) posix_spawn_file_actions_addclose(&actions, USAGE_FD);
        errno = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
        if (errno != 0)
                die(words[0]);
        (void) posix_spawn_file_actions_destroy(&actions);
        if (waitpid(pid, &status, 0) < 0)
                die("waitpid");
        if (status != 0) {
                (void) fprintf(stderr, "alternate: '%s' of %s has failed\n", c->parts[part], c->parts[NAME]);
                exit(EXIT_FAILURE);
        }
}

static void sample(const Case *c) {
        uint64_t wall, cpu;

        run(c, BEFORE);
        settle();
        cpu = usage_us();
        wall = now_us();
        run(c, MEASURED);
        wall = now_us() - wall;
        settle();
        cpu = usage_us() - cpu;
        run(c, AFTER);
        (void) printf("%s\t%llu\t%llu\n", c->parts[NAME], (unsigned long long) wall,
                        (unsigned long long) cpu);
        (void) fflush(stdout);
}

static bool read_case(Case *c) {
        for (int part = 0; part < _PART_MAX; part++) {
                char *line = NULL, *word, *rest;
                size_t size = 0, n = 0;

                if (getline(&line, &size, stdin) < 0)
                        return false;
                line[strcspn(line, "\n")] = '\0';
                c->parts[part] = line;
                rest = strdup(line);
                while ((word = strsep(&rest, " ")))
                        if (*word && n < WORDS_MAX)
                                c->words[part][n++] = word;
        }
        return true;
}

int main(int argc, char **argv) {
        static Case cases[CASES_MAX];
        long rounds = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
        size_t n = 0;

        if (rounds <= 0) {
                (void) fprintf(stderr, "usage: alternate ROUNDS <CASES\n");
                return 2;
        }
        while (n < CASES_MAX && read_case(&cases[n]))
                n++;
        for (long round = 0; round < rounds; round++)
                for (size_t i = 0; i < n; i++)
                        sample(&cases[((size_t) round + i) % n]);
        return EXIT_SUCCESS;
}
