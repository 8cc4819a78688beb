/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>

#include "lib/strv.h"
#include "nspawn-glue/health/call.h"
#include "nspawn-glue/health/command.h"
#include "nspawn-glue/launch.h"

#define CHECKER SLIPWAY_LIBEXEC_DIR "/slipway-health"

/* What is executed, and the words that it borrows. */
typedef struct HealthPlan {
        HealthCall call;
        char **command;
} HealthPlan;

static void health_plan_done(HealthPlan *plan) {
        health_call_done(&plan->call);
        strv_free(plan->command);
}

/* The manifest's command, or else the image's. */
static int choose_command(const Launch *launch, char ***ret, Fault *fault) {
        const ImageConfig *config = &launch->image.config;
        const char *text = launch->options->health.command;
        int r;

        if (text && *text) {
                fault_locate(fault, &(Place){ .key = "--health-cmd" });
                r = health_command_of_text(text, config->shell, ret, fault);
                if (r >= 0)
                        fault_locate(fault, &(Place){});
                return r;
        }
        if (!config->health.test)
                return 0;
        r = health_command_of_words(config->health.test, config->shell, ret, fault);
        return r < 0 ? fault_wrap(fault, r,
                                       "the image's health check cannot be used; HealthCmd=none ignores it")
                     : 0;
}

static int choose_startup(const Launch *launch, HealthCall *call, Fault *fault) {
        const HealthOptions *options = &launch->options->health;
        int r;

        if (!options->startup_command || !*options->startup_command || options->no_startup_interval)
                return 0;
        fault_locate(fault, &(Place){ .key = "--health-startup-cmd" });
        r = health_command_of_text(
                        options->startup_command, launch->image.config.shell, &call->startup, fault);
        if (r < 0)
                return r;
        fault_locate(fault, &(Place){});
        call->rules.has_startup = call->startup;
        return 0;
}

/* From strong to weak, as in Docker: the manifest, the image, and what is there. 0 leaves it to the next. */
static void choose(uint64_t *value, uint64_t manifest, uint64_t image) {
        if (manifest > 0 || image > 0)
                *value = manifest > 0 ? manifest : image;
}

static void choose_count(unsigned *value, unsigned manifest, unsigned image) {
        if (manifest > 0 || image > 0)
                *value = manifest > 0 ? manifest : image;
}

static void choose_rules(ScheduleRules *rules, const HealthOptions *options, const ImageHealth *image) {
        choose(&rules->interval, options->interval, image->interval);
        choose(&rules->timeout, options->timeout, image->timeout);
        choose(&rules->start_period, options->start_period, image->start_period);
        choose(&rules->start_interval, options->start_interval, image->start_interval);
        choose_count(&rules->retries, options->retries, image->retries);
        choose(&rules->startup_interval, options->startup_interval, 0);
        choose(&rules->startup_timeout, options->startup_timeout, 0);
        choose_count(&rules->startup_retries, options->startup_retries, 0);
        choose_count(&rules->startup_success, options->startup_success, 0);
}

/* Images are not trusted to keep a processor busy. */
static int check_rules(const ScheduleRules *rules, Fault *fault) {
        const uint64_t times[] = { rules->interval, rules->timeout, rules->start_interval };

        for (size_t i = 0; i < ELEMENTS(times); i++)
                if (times[i] < 1000)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "the image's health check has a time of less than a millisecond; "
                                        "set "
                                        "HealthInterval= and HealthTimeout=, or HealthCmd=none");
        return 0;
}

static int choose_log(const HealthOptions *options, HealthCall *call, Fault *fault) {
        const char *place = options->log_destination;
        struct stat st;

        if (options->has_max_log_count)
                call->log_count = options->max_log_count;
        if (options->has_max_log_size)
                call->log_size = options->max_log_size;
        if (!place || !*place)
                return 0;

        call->log = place;
        if (strcmp(place, "local") == 0 || strcmp(place, "events_logger") == 0)
                return 0;
        fault_locate(fault, &(Place){ .key = "--health-log-destination" });
        if (*place != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is not local, events_logger or an absolute directory", place);
        if (stat(place, &st) < 0 || !S_ISDIR(st.st_mode))
                return fault_raise(fault, FAULT_MISSING, ENOTDIR, "there is no directory '%s'", place);
        fault_locate(fault, &(Place){});
        return 0;
}

/* With Notify=yes it is the app who speaks to the service manager. */
static void choose_watchdog(const Launch *launch, HealthCall *call) {
        const char *usec = getenv("WATCHDOG_USEC");

        if (usec && launch->options->notify != NOTIFY_YES)
                call->watchdog = strtoull(usec, NULL, 10);
}

int launch_prepare_health(Launch *launch, Fault *fault) {
        const ImageHealth *image = &launch->image.config.health;
        const HealthOptions *options = &launch->options->health;
        AUTO(health_plan_done) HealthPlan plan = { .call = HEALTH_CALL_DEFAULT };
        HealthCall *call = &plan.call;
        int r;

        r = options->no_interval ? 0 : choose_command(launch, &plan.command, fault);
        if (r < 0)
                return r;
        call->name = launch->options->name;
        call->ready = launch->options->notify == NOTIFY_HEALTHY;
        if (!plan.command)
                return call->ready ? fault_raise(fault, FAULT_MISSING, ENOENT,
                                                     "Notify=healthy waits for a health check, and there is "
                                                     "none: set HealthCmd=, or take Notify= away")
                                   : 0;

        call->command = plan.command;
        call->on_failure = options->on_failure;
        choose_rules(&call->rules, options, image);
        r = check_rules(&call->rules, fault);
        if (r >= 0)
                r = choose_startup(launch, call, fault);
        if (r >= 0)
                r = choose_log(options, call, fault);
        if (r < 0)
                return r;
        choose_watchdog(launch, call);
        return health_call_write(call, CHECKER, &launch->health);
}
