/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The two processes that enter
 *
 * The first joins all of the container but its processes, where nobody in
 * there can see it, and gives up what the app has not. The second is its child
 * in the container's process namespace, and executes the command. Both share
 * nothing with their parent but a pipe and one page of memory.
 */

#include "nspawn-glue/enter-groups.h"
#include "nspawn-glue/enter.h"
#include "nspawn-glue/init.h"

/* What comes through the pipe if the command could not be executed. */
typedef struct EnterReport {
        int status; /* 125, 126, 127 */
        Fault fault;
} EnterReport;

/* Exit status of the first: its filter lets no process be made, to be tried again with late_filter. */
#define ENTER_REFUSED 99

typedef struct Enter {
        const Running *running;
        const EnterCommand *command;
        EnterGroups groups;
        Init app; /* as the plan has it; root_fd is opened in the container */
        User user;
        bool own_users;   /* the container has a user namespace of its own */
        bool late_filter; /* load it in the second process: the first could make no process under it */
        int report_fd;    /* the writing end */
        int terminal_fd;  /* a socket for the master of the terminal, -1 without one */
        int slave_fd;     /* of that terminal */
        pid_t *second;    /* in shared memory */
} Enter;

/* The first process. */
_Noreturn void enter_child(Enter *enter);
