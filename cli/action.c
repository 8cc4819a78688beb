/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/action.h"

#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/strv.h"

#define MANAGER "org.freedesktop.systemd1"

static int ask(Action *action, GeneratedUnits *units, Fault *fault) {
        autostrv char **patterns = NULL;
        int r = containers_patterns(units, &patterns);

        if (r >= 0 && patterns)
                r = manager_states(action->bus, patterns, &action->states, fault);
        return r < 0 ? r : containers_add_instances(units, &action->states);
}

static bool is_running(const UnitStates *states, const char *unit) {
        const UnitState *state = unit_states_find(states, unit);

        return state && strcmp(state->active, "inactive") != 0 && strcmp(state->active, "failed") != 0;
}

bool action_is_running(const Action *action, const GeneratedUnit *unit) {
        return is_running(&action->states, unit->unit);
}

/* Those of all that --all means for this verb. */
static int keep_running(Action *action) {
        GeneratedUnits kept = {};
        int r = 0;

        for (size_t i = 0; r >= 0 && i < action->units.n; i++)
                if (action_is_running(action, &action->units.units[i]))
                        r = generated_add(&kept, &action->units.units[i]);
        generated_done(&action->units);
        action->units = kept;
        return r;
}

int action_open(Action *action, ActionAll all, char *const *words, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        bool is_all = !words || !*words;
        int r = containers_read(false, &units, fault);

        if (r >= 0)
                r = manager_connect(false, &action->bus, fault);
        if (r >= 0)
                r = ask(action, &units, fault);
        if (r >= 0)
                r = containers_select(&units, is_all ? NULL : words, &action->units, fault);
        if (r >= 0 && is_all && all == ACTION_RUNNING)
                r = keep_running(action);
        if (r < 0 && !fault_is_raised(fault))
                return fault_wrap(fault, r, "cannot find the containers");
        return r < 0 ? r : 0;
}

void action_close(Action *action) {
        generated_done(&action->units);
        unit_states_done(&action->states);
        sd_bus_flush_close_unref(action->bus);
        *action = (Action){};
}

static const char *name_of(const GeneratedUnit *unit) {
        static char buffer[256];

        return container_name(unit, buffer, sizeof(buffer));
}

static void say(const Action *action, const GeneratedUnit *unit) {
        if (action->verbose)
                printf("%s\n", name_of(unit));
}

static int fail(const Fault *fault) {
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

static int finish_job(Action *action, const GeneratedUnit *unit, const Job *job, const char *verb) {
        UnitReport report;
        Fault fault = {};
        char what[288];

        if (job_is_done(job)) {
                say(action, unit);
                return VERB_OK;
        }
        unit_report_read(action->bus, unit->unit, &report);
        (void) snprintf(what, sizeof(what), "%s '%s'", verb, name_of(unit));
        (void) job_explain(what, unit->unit, job->result, &report, &fault);
        if (!*report.status)
                job_last_words(unit->unit, &report);
        return fail(&fault);
}

/* Grace was shorter than the unit's own: what is still there is killed. */
static void kill_rest(Action *action, const Jobs *jobs) {
        for (size_t i = 0; i < jobs->n; i++)
                if (!*jobs->jobs[i].result)
                        (void) sd_bus_call_method(action->bus, MANAGER, "/org/freedesktop/systemd1",
                                        MANAGER ".Manager", "KillUnit", NULL, NULL, "ssi",
                                        jobs->jobs[i].unit, "all", SIGKILL);
}

int action_run_jobs(Action *action, const char *method, const char *verb, uint64_t timeout) {
        AUTO(jobs_close) Jobs jobs = {};
        const GeneratedUnit **of = calloc(action->units.n + 1, sizeof(*of));
        int status = VERB_OK, r;
        Fault fault = {};

        if (!of || jobs_open(&jobs, action->bus, &fault) < 0) {
                free(of);
                return fail(&fault);
        }
        for (size_t i = 0; i < action->units.n; i++) {
                Fault queued = {};

                if (jobs_queue(&jobs, method, action->units.units[i].unit, &queued) < 0)
                        status = fail(&queued);
                else
                        of[jobs.n - 1] = &action->units.units[i];
        }

        r = jobs_wait_for(&jobs, timeout, &fault);
        if (r == 0) {
                kill_rest(action, &jobs);
                r = jobs_wait(&jobs, &fault);
        }
        if (r < 0)
                status = fail(&fault);
        for (size_t i = 0; r >= 0 && i < jobs.n; i++)
                if (finish_job(action, of[i], &jobs.jobs[i], verb) != VERB_OK)
                        status = VERB_FAILED;
        free(of);
        return status;
}

int action_each(Action *action, ActionOne *act, void *userdata) {
        int status = VERB_OK;

        for (size_t i = 0; i < action->units.n; i++) {
                Fault fault = {};

                if (act(action, &action->units.units[i], userdata, &fault) < 0)
                        status = fail(&fault);
                else
                        say(action, &action->units.units[i]);
        }
        return status;
}

int action_call(Action *action, const char *method, const char *unit, const char *what, Fault *fault) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_call_method(action->bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager",
                        method, &error, NULL, "s", unit);

        return r < 0 ? manager_fault(&error, r, what, fault) : 0;
}

int action_main(int argc, char **argv, ActionAll all, int (*run)(Action *action)) {
        static const Option options[] = { ACTION_OPTION_ALL, ACTION_OPTION_VERBOSE };
        AUTO(action_close) Action action = {};
        bool is_all = false;
        Fault fault = {};
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'a')
                        is_all = true;
                else if (key == 'v')
                        action.verbose = true;
                else
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;

        if (is_all == (optind < argc))
                return options_misused(argv[0],
                                is_all ? "--all needs no names" : "the name of a container is missing");
        if (action_open(&action, all, is_all ? NULL : argv + optind, &fault) < 0)
                return fail(&fault);
        return run(&action);
}

/* The launcher's own broom: for what was killed before it could sweep. */
static void clean(const char *name) {
        char *argv[] = { (char *) SLIPWAY_LIBEXEC_DIR "/slipway-nspawn", (char *) "--clean", (char *) name,
                NULL };
        pid_t pid;

        if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0)
                (void) waitpid(pid, NULL, 0);
}

/* A unit that is to be forgotten, and when that has happened. */
typedef struct Removal {
        const char *unit;
        bool is_over;
} Removal;

static int take_removed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Removal *removal = userdata;
        const char *unit;

        (void) error;
        if (sd_bus_message_read(message, "so", &unit, NULL) >= 0 && strcmp(unit, removal->unit) == 0)
                removal->is_over = true;
        return 0;
}

/* Only then its name is free. Who has something else to do with the unit may keep it for longer. */
static int wait_removed(sd_bus *bus, const Removal *removal) {
        enum { MOST_USEC = 2000000, ROUND_USEC = 50000 };
        int r = 0;

        for (int waited = 0; r >= 0 && !removal->is_over && waited < MOST_USEC;) {
                r = sd_bus_process(bus, NULL);
                if (r != 0)
                        continue;
                r = sd_bus_wait(bus, ROUND_USEC);
                waited += r == 0 ? ROUND_USEC : 0;
        }
        return r;
}

static int stop_and_forget(sd_bus *bus, const GeneratedUnit *unit, const Removal *removal, Fault *fault) {
        AUTO(jobs_close) Jobs jobs = {};
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = jobs_open(&jobs, bus, fault);

        if (r >= 0)
                r = jobs_queue(&jobs, "StopUnit", unit->unit, fault);
        if (r >= 0)
                r = jobs_wait(&jobs, fault);
        /* A unit that is gone by now has nothing to forget. */
        if (r >= 0 && sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager",
                                      "ResetFailedUnit", &error, NULL, "s", unit->unit) < 0)
                sd_bus_error_free(&error);
        if (r >= 0 && unit->is_transient)
                r = wait_removed(bus, removal);
        return r;
}

int container_remove(sd_bus *bus, const GeneratedUnit *unit, Fault *fault) {
        const char *sender = sd_bus_is_bus_client(bus) > 0 ? MANAGER : NULL;
        Removal removal = { .unit = unit->unit };
        sd_bus_slot *slot = NULL;
        int r = sd_bus_match_signal(bus, &slot, sender, "/org/freedesktop/systemd1", MANAGER ".Manager",
                        "UnitRemoved", take_removed, &removal);

        if (r >= 0)
                r = stop_and_forget(bus, unit, &removal, fault);
        sd_bus_slot_unref(slot);
        if (r >= 0 && unit->container && geteuid() == 0)
                clean(unit->container);
        return r < 0 && !fault_is_raised(fault) ? fault_wrap(fault, r, "cannot remove the container") : r;
}
