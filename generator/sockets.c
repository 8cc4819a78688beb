/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/sockets.h"

#include <string.h>

#include "generator/words.h"
#include "lib/cleanup.h"

int sockets_name(Manifest *manifest, Arena *arena) {
        const Assignment *a = manifest_last(manifest, "Slipway", "Activation");
        const char *service = manifest->service;

        if (manifest->type != MANIFEST_CONTAINER || !a || strcmp(a->value, "socket") != 0)
                return 0;
        manifest->socket = arena_format(
                        arena, "%.*s.socket", (int) (strlen(service) - strlen(".service")), service);
        return manifest->socket ? 0 : -ENOMEM;
}

static bool is_listening(const Assignment *a) {
        return strncmp(a->key, "Listen", 6) == 0 && *a->value;
}

static void check_line(const Assignment *a, FaultList *faults) {
        Place place = assignment_place(a);
        bool is_on = false;

        if (strcmp(a->key, "Accept") == 0 && boolean_parse(a->value, &is_on) >= 0 && is_on)
                (void) faults_raise(faults, &place, FAULT_VALUE,
                                "cannot be set so in [Socket]: a container takes all connections, there is "
                                "not one for each");
        if (strcmp(a->key, "Service") == 0 && *a->value)
                (void) faults_raise(faults, &place, FAULT_VALUE,
                                "cannot be set in [Socket]: the sockets are those of this container");
}

bool sockets_are_ports(const Manifest *manifest) {
        const Assignment *port = manifest_last(manifest, "Container", "PublishPort");

        return manifest->socket && port && *port->value && !manifest_next(manifest, "Socket", NULL);
}

void sockets_check(const Manifest *manifest, FaultList *faults) {
        const Assignment *activation = manifest_last(manifest, "Slipway", "Activation");
        const Assignment *first = manifest_next(manifest, "Socket", NULL);
        bool listens = false;
        Place place;

        if (first && !manifest->socket) {
                place = assignment_key_place(first);
                place.key = NULL;
                (void) faults_raise(faults, &place, FAULT_VALUE,
                                "[Socket] is for a container that is started by a socket: set "
                                "Activation=socket in "
                                "[Slipway]");
                return;
        }
        for (const Assignment *a = first; a; a = manifest_next(manifest, "Socket", a)) {
                check_line(a, faults);
                listens = listens || is_listening(a);
        }
        if (!manifest->socket || listens || sockets_are_ports(manifest))
                return;
        place = assignment_place(activation);
        (void) faults_raise(faults, &place, FAULT_VALUE,
                        "there is nothing to listen on: set PublishPort=, or for an app that takes sockets "
                        "from systemd ListenStream= in [Socket], or another one of systemd.socket(5)");
}

const char *sockets_proxy_name(const Manifest *manifest, Arena *arena) {
        const char *service = manifest->service;
        size_t n = strcspn(service, "@");

        if (!service[n])
                n -= strlen(".service");
        return arena_format(arena, "%.*s-proxy%s", (int) n, service, service + n);
}

/* As long as its ports are passed on it is needed; who starts it by hand has it as long as a connection
 * would. */
static void write_idle(const Manifest *manifest, UnitWriter *unit) {
        const Assignment *idle = manifest_last(manifest, "Slipway", "IdleTimeout");

        if (!idle || !*idle->value || strcmp(idle->value, "infinity") == 0)
                return;
        unit_set(unit, "Wants",
                        manifest_is_templated(manifest) ? "%p-proxy@%i.service" : "%p-proxy.service");
        unit_set(unit, "StopWhenUnneeded", "yes");
}

/* Who starts the container without anybody having come has its ports open as well, or is told why not. */
void sockets_write_service(const Manifest *manifest, UnitWriter *unit) {
        void (*set)(UnitWriter *, const char *, const char *) = unit_set_literal;
        const char *name = manifest->socket;

        if (!name)
                return;
        if (manifest_is_templated(manifest)) {
                set = unit_set;
                name = "%p@%i.socket";
        }
        set(unit, "Requires", name);
        if (!sockets_are_ports(manifest))
                return;
        set(unit, "After", name);
        write_idle(manifest, unit);
}

void sockets_write_head(const Manifest *manifest, UnitWriter *unit) {
        unit_begin(unit);
        unit_section(unit, "Unit");
        unit_set(unit, "Description", "Sockets of container %N");
        unit_set(unit, "Documentation", "man:slipway.container(5)");
        unit_set_path(unit, "SourcePath", manifest->path);
}

void sockets_write_unit(const Manifest *manifest, UnitWriter *unit) {
        sockets_write_head(manifest, unit);
        unit_section(unit, "Socket");
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Socket", a));)
                unit_set(unit, a->key, a->value);

        unit_section(unit, "X-Slipway");
        unit_set(unit, "Kind", "socket");
}
