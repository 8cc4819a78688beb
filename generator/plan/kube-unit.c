/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/model/kube.h"
#include "generator/plan/command.h"

/* What is wanted is started with it, and waited for; one that fails does not keep the others from starting.
 */
void kube_write_unit(const Kube *kube, UnitWriter *unit) {
        for (char **name = kube->units; name && *name; name++) {
                unit_set_literal(unit, "Wants", *name);
                unit_set_literal(unit, "After", *name);
        }
}

static void write_result(const Kube *kube, UnitWriter *unit, const char *key) {
        AUTO(command_done) Command command = {};

        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway-kube", false);
        command_add_word(&command, "result", false);
        command_add_word(&command, kube->propagation, false);
        for (char **name = kube->units; name && *name; name++)
                command_add_word(&command, *name, false);
        if (command.error < 0)
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
        else
                unit_set_command(unit, key, "", command.words, command.n_words);
}

/* There is nothing to run: it stands for the others, and tells of their failures if it is to. */
void kube_write_service(const Kube *kube, UnitWriter *unit) {
        bool tells = kube->propagation && strcmp(kube->propagation, "none") != 0;

        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "RemainAfterExit", "yes");
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "SyslogIdentifier", "%N");
        if (!tells) {
                unit_set(unit, "ExecStart", "/bin/true");
                return;
        }
        write_result(kube, unit, "ExecStart");
        write_result(kube, unit, "ExecStop");
}

void kube_write_info(const Kube *kube, UnitWriter *unit) {
        for (char **name = kube->units; name && *name; name++)
                unit_set_literal(unit, "Member", *name);
}
