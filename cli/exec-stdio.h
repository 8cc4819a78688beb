/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Standard input, output and error of a command in a container
 *
 * Files, pipes and sockets are handed in as they are. A terminal is not: who
 * has it could read what its owner types later, long after the command has
 * ended. Nor is a directory, from which there are ways up, nor, to who is root
 * of the host, a file: who owns it can open it once more, through /proc, and
 * write to what was to be read. What goes to and from these is copied.
 */

#include <stdbool.h>

#include "cli/pump.h"
#include "nspawn-glue/enter.h"

typedef struct ExecStdio {
        Pump pumps[3];
        size_t n_pumps;
        int theirs[3]; /* of pipes: to be closed here when the command has them, -1 */
        int ours[3];   /* the other ends, to be closed when there is nothing more to copy */
        int peer_fd;   /* the other side of a terminal whose input has ended */
} ExecStdio;

#define EXEC_STDIO_CLOSED ((ExecStdio){ .theirs = { -1, -1, -1 }, .ours = { -1, -1, -1 }, .peer_fd = -1 })

/* What the command is to have. */
typedef struct ExecStdioWish {
        bool interactive, detached;
        bool is_host_root; /* the container has no user namespace */
} ExecStdioWish;

/* Chooses what the command gets. Return: 0 or -errno. */
int exec_stdio_open(ExecStdio *stdio, const ExecStdioWish *wish, EnterCommand *command);

/* The same for a command with a terminal of its own, when its master is known. */
void exec_stdio_use_terminal(ExecStdio *stdio, int master, bool interactive, DetachKeys *keys);

/* The command has its ends. */
void exec_stdio_begin(ExecStdio *stdio);

/* After pump_move(): ends what has ended. */
void exec_stdio_settle(ExecStdio *stdio);

/* How long to wait before exec_stdio_settle() is called again, in milliseconds; -1 for ever. */
int exec_stdio_patience(const ExecStdio *stdio);

void exec_stdio_close(ExecStdio *stdio);
