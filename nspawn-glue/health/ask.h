/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Health checks that are no command of the container
 *
 * An image need not have a program that can ask a server how it is. So these are asked from here, in the
 * container's network:
 *
 *     slipway:tcp PORT [HOST]                          somebody accepts connections
 *     slipway:http PORT [PATH [HOST [HEADER…]]]        GET is answered with a status from 200 to 399
 *
 * HOST is an address; without one, or with an empty one, both addresses of loopback are tried.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/fault.h"

typedef struct Ask {
        bool is_http;
        uint16_t port;
        const char *path, *host; /* host: NULL for loopback */
        char *const *headers;    /* "NAME: VALUE" */
} Ask;

/* Whether a command is none, but one of these. */
bool ask_is_meant(char *const *command);

/* Understands it; borrows from @command. Return: 0, -EINVAL with a fault. */
int ask_parse(char *const *command, Ask *ret, Fault *fault);

/* Asks, in the network where it is called, and waits as long as that takes. Return: an exit status; says on
 * @output what came of it. */
int ask_run(const Ask *ask, int output);

/**
 * ask_spawn() - the same in another network, as nobody, and without waiting
 * @init:       the process whose network it is
 * @output:     what is said goes there
 * @ret_fd:     pidfd of the process that asks
 *
 * Return: 0 or -errno with a fault.
 */
int ask_spawn(const Ask *ask, pid_t init, int output, pid_t *ret, int *ret_fd, Fault *fault);
