/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/model/pod.h"
#include "generator/passthrough.h"
#include "generator/plan/command.h"
#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/strv.h"

static bool ends_with_last(const Pod *pod) {
        return !pod->exit_policy || strcmp(pod->exit_policy, "stop") == 0;
}

/*
 * Its containers need it, so that it is not needed any more when the last has stopped; and whoever wants the
 * pod wants its containers.
 */
void pod_write_unit(const Pod *pod, UnitWriter *unit) {
        unit_set(unit, "RequiresMountsFor", SLIPWAY_STATE_DIR);
        for (char **service = pod->needs; service && *service; service++) {
                unit_set(unit, "Requires", *service);
                unit_set(unit, "After", *service);
        }
        if (ends_with_last(pod))
                unit_set(unit, "StopWhenUnneeded", "yes");
        for (char **service = pod->members; service && *service; service++) {
                unit_set(unit, "Wants", *service);
                unit_set(unit, "Before", *service);
        }
}

static void add_up(Command *command, const Pod *pod) {
        command_add_word(command, SLIPWAY_LIBEXEC_DIR "/slipway-net", false);
        command_add_word(command, "pod-up", false);
        command_add_word(command, pod->name, true);
        command_add_option(command, "--hostname=", pod->hostname);
        command_add_list(command, "--network=", pod->network);
        command_add_list(command, "--network-alias=", pod->alias);
        command_add_option(command, "--ip=", pod->ip);
        command_add_option(command, "--ip6=", pod->ip6);
        command_add_list(command, "--publish=", pod->publish);
        command_add_list(command, "--add-host=", pod->add_host);
        command_add_list(command, "--dns=", pod->dns);
        command_add_list(command, "--dns-option=", pod->dns_option);
        command_add_list(command, "--dns-search=", pod->dns_search);
        command_add_option(command, "--shm-size=", pod->shm_size);
        if (pod_shares_processes(pod))
                command_add_option(command, "--share=", pod->share);
        command_add_option(command, "--userns=", pod->userns);
        command_add_list(command, "--label=", pod->label);
}

/* Nothing that gives the unit mounts of its own: the namespaces are pinned where all others see them. */
static void write_sandbox(UnitWriter *unit) {
        static const char *const switches[] = { "LockPersonality", "NoNewPrivileges", "RestrictRealtime" };

        for (size_t i = 0; i < ELEMENTS(switches); i++)
                unit_set(unit, switches[i], "yes");
}

/* Where processes are shared there is one that takes in orphans, and is what the unit goes by. */
static void write_type(const Pod *pod, UnitWriter *unit) {
        bool has_process = pod_shares_processes(pod);

        unit_set(unit, "Type", has_process ? "notify" : "oneshot");
        unit_set(unit, "NotifyAccess", "main");
        if (has_process)
                unit_set(unit, "TimeoutStartSec", "infinity");
        else
                unit_set(unit, "RemainAfterExit", "yes");
}

void pod_write_service(const Pod *pod, UnitWriter *unit) {
        AUTO(command_done) Command up = {};
        const UnitWord down[] = {
                { SLIPWAY_LIBEXEC_DIR "/slipway-net", false },
                { "pod-down", false },
                { pod->name, true },
        };

        write_type(pod, unit);
        unit_set(unit, "Slice", "slipway.slice");
        unit_set(unit, "SyslogIdentifier", "%N");
        write_sandbox(unit);
        add_up(&up, pod);
        command_write(&up, unit, "ExecStart", "");
        /* Also after a start that was killed. */
        unit_set_command(unit, "ExecStopPost", "", down, ELEMENTS(down));
}

void pod_write_info(const Pod *pod, UnitWriter *unit) {
        unit_set_words(unit, "Pod", &(UnitWord){ pod->name, true }, 1);
        unit_set_literal(unit, "Slice", pod->slice);
}

/*
 * A target that wants a pod would need it, and the pod would stay when its last container has stopped. So
 * the target wants the containers, and they need the pod.
 */
static int plan_stand_ins(const Pod *pod, Arena *arena, InstallPlan *ret) {
        size_t n = strv_length(pod->members);
        const char **list;

        if (n == 0 || !ends_with_last(pod))
                return 0;
        list = arena_alloc(arena, (n + 1) * sizeof(*list));
        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                list[i] = arena_string(arena, pod->members[i]);
                if (!list[i])
                        return -ENOMEM;
        }
        list[n] = NULL;
        ret->stand_ins = list;
        return 0;
}

/* Limits of the whole: what its containers have together. */
int pod_plan_unit(const Pod *pod, const Manifest *manifest, Arena *arena, InstallPlan *ret) {
        AUTO(unit_done) UnitWriter unit = {};
        int r;

        unit_begin(&unit);
        unit_section(&unit, "Unit");
        unit_setf(&unit, "Description", "Containers of pod %s", manifest->stem);
        unit_set(&unit, "Documentation", "man:slipway.pod(5)");
        unit_set_path(&unit, "SourcePath", manifest->path);
        unit_section(&unit, "Slice");
        passthrough_write_slice(manifest, &unit);
        unit_section(&unit, "X-Slipway");
        unit_set(&unit, "Kind", "slice");
        if (unit.error < 0) /* the unit itself has the same lines, and their fault */
                return unit.error == -ENOMEM ? -ENOMEM : 0;

        r = install_add_unit(ret, arena, pod->slice, unit.text);
        return r < 0 ? r : plan_stand_ins(pod, arena, ret);
}
