/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a check of the system's state has found
 *
 * A finding is of a kind, which is a row in a table of whoever checks, and about something: a path, a unit.
 * The row says all that a person wants to know. A check does not repair, and does not print; both are up to
 * who asked for it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/fault.h"

typedef enum FindingLevel {
        FINDING_PROBLEM, /* something will go wrong, or has been lost */
        FINDING_NOTE,    /* harmless: it goes away by itself, or is for a person to know */
} FindingLevel;

typedef struct FindingKind {
        const char *name; /* for programs: "name-dangling" */
        FindingLevel level;
        const char *what; /* follows the subject */
        const char *why;  /* it matters */
        const char *how;  /* to repair it */

        /* Does what is safe without asking; it may be another state by now. NULL: a person has to decide. */
        int (*repair)(const char *subject, Fault *fault);
} FindingKind;

typedef struct Finding {
        const FindingKind *kind;
        char *subject;
        char *detail; /* more about this one, NULL when there is nothing to say */
} Finding;

typedef struct Findings {
        Finding *items;
        size_t n;
} Findings;

/* Copies both texts; @detail may be NULL. Return: 0 or -ENOMEM. */
int findings_add(Findings *findings, const FindingKind *kind, const char *subject, const char *detail);

/* The same for a file. */
int findings_add_file(Findings *findings, const FindingKind *kind, const char *directory, const char *name,
                const char *detail);

/* Keeps only what is in @again as well, which is of another look at the same. */
void findings_confirm(Findings *findings, const Findings *again);

void findings_done(Findings *findings);

/* A repair: no file is left of that path. */
int finding_remove_file(const char *path, Fault *fault);
