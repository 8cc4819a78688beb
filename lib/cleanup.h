/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ownership, visible at the declaration
 *
 * A variable that owns something says so where it is declared, and gives it
 * back when its scope ends. errno survives the release. TAKE() hands the
 * thing on, so that no path out of a function needs a label.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(fn) __attribute__((cleanup(fn)))

/* Defines fn##p(), the shape the cleanup attribute wants, from a fn() that frees. */
#define DEFINE_AUTO(type, fn)               \
        static inline void fn##p(type *p) { \
                int saved = errno;          \
                                            \
                if (*p)                     \
                        fn(*p);             \
                errno = saved;              \
        }

DEFINE_AUTO(FILE *, fclose)
DEFINE_AUTO(DIR *, closedir)

static inline void fd_closep(int *fd) {
        int saved = errno;

        if (*fd >= 0)
                (void) close(*fd);
        errno = saved;
}

static inline void free_anyp(void *p) {
        int saved = errno;

        free(*(void **) p);
        errno = saved;
}

#define autofree AUTO(free_anyp)
#define autofclose AUTO(fclosep)
#define autoclosedir AUTO(closedirp)
#define autofd AUTO(fd_closep)

/* Yields an owned pointer and leaves NULL behind, so that the scope no longer frees it. */
#define TAKE(p)                               \
        ({                                    \
                typeof(p) *take_from = &(p);  \
                typeof(p) taken = *take_from; \
                *take_from = NULL;            \
                taken;                        \
        })

/* The same for a file descriptor, which is gone when it is -1. */
#define TAKE_FD(fd)                     \
        ({                              \
                int *take_from = &(fd); \
                int taken = *take_from; \
                *take_from = -1;        \
                taken;                  \
        })

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
