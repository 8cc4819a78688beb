/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A plugin of CNI is executed. */

#include <jansson.h>

#include "lib/fault.h"

/* Where plugins are looked for. */
#define CNI_PATH "/usr/lib/cni:/opt/cni/bin"

typedef struct CniCall {
        const char *command;   /* "ADD", "DEL" */
        const char *container; /* its id */
        const char *netns;     /* path of a network namespace, "" for none */
        const char *interface; /* in there */
        const char *arguments; /* "KEY=VALUE;…" */
} CniCall;

/**
 * cni_run() - execute a plugin, and wait for it
 * @plugin:     its name
 * @config:     what it reads
 * @ret:        what it has written, with a NUL behind it
 *
 * It has root's rights and an environment with nothing in it but what the specification says. What it writes
 * to standard error goes to the journal.
 *
 * Return: 0; -EIO with the plugin's own words as a fault; -ENOENT when there is none of that name;
 * -ETIMEDOUT.
 */
int cni_run(const char *plugin, const CniCall *call, const json_t *config, char **ret, size_t *ret_size,
                Fault *fault);
