/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "generator/frontend.h"
#include "generator/model/kube.h"
#include "generator/plan/command.h"

/*
 * The others are wanted, but there is no order between them and this one: it waits for them itself, in both
 * directions, and an order would have it wait for the one or the other for ever.
 */
void kube_write_unit(const Kube *kube, UnitWriter *unit) {
        for (char **name = kube->units; name && *name; name++)
                unit_set_literal(unit, "Wants", *name);
}

static void write_command(const Kube *kube, UnitWriter *unit, const char *key, const char *verb) {
        AUTO(command_done) Command command = {};

        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway-kube", false);
        command_add_word(&command, verb, false);
        command_add_word(&command, kube->propagation ? kube->propagation : "none", false);
        for (char **name = kube->units; name && *name; name++)
                command_add_word(&command, *name, false);
        command_write(&command, unit, key, "");
}

/* When all have stopped: what somebody else uses stays, and that is no failure of this one. */
static void write_removal(const Kube *kube, UnitWriter *unit) {
        AUTO(command_done) Command command = {};

        if (kube->down_force != CHOICE_YES || !kube->volumes)
                return;
        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway", false);
        command_add_word(&command, "volume", false);
        command_add_word(&command, "rm", false);
        command_add_word(&command, "--ignore", false);
        for (char **name = kube->volumes; *name; name++)
                command_add_word(&command, *name, false);
        command_write(&command, unit, "ExecStopPost", "-");
}

void kube_write_service(const Kube *kube, UnitWriter *unit) {
        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "RemainAfterExit", "yes");
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "SyslogIdentifier", "%N");
        unit_set(unit, "TimeoutStopSec", "infinity");
        write_command(kube, unit, "ExecStart", "start");
        write_command(kube, unit, "ExecStop", "stop");
        write_removal(kube, unit);
}

void kube_write_info(const Kube *kube, UnitWriter *unit) {
        for (char **name = kube->units; name && *name; name++)
                unit_set_literal(unit, "Member", *name);
}
