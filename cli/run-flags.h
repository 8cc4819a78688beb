/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Flags of slipway run
 *
 * Those that people type for podman and rkt. One table is the truth for
 * parsing, for --help, and, by a gate, for the manual. Most flags are a line
 * of a manifest; cli/run-manifest.c writes it in the way that its key is read.
 *
 * To add one: add a row. If it is more than a line, give it a function.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/run-manifest.h"

/* What flags ask of slipway run itself, and not of the container. */
typedef struct RunSwitches {
        bool detach, interactive, print_manifest, remove, replace, rootfs, terminal;
        const char *name, *unit;
} RunSwitches;

/* What a flag means. */
typedef enum RunForm {
        RUN_KEY,     /* a line of [Container], with KEY */
        RUN_LIST,    /* the same for each of several values with commas between */
        RUN_PODMAN,  /* what has no key: PodmanArgs=--KEY=VALUE */
        RUN_SERVICE, /* a line of [Service], with KEY */
        RUN_SWITCH,  /* a bool of RunSwitches */
        RUN_TEXT,    /* a text of RunSwitches */
        RUN_CALL,    /* a function */
        RUN_ALIAS,   /* another word for the flag that KEY names */
} RunForm;

typedef struct RunFlag {
        char letter;          /* '\0' for none */
        const char *name;     /* without the dashes */
        const char *argument; /* what its value is called; NULL for a switch, which takes "=yes" and "=no" */
        RunForm form;
        const char *key; /* as the form says */
        size_t offset;   /* where in RunSwitches */
        RunTake *take;
        const char *help; /* one line, lower case; NULL for RUN_ALIAS */
} RunFlag;

/* Sorted by name, as in strcmp(3). */
extern const RunFlag run_flags[];
extern const size_t n_run_flags;

/* By the first @n bytes of @name; another word for a flag is that flag. Return: NULL for none. */
const RunFlag *run_flag_find(const char *name, size_t n);
const RunFlag *run_flag_find_letter(char letter);

/* The flag that was probably meant, NULL when none is near. */
const RunFlag *run_flag_nearest(const char *name);

/**
 * run_flag_take() - do what a flag asks for
 * @value:      NULL for a switch without one
 *
 * Return: 0, or -errno with a fault.
 */
int run_flag_take(const RunFlag *flag, const char *value, RunSwitches *switches, RunManifest *manifest,
                Fault *fault);

/* Prints how slipway run is used. */
void run_flags_help(void);
