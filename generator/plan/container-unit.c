/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/model/container.h"
#include "generator/plan/credentials.h"
#include "generator/plan/launcher-command.h"
#include "generator/plan/log.h"
#include "generator/values/device.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/strv.h"

#define PIDS_DEFAULT 2048 /* as in containers.conf(5) */

/* Whether it opens /dev/stdout by name, and what is written there has to be logged by somebody. */
static bool has_console(const Container *container) {
        const char *console = container_console(container);

        return !console || strcmp(console, "journal") == 0 || strcmp(console, "pipe") == 0;
}

const char *container_logged_name(const Container *container) {
        return has_console(container) ? container->name : NULL;
}

static void set_word(UnitWriter *unit, const char *key, const char *text) {
        unit_set_words(unit, key, &(UnitWord){ text, true }, 1);
}

/* A mount point that has to be there first; what only systemd knows is left out. "$$" is a '$' in no list.
 */
static void require_mount(UnitWriter *unit, const char *path, size_t n) {
        autofree char *copy = strndup(path, n);
        char *to = copy;

        if (!copy || *path != '/' || strstr(copy, "${"))
                return;
        for (const char *from = copy; *from; from++) {
                if (from[0] == '$' && from[1] == '$')
                        from++;
                *to++ = *from;
        }
        *to = '\0';
        set_word(unit, "RequiresMountsFor", copy);
}

static void require_mounts(const Container *container, UnitWriter *unit) {
        unit_set(unit, "RequiresMountsFor", SLIPWAY_STATE_DIR);
        if (container->rootfs)
                require_mount(unit, container->rootfs, strcspn(container->rootfs, ":"));

        for (char **volume = container->volume; volume && *volume; volume++)
                require_mount(unit, *volume, strcspn(*volume, ":"));

        for (char **mount = container->mount; mount && *mount; mount++) {
                const char *source = strstr(*mount, ",source=");

                /* Of a pattern what it begins with. */
                if (source)
                        require_mount(unit, source + 8,
                                        strcspn(source + 8, strncmp(*mount, "type=glob,", 10) == 0 ? ",*?["
                                                                                                   : ","));
        }

        for (char **secret = container->yaml_secret; secret && *secret; secret++) {
                const char *file = strstr(*secret, ",file=") + 6;

                require_mount(unit, file, strlen(file));
        }
}

void container_write_unit(const Container *container, UnitWriter *unit) {
        require_mounts(container, unit);
        if (container->image_service) {
                unit_set(unit, "Requires", container->image_service);
                unit_set(unit, "After", container->image_service);
        }
        for (char **service = container->needs; service && *service; service++) {
                unit_set(unit, "Requires", *service);
                unit_set(unit, "After", *service);
        }
        for (char **service = container->bound; service && *service; service++) {
                unit_set(unit, "BindsTo", *service);
                unit_set(unit, "After", *service);
        }
        if (has_console(container)) {
                unit_set_joined(unit, "Wants", "slipway-stdio@", container->name, ".socket");
                unit_set_joined(unit, "After", "slipway-stdio@", container->name, ".socket");
        }
}

/* "/dev/fuse:/dev/fuse:rwm", maybe with a '-' in front, as a line for the device controller. */
static void allow_device(UnitWriter *unit, const char *device) {
        const char *host = device + (*device == '-');
        size_t n = strcspn(host, ":");
        autofree char *path = strndup(host, n);
        const char *permissions = strrchr(device, ':') + 1, *class;

        if (!path)
                return;
        class = device_class(path);
        unit_set_words(unit, "DeviceAllow",
                        (UnitWord[]){ { class ? class : path, !class }, { permissions, false } }, 2);
}

static void write_devices(const Container *container, UnitWriter *unit) {
        unit_set(unit, "DevicePolicy", "closed");
        unit_set(unit, "DeviceAllow", "char-pts rwm");
        for (char **device = container->device; device && *device; device++)
                allow_device(unit, *device);
}

/* With the largest unit that leaves no remainder, which is how people write it. */
static void set_size(UnitWriter *unit, const char *key, int64_t bytes) {
        static const char units[] = "\0KMGTP";
        size_t i = 0;

        if (bytes == CONTAINER_UNLIMITED) {
                unit_set(unit, key, "infinity");
                return;
        }
        for (; bytes > 0 && bytes % 1024 == 0 && i < 5; i++)
                bytes /= 1024;
        unit_setf(unit, key, "%lld%.1s", (long long) bytes, units + i);
}

static void write_memory(const Container *container, UnitWriter *unit) {
        int64_t memory = container->memory, swap = container->memory_swap;

        if (memory != 0)
                set_size(unit, "MemoryMax", memory);

        /* As much swap as memory, as podman; memory_swap has both in it. */
        if (swap == 0)
                swap = memory;
        else if (swap > 0 && memory > 0)
                swap -= memory;
        if (swap != 0 || memory != 0)
                set_size(unit, "MemorySwapMax", swap);
        if (container->memory_reservation > 0)
                set_size(unit, "MemoryLow", container->memory_reservation);
}

static void write_limits(const Container *container, UnitWriter *unit) {
        int64_t pids = container->pids_limit == 0 ? PIDS_DEFAULT : container->pids_limit;

        if (pids == CONTAINER_UNLIMITED)
                unit_set(unit, "TasksMax", "infinity");
        else
                unit_setf(unit, "TasksMax", "%lld", (long long) pids);

        write_memory(container, unit);
        if (container->cpu_quota > 0 && container->cpu_quota % 100 == 0)
                unit_setf(unit, "CPUQuota", "%lld%%", (long long) (container->cpu_quota / 100));
        else if (container->cpu_quota > 0)
                unit_setf(unit, "CPUQuota", "%lld.%02lld%%", (long long) (container->cpu_quota / 100),
                                (long long) (container->cpu_quota % 100));
        if (container->cpu_weight > 0)
                unit_setf(unit, "CPUWeight", "%lld", (long long) container->cpu_weight);
        if (container->oom_score)
                unit_set(unit, "OOMScoreAdjust", container->oom_score);
}

static void write_action(const Container *container, UnitWriter *unit, const char *key, const char *prefix,
                UnitWord action) {
        const UnitWord words[] = {
                { SLIPWAY_LIBEXEC_DIR "/slipway-nspawn", false },
                action,
                { container->name, true },
        };

        unit_set_command(unit, key, prefix, words, ELEMENTS(words));
}

/* A command enters the container, a signal comes from outside. */
static void write_reload(const Container *container, UnitWriter *unit) {
        size_t n = strv_length(container->reload_command), k = 0;
        autofree UnitWord *words = NULL;

        if (container->reload_signal)
                write_action(container, unit, "ExecReload", "",
                                (UnitWord){ container->reload_signal, true,
                                                container->notify_reload ? "--reload=" : "--signal=" });
        if (n == 0)
                return;
        words = calloc(n + 3, sizeof(UnitWord));
        if (!words) {
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
                return;
        }
        words[k++] = (UnitWord){ SLIPWAY_BIN_DIR "/slipway", false };
        words[k++] = (UnitWord){ "exec", false };
        words[k++] = (UnitWord){ container->name, true };
        for (size_t i = 0; i < n; i++)
                words[k++] = (UnitWord){ container->reload_command[i], true };
        unit_set_command(unit, "ExecReload", "", words, k);
}

static void write_commands(const Container *container, UnitWriter *unit) {
        AUTO(command_done) Command command = {};
        if (launcher_command_build(container, &command) < 0) {
                unit->error = unit->error < 0 ? unit->error : -ENOMEM;
                return;
        }
        unit_set_command(unit, "ExecStart", "", command.words, command.n_words);
        write_reload(container, unit);
        write_action(container, unit, "ExecStopPost", "-", (UnitWord){ "--clean", false });
}

void container_write_service(const Container *container, UnitWriter *unit) {
        unit_set(unit, "Type", "notify");
        unit_set(unit, "NotifyAccess", "all");
        /* Containers see their control groups read-only: no controller beyond what TasksMax= takes anyway.
         */
        unit_set(unit, "Delegate", "pids");
        unit_set(unit, "KillMode", "mixed");
        unit_set_literal(unit, "Slice", container->slice ? container->slice : "slipway.slice");
        if (container->pod)
                unit_set_joined(unit, "NetworkNamespacePath", SLIPWAY_RUNTIME_DIR "/pods/", container->pod,
                                "/net");
        write_devices(container, unit);
        /* systemd-nspawn's own filter is laxer than ours and takes 40 ms to make. */
        unit_set(unit, "Environment", "SYSTEMD_SECCOMP=0");
        write_limits(container, unit);
        unit_set(unit, "TimeoutStopSec", container->stop_timeout ? container->stop_timeout : "10s");
        /* SIGTERM, as a shell has it; and with what slipway-nspawn ends a container in which no signal
         * arrives. */
        unit_set(unit, "SuccessExitStatus", "143 SIGVTALRM");
        unit_set(unit, "OOMPolicy", "continue");
        credentials_write(container, unit);
        log_write(container, unit);
        write_commands(container, unit);
}

/* What a user has to do before the container is told to stop comes before: so it is still there. */
void container_write_stop(const Container *container, UnitWriter *unit) {
        write_action(container, unit, "ExecStop", "-", (UnitWord){ "--stop", false });
}

void container_write_info(const Container *container, UnitWriter *unit) {
        set_word(unit, "Container", container->name);
        if (container->image)
                set_word(unit, "Image", container->image);
        else
                set_word(unit, "Rootfs", container->rootfs);
        if (container->pod)
                set_word(unit, "Pod", container->pod);
}
