/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Points at which a test can have a program die
 *
 * Only builds for tests have them, meson's -Dfault-points=true; in all others they are the constant 0. A
 * point is a place in the code at which a crash, or a failure of what comes next, has to leave nothing
 * behind:
 *
 *     r = FAULT_POINT("import:sync");          0, or the -errno that a test wants to see
 *     (void) FAULT_POINT("watcher:ready");     where nothing can fail, but a process can be killed
 *
 * What happens is told by lines NAME=ACTION[@N] in $SLIPWAY_FAULT_POINT, or in a file: the container's, in
 * FAULT_POINT_DIR, or the program's. With @N it happens when the point is passed for the Nth time.
 *
 *     kill            SIGKILL
 *     stop            SIGSTOP
 *     error:ENOSPC    the point fails; any name that errno(1) knows
 *     delay:100       milliseconds pass
 *     trace           the name goes to standard error; with "*" for NAME, that of all points
 *
 * "--fault-points" as the only argument has a program list those that it has, so that no test can forget
 * one. To add a point, write it. The names of points in tables are those of the tables' rows.
 */

#include <stdbool.h>

#define FAULT_POINT_DIR "/run/slipway/fault-points"
#define FAULT_POINT_ENV "SLIPWAY_FAULT_POINT"

#ifdef SLIPWAY_FAULT_POINTS

#define FAULT_POINT(name)                                                                        \
        ({                                                                                       \
                static const char point[] __attribute__((section("fault_points"), used)) = name; \
                fault_point_pass("", point);                                                     \
        })

/* One of many, each named after a row of a table; fault_point_list() tells of them. */
#define FAULT_POINT_OF(prefix, name) fault_point_pass(prefix, name)

int fault_point_pass(const char *prefix, const char *name);

/* Whose file it is: the name of a container, or of a program with a dot in front. Borrowed. */
void fault_point_choose(const char *file);

/* What has been chosen, to be handed to a program that cannot read the file; NULL when there is none. */
const char *fault_point_actions(void);

/* Whether a program was asked for its points; prints those that are in no table. */
bool fault_point_asked(int argc, char *const *argv);
void fault_point_list(const char *prefix, const char *name);

#else

#define FAULT_POINT(name) 0
#define FAULT_POINT_OF(prefix, name) 0

static inline void fault_point_choose(const char *file) {
}

static inline const char *fault_point_actions(void) {
        return (const char *) 0;
}

static inline bool fault_point_asked(int argc, char *const *argv) {
        return false;
}

static inline void fault_point_list(const char *prefix, const char *name) {
}

#endif
