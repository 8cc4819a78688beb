/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The verbs of slipway(1)
 *
 * To add one: write int verb_NAME(int argc, char **argv) in cli/NAME.c,
 * declare it below, add its file in cli/meson.build and its row in
 * cli/verbs.c, and describe it in man/slipway-NAME.1. Nothing else knows
 * about verbs; the overview and the suggestions come from the table.
 *
 * argv[0] is the verb, what follows are its options and arguments; see
 * cli/options.h for how to read them. What a verb returns is the exit status.
 */

#include <stddef.h>

/* Exit statuses, the same for all verbs. */
#define VERB_OK 0
#define VERB_FAILED 1 /* said why by report_fault() */
#define VERB_USAGE 2  /* was not called as its synopsis says */

typedef struct Verb {
        const char *name;
        const char *synopsis; /* what follows the name */
        const char *summary;  /* one line, lower case, no full stop */
        int (*run)(int argc, char **argv);
} Verb;

/* Sorted by name, as in strcmp(3). */
extern const Verb verbs[];
extern const size_t n_verbs;

/* Return: NULL if there is no such verb. */
const Verb *verb_find(const char *name);

/* The verb whose name is closest to a mistyped one, NULL if none is close. */
const Verb *verb_nearest(const char *name);

int verb_attach(int argc, char **argv);
int verb_cat(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_cp(int argc, char **argv);
int verb_df(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_events(int argc, char **argv);
int verb_exec(int argc, char **argv);
int verb_export(int argc, char **argv);
int verb_fsck(int argc, char **argv);
int verb_gc(int argc, char **argv);
int verb_help(int argc, char **argv);
int verb_images(int argc, char **argv);
int verb_import(int argc, char **argv);
int verb_inspect(int argc, char **argv);
int verb_kill(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_logs(int argc, char **argv);
int verb_network(int argc, char **argv);
int verb_pause(int argc, char **argv);
int verb_pod(int argc, char **argv);
int verb_pull(int argc, char **argv);
int verb_push(int argc, char **argv);
int verb_restart(int argc, char **argv);
int verb_rm(int argc, char **argv);
int verb_rmi(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_save(int argc, char **argv);
int verb_secret(int argc, char **argv);
int verb_start(int argc, char **argv);
int verb_stats(int argc, char **argv);
int verb_stop(int argc, char **argv);
int verb_tag(int argc, char **argv);
int verb_top(int argc, char **argv);
int verb_trust(int argc, char **argv);
int verb_unpause(int argc, char **argv);
int verb_update(int argc, char **argv);
int verb_verify(int argc, char **argv);
int verb_volume(int argc, char **argv);
int verb_wait(int argc, char **argv);

/* Rows of those that are in the small program as well, see front.h. */
#define VERB_EXEC \
        { "exec", "[OPTION…] NAME COMMAND [ARGUMENT…]", "run a command in a container", verb_exec }
