/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What slipway-health is called with
 *
 * The launcher writes this command line and slipway-health reads it; slipway-health(8) describes it. To add
 * an option: a field, a row in the table of call.c, and a paragraph in the manual page.
 */

#include "lib/fault.h"
#include "nspawn-glue/health/schedule.h"

/* What may be kept, whoever asks for more. */
#define HEALTH_LOG_COUNT_MAX 100
#define HEALTH_LOG_SIZE_MAX 65536

typedef enum HealthAction {
        HEALTH_ACTION_NONE,
        HEALTH_ACTION_KILL,
        HEALTH_ACTION_RESTART,
        HEALTH_ACTION_STOP,
        _HEALTH_ACTION_MAX,
} HealthAction;

typedef struct HealthCall {
        const char *name;
        ScheduleRules rules;
        HealthAction on_failure;
        const char *log;    /* "local", "events_logger" or a directory */
        unsigned log_count; /* results to keep; 0 for as many as we keep at all, here and below */
        unsigned log_size;  /* bytes of a result's output */
        bool ready;         /* whether the first success is what makes the unit ready */
        uint64_t watchdog;  /* how often the service manager wants to hear of it, 0 for never */

        char **startup;       /* the startup check's command */
        char *const *command; /* the words after "--" */
} HealthCall;

/* All as by default. */
#define HEALTH_CALL_DEFAULT \
        ((HealthCall){                                          \
                        .rules = {                              \
                                        .interval = 30000000,   \
                                        .timeout = 30000000,    \
                                        .start_interval = 5000000, \
                                        .retries = 3,           \
                                        .startup_interval = 30000000, \
                                        .startup_timeout = 30000000, \
                                        .startup_success = 1,   \
                        },                                      \
                        .log = "local",                         \
                        .log_count = 5,                         \
                        .log_size = 4096,                       \
        })

/* @argv has the program's name first; the call borrows from it. Return: 0, -EINVAL with a fault, -ENOMEM. */
int health_call_parse(HealthCall *call, char *const *argv, Fault *fault);

/* The opposite: a new list, with @program first. Return: 0 or -ENOMEM. */
int health_call_write(const HealthCall *call, const char *program, char ***ret);

void health_call_done(HealthCall *call);

/* Return: _HEALTH_ACTION_MAX for a word that is none. */
HealthAction health_action_from_string(const char *word);
const char *health_action_to_string(HealthAction action);
