/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The part of the plan that is about the app itself
 *
 * With what it is executed: init does that once, and whoever enters the
 * container later does it again. What is done to the container's tree is in
 * init-plan.c, and nobody else's business.
 *
 * To add a verb of the app's: a function and a row in app-plan.c, and what it
 * does where init_confine() is.
 */

#include <stddef.h>

#include "nspawn-glue/init.h"
#include "nspawn-glue/plan.h"

typedef struct VerbRow {
        const char *verb;
        int (*act)(Init *init, const char *value, Fault *fault);
} VerbRow;

extern const VerbRow app_verbs[];
extern const size_t n_app_verbs;

const VerbRow *plan_verb_find(const VerbRow *rows, size_t n, const char *verb);
int plan_verb_act(const VerbRow *row, Init *init, const PlanEntry *entry, Fault *fault);

/* Takes all verbs of the app's from a plan, and passes over the others. @init keeps pointers into it. */
int app_plan_take(Init *init, const PlanEntry *entries, size_t n, Fault *fault);
