/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway-kube: what the unit of a .kube file asks about those that it stands for; see slipway-kube(8). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/kube-state.h"
#include "lib/report.h"
#include "lib/strv.h"

static const char usage[] = "Usage: slipway-kube result none|any|all UNIT…\n"
                            "       slipway-kube ended UNIT\n"
                            "\n"
                            "Says whether units of Kubernetes YAML have failed, or stops UNIT when all that "
                            "it wants has ended.\n"
                            "Called by units, see slipway-kube(8).\n";

static int print_result(const char *word, char *const *units, Fault *fault) {
        KubePropagation propagation = kube_propagation_from_string(word);
        AUTO(unit_states_done) UnitStates states = {};
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        const UnitState *failure;
        int r;

        if (propagation == _KUBE_PROPAGATION_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not one of none, any and all", word);
        r = manager_connect(false, &bus, fault);
        if (r >= 0)
                r = manager_states(bus, units, &states, fault);
        if (r < 0)
                return r;
        failure = kube_state_failure(&states, propagation);
        return failure ? fault_raise(fault, FAULT_VALUE, ECHILD, "%s has failed", failure->unit) : 0;
}

static int stop_unit(sd_bus *bus, const char *unit, Fault *fault) {
        AUTO(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_call_method(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager", "StopUnit", &error, NULL, "ss", unit, "fail");

        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot stop %s: %s", unit,
                                       error.message ? error.message : strerror(-r))
                     : 0;
}

/* It is stopped, so that its ExecStop= says how it went. What somebody does with it meanwhile goes first. */
static int end_unit(const char *unit, Fault *fault) {
        AUTO(unit_states_done) UnitStates whole = {}, states = {};
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        autostrv char **wanted = NULL;
        const UnitState *state;
        int r;

        r = manager_connect(false, &bus, fault);
        if (r >= 0)
                r = manager_states(bus, (char *[]){ (char *) unit, NULL }, &whole, fault);
        if (r < 0)
                return r;
        state = unit_states_find(&whole, unit);
        if (!state || strcmp(state->active, "active") != 0)
                return 0;
        wanted = manager_unit_list(bus, unit, "Wants");
        if (!wanted || !*wanted)
                return 0;
        r = manager_states(bus, wanted, &states, fault);
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

        if (argc > 3 && strcmp(argv[1], "result") == 0)
                r = print_result(argv[2], argv + 3, &fault);
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
