/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway run: a container without a manifest.
 *
 * Parse: words become flags. Plan: flags become the text of a manifest, and that becomes a unit by the
 * generator's own code. Act: the unit is given to systemd as a transient one.
 */

#include <stdio.h>
#include <string.h>

#include "cli/action.h"
#include "cli/foreground.h"
#include "cli/run-parse.h"
#include "cli/run-plan.h"
#include "cli/streams.h"
#include "cli/transient.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "nspawn-glue/control.h"

/* What slipway itself cannot do, as docker and podman have it. All else is the app's own status. */
#define RUN_FAILED EXIT_LAUNCHER

/* Who has the name already, and what can be done about it. Return: 0 when it is free. */
static int check_name(const RunPlan *plan, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        int r = containers_read(false, &units, fault);

        for (size_t i = 0; r >= 0 && i < units.n; i++) {
                const GeneratedUnit *unit = &units.units[i];
                bool has_name = unit->container && strcmp(unit->container, plan->name) == 0;

                if (unit->is_template || (!has_name && strcmp(unit->unit, plan->unit) != 0))
                        continue;
                if (unit->is_transient)
                        return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                        "there is a container '%s' already; 'slipway rm --force %s' removes "
                                        "it, and "
                                        "so does --replace",
                                        plan->name, plan->name);
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "'%s' is the container of '%s'; choose another --name, or 'slipway start "
                                "%s'",
                                plan->name, unit->source ?: unit->unit, plan->name);
        }
        return r;
}

/* One that was made in this way is stopped and forgotten; manifests are not ours to replace. */
static int replace(sd_bus *bus, const RunPlan *plan, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(generated_unit_done) GeneratedUnit unit = {};
        int r = containers_read(false, &units, fault);

        if (r < 0 || container_find(&units, plan->name, &unit, NULL) < 0 || !unit.is_transient)
                return r;
        return container_remove(bus, &unit, fault);
}

static int start(const RunPlan *plan, Foreground *foreground, Fault *fault) {
        Streams *streams = foreground->streams;
        autofree char *job = NULL;
        int r = transient_start(foreground->bus, plan->unit, plan->text, streams ? &streams->theirs : NULL,
                        &job, fault);

        if (streams)
                streams_close_theirs(streams);
        return r < 0 ? r : foreground_adopt(foreground, job);
}

/* A start that failed has no app whose status could be given; but a shell's words for why it has none. */
static int start_status(const Foreground *foreground) {
        int status = foreground_status(foreground);

        return status == 126 || status == 127 ? status : RUN_FAILED;
}

static int run_detached(const RunPlan *plan, Foreground *foreground, Fault *fault) {
        int r = start(plan, foreground, fault);

        if (r < 0)
                return RUN_FAILED;
        if (foreground_wait_start(foreground, fault) < 0)
                return start_status(foreground);
        printf("%s\n", plan->name);
        return VERB_OK;
}

/* Why it has ended, if that was neither its own doing nor the user's. */
static void tell_end(const Foreground *foreground) {
        const UnitReport *report = &foreground->watch.report;
        Fault fault = {};
        char what[96];

        if (foreground->stopped_by > 0 || *report->result == '\0' ||
                        strcmp(report->result, "success") == 0 || strcmp(report->result, "exit-code") == 0 ||
                        strcmp(report->result, "signal") == 0)
                return;
        (void) snprintf(what, sizeof(what), "keep '%s' running", foreground->name);
        (void) job_explain(what, foreground->unit, "failed", report, &fault);
        report_fault(REPORT_ERROR, &fault);
}

static int run_attached(const RunPlan *plan, Foreground *foreground, Fault *fault) {
        int r = start(plan, foreground, fault);

        if (r < 0)
                return RUN_FAILED;
        if (foreground_wait_start(foreground, fault) < 0)
                return start_status(foreground);
        if (foreground_wait_end(foreground, fault) < 0)
                return RUN_FAILED;
        tell_end(foreground);
        return foreground_status(foreground);
}

/* Wherever the word has come from, a drop-in for instance. To take one of the app's for it does no harm. */
static bool has_host_root(const RunPlan *plan) {
        return strstr(plan->text, " --userns=host");
}

static int act(const RunCall *call, const RunPlan *plan, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        AUTO(foreground_close) Foreground foreground = { .signal_fd = -1 };
        AUTO(streams_close) Streams streams = STREAMS_CLOSED;
        int r = manager_connect(false, &bus, fault);

        if (r >= 0 && call->switches.replace)
                r = replace(bus, plan, fault);
        if (r >= 0)
                r = check_name(plan, fault);
        if (r >= 0)
                r = foreground_open(&foreground, bus, plan->name, plan->unit, fault);
        if (r >= 0 && !call->switches.detach) {
                r = streams_open(&streams, &(StreamsWish){ call->switches.interactive, has_host_root(plan) },
                                fault);
                foreground.streams = &streams;
        }
        if (r < 0)
                return RUN_FAILED;
        return call->switches.detach ? run_detached(plan, &foreground, fault)
                                     : run_attached(plan, &foreground, fault);
}

static int print_manifest(const RunCall *call, Fault *fault) {
        autofree char *text = NULL;

        if (run_plan_manifest(call, &text, fault) < 0)
                return RUN_FAILED;
        (void) fputs(text, stdout);
        return VERB_OK;
}

static int tell_faults(const RunPlan *plan) {
        for (size_t i = 0; i < plan->faults.n_entries; i++)
                report_fault(plan->faults.entries[i].is_warning ? REPORT_WARNING : REPORT_ERROR,
                                &plan->faults.entries[i].fault);
        return plan->faults.n_errors > 0 ? RUN_FAILED : VERB_OK;
}

static int run(const RunCall *call, Fault *fault) {
        AUTO(run_plan_done) RunPlan plan = {};
        int status;

        if (run_plan(call, &plan, fault) < 0)
                return RUN_FAILED;
        status = tell_faults(&plan);
        if (call->switches.print_manifest)
                return status == VERB_OK ? print_manifest(call, fault) : status;
        return status == VERB_OK ? act(call, &plan, fault) : status;
}

int verb_run(int argc, char **argv) {
        AUTO(run_call_done) RunCall call = {};
        Fault fault = {};
        int status = RUN_FAILED;

        if (run_parse(argc, argv, &call, &fault) >= 0) {
                if (call.wants_help) {
                        run_flags_help();
                        return VERB_OK;
                }
                status = run(&call, &fault);
        }
        if (fault_is_raised(&fault))
                report_fault(REPORT_ERROR, &fault);
        return status;
}
