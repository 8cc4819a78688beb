/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway-kube: what the unit of a .kube file asks about those that it stands for; see slipway-kube(8). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/job.h"
#include "cli/kube-state.h"
#include "lib/report.h"
#include "lib/strv.h"

static const char usage[] = "Usage: slipway-kube start|stop none|any|all UNIT…\n"
                            "       slipway-kube ended UNIT\n"
                            "\n"
                            "Starts or stops units of Kubernetes YAML and says whether they have failed, or "
                            "stops UNIT when\n"
                            "all that it wants has ended. Called by units, see slipway-kube(8).\n";

/* Queues a job for each, and waits for all. What fails is told, and no failure of ours. */
static int run_jobs(sd_bus *bus, const char *method, const char *verb, char *const *units, Fault *fault) {
        AUTO(jobs_close) Jobs jobs = {};
        int r = jobs_open(&jobs, bus, fault);

        for (; r >= 0 && *units; units++) {
                Fault said = {};

                if (jobs_queue(&jobs, method, *units, &said) < 0)
                        report_fault(REPORT_WARNING, &said);
        }
        if (r >= 0)
                r = jobs_wait(&jobs, fault);
        for (size_t i = 0; r >= 0 && i < jobs.n; i++)
                if (!job_is_done(&jobs.jobs[i]))
                        report_note(REPORT_WARNING, "cannot %s %s: %s", verb, jobs.jobs[i].unit,
                                        jobs.jobs[i].result);
        return r;
}

/* Before they are stopped, and after they were started: then it is themselves who have failed. */
static int judge(sd_bus *bus, KubePropagation propagation, char *const *units, Fault *fault) {
        AUTO(unit_states_done) UnitStates states = {};
        const UnitState *failure;
        int r = manager_states(bus, units, &states, fault);

        if (r < 0)
                return r;
        failure = kube_state_failure(&states, propagation);
        return failure ? fault_raise(fault, FAULT_VALUE, ECHILD, "%s has failed", failure->unit) : 0;
}

static int start_units(sd_bus *bus, KubePropagation propagation, char *const *units, Fault *fault) {
        int r = run_jobs(bus, "StartUnit", "start", units, fault);

        return r < 0 ? r : judge(bus, propagation, units, fault);
}

static int stop_units(sd_bus *bus, KubePropagation propagation, char *const *units, Fault *fault) {
        Fault unheard = {};
        int judged = judge(bus, propagation, units, fault);
        int r = run_jobs(bus, "StopUnit", "stop", units, judged < 0 ? &unheard : fault);

        return judged < 0 ? judged : r;
}

static int run_all(bool is_start, const char *word, char *const *units, Fault *fault) {
        KubePropagation propagation = kube_propagation_from_string(word);
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (propagation == _KUBE_PROPAGATION_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not one of none, any and all", word);
        r = manager_connect(false, &bus, fault);
        if (r < 0)
                return r;
        return is_start ? start_units(bus, propagation, units, fault)
                        : stop_units(bus, propagation, units, fault);
}

static int stop_unit(sd_bus *bus, const char *unit, Fault *fault) {
        AUTO(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_call_method(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager", "StopUnit", &error, NULL, "ss", unit, "fail");

        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot stop %s: %s", unit,
                                       error.message ? error.message : strerror(-r))
                     : 0;
}

/* As long as it is being started, it can be stopped by nobody but a person. */
static int wait_until_started(sd_bus *bus, const char *unit, bool *ret_active, Fault *fault) {
        for (;;) {
                AUTO(unit_states_done) UnitStates states = {};
                const UnitState *state;
                int r = manager_states(bus, (char *[]){ (char *) unit, NULL }, &states, fault);

                if (r < 0)
                        return r;
                state = unit_states_find(&states, unit);
                *ret_active = state && strcmp(state->active, "active") == 0;
                if (!state || strcmp(state->active, "activating") != 0)
                        return 0;
                (void) usleep(200000);
        }
}

/* What it wants for itself, network-online.target for one, never ends. Members are parts of it besides. */
static char **find_members(sd_bus *bus, const char *unit) {
        autostrv char **wanted = manager_unit_list(bus, unit, "Wants"),
                      **parts = manager_unit_list(bus, unit, "ConsistsOf"), **members = NULL;

        for (char **name = wanted; name && *name; name++)
                if (strv_find(parts, *name) && strv_append(&members, *name) < 0)
                        return NULL;
        return TAKE(members);
}

/* It is stopped, so that its ExecStop= says how it went. What somebody does with it meanwhile goes first. */
static int end_unit(const char *unit, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        AUTO(unit_states_done) UnitStates states = {};
        autostrv char **members = NULL;
        bool is_active = false;
        int r;

        r = manager_connect(false, &bus, fault);
        if (r >= 0)
                r = wait_until_started(bus, unit, &is_active, fault);
        if (r < 0 || !is_active)
                return r;
        members = find_members(bus, unit);
        if (!members)
                return 0;
        r = manager_states(bus, members, &states, fault);
        if (r < 0 || !kube_state_is_over(&states))
                return r;
        return stop_unit(bus, unit, fault);
}

int main(int argc, char **argv) {
        Fault fault = {};
        int r;

        report_init("slipway-kube", report_choose_sink());
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-kube %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        if (argc > 3 && (strcmp(argv[1], "start") == 0 || strcmp(argv[1], "stop") == 0))
                r = run_all(strcmp(argv[1], "start") == 0, argv[2], argv + 3, &fault);
        else if (argc == 3 && strcmp(argv[1], "ended") == 0)
                r = end_unit(argv[2], &fault);
        else {
                report_note(REPORT_ERROR, "it is called as slipway-kube --help says");
                return EX_USAGE;
        }
        if (r < 0)
                report_fault(REPORT_ERROR, &fault);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
