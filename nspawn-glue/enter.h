/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Further processes in a container that runs
 *
 * A command that enters is what the app is: in its namespaces and control
 * groups, with the user, groups, capabilities, filter, limits and environment
 * of the plan that the app was started with. It cannot do more than the app.
 *
 * Who enters is not seen in the container before it has given up all of the
 * host: only its child, made last, is in the container's process namespace.
 * See ARCHITECTURE.md, "Entering a container".
 */

#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include "lib/fault.h"
#include "nspawn-glue/running.h"

/* Signals that the caller has blocked: they end it until the command is executed, and are for that one then.
 */
typedef struct EnterSignals {
        int fd;          /* signalfd(2) of them */
        sigset_t before; /* the mask in which they were not blocked */
} EnterSignals;

typedef struct EnterCommand {
        char *const *arguments;
        char *const *environment; /* "NAME=VALUE", more than and before those of the app; may be NULL */
        const char *user;         /* "USER[:GROUP]", NULL: the app's with its groups */
        const char *workdir;      /* NULL: the app's */
        const char *group;        /* a control group of that name below that of the app; NULL: the app's */
        int stdio[3]; /* -1: /dev/null of the container. No terminal: what the app has, it can read */
        bool stays;   /* when the caller ends; else it is killed then */
        const EnterSignals *signals; /* NULL: they do what they do otherwise */

        /*
         * A new terminal of the container's is its standard input, output and error, and its controlling
         * terminal; its master becomes *@ret_terminal. It gets SIGHUP when that is closed. stdio is not
         * used.
         */
        int *ret_terminal;
        struct winsize size; /* of that terminal */
} EnterCommand;

/**
 * enter_spawn() - execute a command in a container
 * @running:    the container
 * @command:    what, and as whom
 * @ret_pid:    a child of the caller's, to be waited for
 * @ret_pidfd:  the same as a descriptor; may be NULL
 * @ret_status: the exit status of a shell for what went wrong: 125, 126 (cannot be executed) or 127 (not
 * found); may be NULL
 *
 * Returns when execve(2) has succeeded, or will not. Not for programs with threads. With UserNS=host, the
 * caller has to have called enter_protect_executable().
 *
 * Return: 0, or -errno with a fault; -ESRCH when the container has ended meanwhile, -EBUSY when it is
 * paused.
 */
int enter_spawn(const Running *running, const EnterCommand *command, pid_t *ret_pid, int *ret_pidfd,
                int *ret_status, Fault *fault);

/**
 * enter_protect_executable() - execute this program again, from where nobody can write to it
 * @argv:       of main(), which is to call this before all else
 *
 * A container whose root is that of the host could otherwise come upon the file that we are, by a script
 * whose interpreter is /proc/self/exe, and write to it (CVE-2019-5736).
 *
 * Return: 0 when it is protected already, -errno; else not at all.
 */
int enter_protect_executable(char *const *argv);
