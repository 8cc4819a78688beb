/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/fault-point.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "lib/io.h"

#ifdef SLIPWAY_FAULT_POINTS

/* Of the linker: all that FAULT_POINT() has put into its section, with NULs in between. */
extern const char __start_fault_points[] __attribute__((weak));
extern const char __stop_fault_points[] __attribute__((weak));

enum { MOST_LINES = 64, LONGEST = 64 * 1024 };

typedef struct Line {
        char *name, *action;
        unsigned when, passed; /* which time, 0 for each */
} Line;

static struct {
        const char *file;
        char *text; /* as it came */
        char *copy; /* what the lines are in */
        bool is_read;
        Line lines[MOST_LINES];
        size_t n;
} points;

void fault_point_choose(const char *file) {
        points.file = file;
}

const char *fault_point_actions(void) {
        const char *text = getenv(FAULT_POINT_ENV);
        char path[256];

        if (text || points.text || !points.file)
                return text ?: points.text;
        (void) snprintf(path, sizeof(path), FAULT_POINT_DIR "/%s", points.file);
        (void) io_read_file(AT_FDCWD, path, LONGEST, &points.text, NULL);
        return points.text;
}

static void read_line(char *line) {
        char *action = strchr(line, '='), *when;

        if (!action || points.n == MOST_LINES)
                return;
        *action++ = '\0';
        when = strchr(action, '@');
        if (when)
                *when++ = '\0';
        points.lines[points.n++] = (Line){ line, action, when ? (unsigned) atoi(when) : 0, 0 };
}

/* Once in a process, which is then rid of what others might put there. */
static void read_lines(void) {
        const char *text = fault_point_actions();
        char *rest = points.copy = text ? strdup(text) : NULL, *line;

        points.is_read = true;
        while ((line = strsep(&rest, "\n")))
                read_line(line);
}

/* The first process of a namespace does not die of its own signals; but breaking a promise kills everybody.
 */
static void die(void) {
        (void) kill(getpid(), SIGKILL);
        (void) prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        (void) getppid();
        __builtin_trap();
}

static int error_of(const char *name) {
        for (int error = 1; error < 256; error++) {
                const char *known = strerrorname_np(error);

                if (known && strcmp(known, name) == 0)
                        return -error;
        }
        return -EINVAL;
}

static void trace(const char *prefix, const char *name) {
        char text[256];
        int n = snprintf(text, sizeof(text), "fault-point %s%s\n", prefix, name);

        if (n > 0 && write(STDERR_FILENO, text, (size_t) n) < 0)
                return;
}

static int act(const char *action, const char *prefix, const char *name) {
        if (strcmp(action, "kill") == 0)
                die();
        if (strcmp(action, "stop") == 0) {
                (void) kill(getpid(), SIGSTOP);
                while (getpid() == 1) /* nor does it stop */
                        (void) pause();
        }
        if (strcmp(action, "trace") == 0)
                trace(prefix, name);
        if (strncmp(action, "delay:", 6) == 0) {
                long ms = strtol(action + 6, NULL, 10);

                (void) nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
        }
        return strncmp(action, "error:", 6) == 0 ? error_of(action + 6) : 0;
}

static bool is_meant(const Line *line, const char *prefix, const char *name) {
        size_t n = strlen(prefix);

        if (strcmp(line->name, "*") == 0)
                return true;
        return strncmp(line->name, prefix, n) == 0 && strcmp(line->name + n, name) == 0;
}

int fault_point_pass(const char *prefix, const char *name) {
        int saved = errno, r = 0;

        if (!points.is_read)
                read_lines();
        for (size_t i = 0; i < points.n && r >= 0; i++) {
                Line *line = &points.lines[i];

                if (is_meant(line, prefix, name) && (++line->passed == line->when || line->when == 0))
                        r = act(line->action, prefix, name);
        }
        errno = saved;
        return r;
}

void fault_point_list(const char *prefix, const char *name) {
        printf("%s%s\n", prefix, name);
}

bool fault_point_asked(int argc, char *const *argv) {
        if (argc != 2 || strcmp(argv[1], "--fault-points") != 0)
                return false;
        for (const char *at = __start_fault_points; at < __stop_fault_points; at += strlen(at) + 1)
                if (*at)
                        fault_point_list("", at);
        return true;
}

#endif
