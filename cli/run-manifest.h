/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A command line as a manifest
 *
 * Flags become lines of a .container file, which is then read as any other.
 * So what runs is what the manifest would be, and a mistake in a flag is found
 * by whoever finds it in a manifest. What is on a command line means itself: a
 * '%' or '$' is escaped, for systemd would replace it in a unit.
 */

#include <stdbool.h>
#include <stdio.h>

#include "generator/quadlet/keys.h"
#include "lib/fault.h"

/* Sections, in the order in which they are written. */
typedef enum RunSection {
        RUN_UNIT,
        RUN_CONTAINER,
        RUN_SLIPWAY,
        RUN_SERVICE_SECTION,
        _RUN_SECTION_MAX,
} RunSection;

/* A line, and the flag that is to blame for it. */
typedef struct RunLine {
        RunSection section;
        char *text;    /* KEY=VALUE */
        char flag[40]; /* "--memory", or "IMAGE" */
} RunLine;

typedef struct RunManifest {
        RunLine *lines;
        size_t n;
        const char *flag; /* the one that is being read */
} RunManifest;

typedef struct RunFlag RunFlag;

/* A flag with a meaning of its own. Return: 0, or -errno with a fault. */
typedef int RunTake(RunManifest *manifest, const RunFlag *flag, const char *value, Fault *fault);

/* KEY=VALUE as it is. Return: 0, -EINVAL with a fault for what cannot be on one line, -ENOMEM. */
int run_manifest_add(
                RunManifest *manifest, RunSection section, const char *key, const char *value, Fault *fault);

/* A plain value for a key of [Container], quoted in the way in which that key is read. */
int run_manifest_add_key(RunManifest *manifest, const char *key, const char *value, Fault *fault);

/* Several words for one key: Exec=. */
int run_manifest_add_words(RunManifest *manifest, const char *key, char *const *words, Fault *fault);

/* "PodmanArgs=--NAME=VALUE" */
int run_manifest_add_argument(RunManifest *manifest, const char *name, const char *value, Fault *fault);

/* All lines of another. Return: 0 or -ENOMEM. */
int run_manifest_extend(RunManifest *manifest, const RunManifest *more);

/* The text of the file. Return: a new string, NULL without memory. */
char *run_manifest_text(const RunManifest *manifest);

/* The flag that has written a line of that text, NULL for a line of another sort. */
const char *run_manifest_flag_of(const RunManifest *manifest, unsigned line);

void run_manifest_done(RunManifest *manifest);
