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
#include "cli/attach.h"
#include "cli/end-status.h"
#include "cli/foreground.h"
#include "cli/run-parse.h"
#include "cli/run-plan.h"
#include "cli/run-pull.h"
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

/* A start that failed has no app whose status could be given; but a shell's words for why it has none, and
 * the signal of one that was told not to go on. */
static int start_status(const Foreground *foreground) {
        int status = foreground_status(foreground);

        return status == 126 || status == 127 || foreground->stopped_by > 0 ? status : RUN_FAILED;
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

        if (foreground->stopped_by == 0 && *report->status && end_was_out_of_memory(foreground->name)) {
                report_note(REPORT_ERROR, "'%s' has ended: %s", foreground->name, report->status);
                return;
        }
        if (foreground->stopped_by > 0 || *report->result == '\0' ||
                        strcmp(report->result, "success") == 0 || strcmp(report->result, "exit-code") == 0 ||
                        strcmp(report->result, "signal") == 0)
                return;
        (void) snprintf(what, sizeof(what), "keep '%s' running", foreground->name);
        (void) job_explain(what, foreground->unit, "failed", report, &fault);
        report_fault(REPORT_ERROR, &fault);
}

/* Its next life has no streams of ours: who thinks that it is over is told how to go on. */
static void tell_restart(const RunPlan *plan, const Foreground *foreground) {
        UnitReport now = {};

        if (foreground->stopped_by > 0 || !strstr(plan->text, "\nRestart="))
                return;
        unit_report_read(foreground->bus, foreground->unit, &now);
        if (strcmp(now.active, "activating") == 0 || strcmp(now.active, "active") == 0)
                report_note(REPORT_NOTICE,
                                "'%s' is started again; 'slipway logs --follow %s' shows what it says, "
                                "'slipway stop %s' ends it",
                                foreground->name, foreground->name, foreground->name);
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
        tell_restart(plan, foreground);
        return foreground_status(foreground);
}

/* Wherever the word has come from, a drop-in for instance. To take one of the app's for it does no harm. */
static bool has_host_root(const RunPlan *plan) {
        return strstr(plan->text, " --userns=host");
}

/* Return: how it has ended, as AttachEnd; -errno with a fault. */
static int attach(const RunCall *call, Foreground *foreground, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        Attach session = { .no_stdin = !call->switches.interactive, .signal_fd = -1 };
        int fd = foreground->tty_fd, r;

        (void) detach_keys_parse(DETACH_KEYS_DEFAULT, &session.keys);
        /* One that has ended by now has no processes, but what it has written is still to be read. */
        (void) running_open(foreground->name, &running, NULL);
        session.running = running;
        foreground->tty_fd = -1;
        foreground->wants_terminal = false;
        if (fd < 0)
                return ATTACH_ENDED;
        r = attach_take_signals(&session);
        if (r < 0)
                return fault_wrap(fault, r, "cannot take signals");
        r = attach_socket(&session, fd, fault);
        (void) close(session.signal_fd);
        return r;
}

/* With a terminal: its server has what the app writes, from the first byte on. */
static int run_terminal(const RunCall *call, const RunPlan *plan, Foreground *foreground, Fault *fault) {
        int how;

        if (foreground_expect_terminal(foreground, fault) < 0 || start(plan, foreground, fault) < 0)
                return RUN_FAILED;
        if (foreground_wait_start(foreground, fault) < 0)
                return start_status(foreground);

        /* A signal to us ends a connection; what it does to the container is decided as without a terminal.
         */
        while ((how = attach(call, foreground, fault)) >= ATTACH_SIGNAL) {
                foreground_pass_signal(foreground, how - ATTACH_SIGNAL);
                foreground->tty_fd = attach_connect(foreground->name);
        }
        if (how == ATTACH_DETACHED)
                return VERB_OK;
        if (how < 0 || foreground_wait_end(foreground, fault) < 0)
                return RUN_FAILED;
        tell_end(foreground);
        tell_restart(plan, foreground);
        return foreground_status(foreground);
}

static int act(const RunCall *call, const RunPlan *plan, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        AUTO(foreground_close) Foreground foreground = FOREGROUND_CLOSED;
        AUTO(streams_close) Streams streams = STREAMS_CLOSED;
        int r = manager_connect(false, &bus, fault);

        if (r >= 0 && call->switches.replace)
                r = replace(bus, plan, fault);
        if (r >= 0)
                r = check_name(plan, fault);
        if (r >= 0)
                r = foreground_open(&foreground, bus, plan->name, plan->unit, fault);
        if (r >= 0 && !call->switches.detach && !call->switches.terminal) {
                r = streams_open(&streams, &(StreamsWish){ call->switches.interactive, has_host_root(plan) },
                                fault);
                foreground.streams = &streams;
        }
        if (r < 0)
                return RUN_FAILED;
        if (call->switches.detach)
                return run_detached(plan, &foreground, fault);
        return call->switches.terminal ? run_terminal(call, plan, &foreground, fault)
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

/* What was fetched here need not be asked for again by the unit. Return: 0, or -errno with a fault. */
static int fetch_image(RunCall *call, RunPlan *plan, Fault *fault) {
        int r = run_pull(call, fault);

        if (r <= 0)
                return r;
        call->manifest.flag = "--pull";
        r = run_manifest_add_key(&call->manifest, "Pull", "missing", fault);
        if (r < 0)
                return r;
        run_plan_done(plan);
        return run_plan(call, plan, fault);
}

static int run(RunCall *call, Fault *fault) {
        AUTO(run_plan_done) RunPlan plan = {};
        int status;

        if (run_plan(call, &plan, fault) < 0)
                return RUN_FAILED;
        status = tell_faults(&plan);
        if (call->switches.print_manifest)
                return status == VERB_OK ? print_manifest(call, fault) : status;
        if (status != VERB_OK)
                return status;
        return fetch_image(call, &plan, fault) < 0 ? RUN_FAILED : act(call, &plan, fault);
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
