/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Stages with undo
 *
 * Work that is done in order, each step of which can be taken back. What a
 * launcher does is a table of stages; this is the loop over it. It knows
 * nothing of containers.
 */

#include <stddef.h>

#include "lib/fault.h"

typedef struct Stage {
        const char *purpose;                   /* completes "cannot …" */
        int (*apply)(void *run, Fault *fault); /* 0 or -errno */
        void (*undo)(void *run);               /* NULL when there is nothing to undo */
} Stage;

/**
 * stages_apply() - go through all stages
 *
 * The stage that fails cleans up after itself; those before it are undone, last first.
 *
 * Return: 0, or what the stage that failed returned.
 */
int stages_apply(const Stage *stages, size_t n, void *run, Fault *fault);

/* Takes all of them back, last first. */
void stages_undo(const Stage *stages, size_t n, void *run);
