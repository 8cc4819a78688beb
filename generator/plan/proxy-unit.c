/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/model/container.h"
#include "generator/plan/command.h"
#include "generator/sockets.h"
#include "generator/values/port.h"
#include "generator/values/value.h"
#include "lib/cleanup.h"

/*
 * The two units of a container whose ports start it: web.socket listens on them, and starts
 * web-proxy.service, which wants web.service.
 *
 * The proxy does not require the container: it is to outlive a restart, so that nobody is turned away
 * meanwhile. It ends by itself when the container is gone.
 */

/* What the specifiers of the container's unit mean, for a unit with another name. Those that cannot be told
 * are refused before. */
static const char *specifier(const Manifest *manifest, char letter, Arena *arena) {
        const char *service = manifest->service, *dot = strrchr(service, '.'), *at = strchr(service, '@');
        int prefix = (int) ((at ? at : dot) - service);

        switch (letter) {
        case 'p':
                return arena_format(arena, "%.*s", prefix, service);
        case 'N':
                return arena_format(arena, at ? "%.*s@%%i" : "%.*s", prefix, service);
        case 'n':
                return arena_format(arena, at ? "%.*s@%%i.service" : "%.*s.service", prefix, service);
        default:
                return arena_format(arena, "%%%c", letter);
        }
}

/* Return: NULL when out of memory. */
static const char *translate(const Manifest *manifest, const char *text, Arena *arena) {
        const char *done = "", *percent;

        while (done && (percent = strchr(text, '%')) && percent[1]) {
                const char *part = specifier(manifest, percent[1], arena);
                const char *before = arena_copy(arena, text, (size_t) (percent - text));

                done = part && before ? arena_join(arena, done, before, part) : NULL;
                text = percent + 2;
        }
        return done ? arena_join(arena, done, text, "") : NULL;
}

static void fail(UnitWriter *unit) {
        unit->error = unit->error < 0 ? unit->error : -ENOMEM;
}

/* "web.service" of this manifest; of an instance if there is one. */
static void set_unit(UnitWriter *unit, const char *key, const char *name, Arena *arena) {
        const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
        const char *text = name;

        if (at)
                text = arena_format(arena, "%.*s@%%i%s", (int) (at - name), name, dot);
        if (!text)
                fail(unit);
        else if (at)
                unit_set(unit, key, text);
        else
                unit_set_literal(unit, key, text);
}

/* Whether some port is for all IPv6 addresses only, so that none can be for both families at once. */
static bool has_any_ipv6(const Container *container) {
        for (char **port = container->publish; *port; port++)
                if (strncmp(*port, "[::]:", strlen("[::]:")) == 0)
                        return true;
        return false;
}

static const char *listen_key(const char *protocol) {
        return strcmp(protocol, "udp") == 0 ? "ListenDatagram" : "ListenStream";
}

/* A port without address is one of both families, by one socket or by two. */
static void listen_on(
                UnitWriter *unit, const char *key, const char *address, const char *port, bool is_split) {
        const char *open = strchr(address, ':') ? "[" : "", *close = *open ? "]" : "";

        if (*address)
                unit_setf(unit, key, "%s%s%s:%s", open, address, close, port);
        else if (is_split) {
                unit_setf(unit, key, "0.0.0.0:%s", port);
                unit_setf(unit, key, "[::]:%s", port);
        } else
                unit_set(unit, key, port);
}

/* "[ADDRESS:]HOST:CONTAINER[/PROTOCOL]" with specifiers: all but the end is what systemd takes. */
static void listen_dynamic(UnitWriter *unit, const char *text, bool is_split, Arena *arena) {
        const char *end = strrchr(text, '/'), *colon;
        char *host = arena_copy(arena, text, end ? (size_t) (end - text) : strlen(text));
        const char *key = listen_key(end ? end + 1 : "tcp");

        if (!host || !(colon = strrchr(host, ':'))) {
                fail(unit);
                return;
        }
        host[colon - host] = '\0';
        if (strchr(host, ':'))
                unit_set(unit, key, host);
        else
                listen_on(unit, key, "", host, is_split);
}

static void write_ports(const Container *container, UnitWriter *unit, Arena *arena) {
        bool is_split = has_any_ipv6(container), is_free = false;

        for (char **text = container->publish; *text; text++) {
                char number[8];
                Port port;

                is_free = is_free || strchr(strchr(*text, ':') + 1, ':');
                if (value_is_dynamic(*text)) {
                        listen_dynamic(unit, *text, is_split, arena);
                        continue;
                }
                if (port_parse(*text, &port, NULL) < 0)
                        continue;
                for (unsigned i = port.host.first; i <= port.host.last; i++) {
                        (void) snprintf(number, sizeof(number), "%u", i);
                        listen_on(unit, listen_key(port.protocol), port.address, number, is_split);
                }
        }
        unit_set(unit, "BindIPv6Only", is_split ? "ipv6-only" : "both");
        /* An address may come later than the socket, at boot. */
        if (is_free)
                unit_set(unit, "FreeBind", "yes");
}

static int plan_socket(const Container *container, const Manifest *manifest, const char *proxy, Arena *arena,
                InstallPlan *ret) {
        AUTO(unit_done) UnitWriter unit = {};

        sockets_write_head(manifest, &unit);
        unit_section(&unit, "Socket");
        write_ports(container, &unit, arena);
        set_unit(&unit, "Service", proxy, arena);
        unit_section(&unit, "X-Slipway");
        unit_set(&unit, "Kind", "socket");
        return unit.error < 0 ? unit.error : install_add_unit(ret, arena, manifest->socket, unit.text);
}

/* As the other programs of ours that speak to strangers. */
static void write_sandbox(UnitWriter *unit) {
        /* clang-format off */
        static const char *const settings[][2] = {
                { "DynamicUser", "yes" },
                { "CapabilityBoundingSet", "" },
                { "NoNewPrivileges", "yes" },
                { "LimitNOFILE", "131072" },
                { "LimitCORE", "0" },
                { "TasksMax", "4" },
                { "UMask", "0077" },
                { "KeyringMode", "private" },
                { "LockPersonality", "yes" },
                { "MemoryDenyWriteExecute", "yes" },
                { "PrivateDevices", "yes" },
                { "PrivateIPC", "yes" },
                { "PrivateMounts", "yes" },
                { "PrivateTmp", "yes" },
                { "PrivateUsers", "yes" },
                { "ProcSubset", "pid" },
                { "ProtectClock", "yes" },
                { "ProtectControlGroups", "yes" },
                { "ProtectHome", "yes" },
                { "ProtectHostname", "yes" },
                { "ProtectKernelLogs", "yes" },
                { "ProtectKernelModules", "yes" },
                { "ProtectProc", "invisible" },
                { "ProtectSystem", "strict" },
                { "RemoveIPC", "yes" },
                { "RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6" },
                { "RestrictNamespaces", "yes" },
                { "RestrictRealtime", "yes" },
                { "RestrictSUIDSGID", "yes" },
                { "SystemCallArchitectures", "native" },
                { "SystemCallFilter", "@system-service" },
                { "SystemCallFilter", "~@privileged @keyring @memlock @setuid @chown @aio" },
                { "SystemCallErrorNumber", "EPERM" },
        };
        /* clang-format on */

        for (size_t i = 0; i < ELEMENTS(settings); i++)
                unit_set(unit, settings[i][0], settings[i][1]);
}

static void write_command(
                const Container *container, const Manifest *manifest, UnitWriter *unit, Arena *arena) {
        AUTO(command_done) Command command = {};
        const char *name = translate(manifest, container->name, arena);

        command_add_word(&command, SLIPWAY_LIBEXEC_DIR "/slipway-proxy", false);
        command_add_option(&command, "--idle=", container->idle);
        for (char **port = container->publish; *port; port++) {
                const char *text = translate(manifest, *port, arena);

                if (text)
                        command_add_option(&command, "--publish=", text);
                else
                        fail(unit);
        }
        if (name)
                command_add_word(&command, name, true);
        else
                fail(unit);
        command_write(&command, unit, "ExecStart", "");
}

/* How often it is started is settled by the socket, whose limit counts what is started in vain. */
static int plan_proxy(const Container *container, const Manifest *manifest, const char *proxy, Arena *arena,
                InstallPlan *ret) {
        AUTO(unit_done) UnitWriter unit = {};

        unit_begin(&unit);
        unit_section(&unit, "Unit");
        unit_setf(&unit, "Description", "Ports of container %s", strchr(proxy, '@') ? "%i" : manifest->stem);
        unit_set(&unit, "Documentation", "man:slipway-proxy(8)");
        unit_set_path(&unit, "SourcePath", manifest->path);
        unit_set(&unit, "CollectMode", "inactive-or-failed");
        unit_set(&unit, "StartLimitIntervalSec", "0");
        set_unit(&unit, "Requires", manifest->socket, arena);
        set_unit(&unit, "After", manifest->socket, arena);
        set_unit(&unit, "Wants", manifest->service, arena);
        set_unit(&unit, "After", manifest->service, arena);
        unit_section(&unit, "Service");
        unit_set(&unit, "Type", "exec");
        write_command(container, manifest, &unit, arena);
        unit_set_literal(&unit, "Slice", container->slice ? container->slice : "slipway.slice");
        unit_set(&unit, "TimeoutStopSec", "5s");
        /* Who is connected next starts it anyway, but its container would be stopped until then. */
        unit_set(&unit, "Restart", "on-abnormal");
        write_sandbox(&unit);
        unit_section(&unit, "X-Slipway");
        unit_set(&unit, "Kind", "proxy");
        return unit.error < 0 ? unit.error : install_add_unit(ret, arena, proxy, unit.text);
}

int container_plan_unit(
                const Container *container, const Manifest *manifest, Arena *arena, InstallPlan *ret) {
        const char *proxy;
        int r;

        if (!container->on_demand)
                return 0;
        proxy = sockets_proxy_name(manifest, arena);
        if (!proxy)
                return -ENOMEM;
        r = plan_socket(container, manifest, proxy, arena, ret);
        if (r >= 0)
                r = plan_proxy(container, manifest, proxy, arena, ret);
        /* What could start another line is in the container's own unit as well, and told there. */
        return r == -ENOMEM ? r : 0;
}
