/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of "slipway-net pod-up"
 *
 * To add an option: a row in the table of pod-options.c, and a paragraph in slipway-net(8).
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/fault.h"

typedef struct PodOptions {
        const char *name, *hostname, *ip, *ip6, *userns;
        char **networks, **aliases, **publish, **hosts, **labels;
        char **dns, **dns_options, **dns_searches;
        uint64_t shm_size;
        bool share_processes;
} PodOptions;

/* @argv: NAME [OPTION…], ends with NULL; is borrowed from. Return: 0, -EINVAL with a fault, -ENOMEM. */
int pod_options_parse(char *const *argv, PodOptions *ret, Fault *fault);
void pod_options_done(PodOptions *options);
