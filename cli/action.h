/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Verbs that do something to containers
 *
 * start, stop, restart, kill, rm, pause and their like take names, units and
 * patterns, or --all, and act on each of them through the service manager. One
 * that fails does not keep the others from being tried. Nothing is printed for
 * what succeeds, unless --verbose is given.
 */

#include "cli/container.h"
#include "cli/job.h"
#include "cli/options.h"

/* Which ones --all means. */
typedef enum ActionAll {
        ACTION_EVERY,   /* all that there are */
        ACTION_RUNNING, /* those whose units are active, or about to be */
} ActionAll;

typedef struct Action {
        sd_bus *bus;
        GeneratedUnits units; /* that were asked for */
        UnitStates states;    /* of those that are loaded */
        bool verbose;
} Action;

/* Rows for a verb's table of options, and their keys. */
#define ACTION_OPTION_ALL \
        { 'a', "all", NULL, "all containers that this can be done to" }
#define ACTION_OPTION_VERBOSE \
        { 'v', "verbose", NULL, "print the names of containers when it is done" }

/**
 * action_open() - find the containers
 * @words:      NULL-terminated names; none for all
 *
 * Return: 0, or -errno with a fault.
 */
int action_open(Action *action, ActionAll all, char *const *words, Fault *fault);

void action_close(Action *action);

/**
 * action_run_jobs() - one job for each container, all at the same time
 * @method:     StartUnit, StopUnit, RestartUnit
 * @verb:       what the job is called in messages
 * @timeout:    microseconds after which what still runs is killed; UINT64_MAX for never
 *
 * Return: an exit status; faults have been reported.
 */
int action_run_jobs(Action *action, const char *method, const char *verb, uint64_t timeout);

/* What a verb does to one container. Return: 0, or -errno with a fault. */
typedef int ActionOne(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault);

/* One container after the other. Return: an exit status; faults have been reported. */
int action_each(Action *action, ActionOne *act, void *userdata);

/* A method of the manager whose only argument is a unit. @what: "pause 'web'". */
int action_call(Action *action, const char *method, const char *unit, const char *what, Fault *fault);

/* Whether a unit runs, or is about to. */
bool action_is_running(const Action *action, const GeneratedUnit *unit);

/**
 * action_main() - a verb that has no other options, and whose containers are named or --all
 * @run:        what it does; returns an exit status
 */
int action_main(int argc, char **argv, ActionAll all, int (*run)(Action *action));

/* Stops a container, forgets that it failed, and removes what it has left. Return: 0, or -errno with a
 * fault. */
int container_remove(sd_bus *bus, const GeneratedUnit *unit, Fault *fault);
