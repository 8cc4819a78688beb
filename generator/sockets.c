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
                                "not one "
                                "for each");
        if (strcmp(a->key, "Service") == 0 && *a->value)
                (void) faults_raise(faults, &place, FAULT_VALUE,
                                "cannot be set in [Socket]: the sockets are those of this container");
}

/* It is the ports that start the container, and the app need not know of sockets. */
static bool publishes_on_demand(const Manifest *manifest) {
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
        if (!manifest->socket || listens)
                return;
        place = assignment_place(activation);
        if (publishes_on_demand(manifest)) {
                (void) faults_raise(faults, &place, FAULT_UNSUPPORTED,
                                "not supported yet: ports that are published on demand; set ListenStream= "
                                "in [Socket] for an app that takes sockets from systemd");
                return;
        }
        (void) faults_raise(faults, &place, FAULT_VALUE,
                        "there is nothing to listen on: set ListenStream= in [Socket], or another one of "
                        "systemd.socket(5)");
}

void sockets_write_service(const Manifest *manifest, UnitWriter *unit) {
        if (manifest->socket && manifest_is_templated(manifest))
                unit_set(unit, "Requires", "%p@%i.socket");
        else if (manifest->socket)
                unit_set_literal(unit, "Requires", manifest->socket);
}

void sockets_write_unit(const Manifest *manifest, UnitWriter *unit) {
        unit_begin(unit);
        unit_section(unit, "Unit");
        unit_set(unit, "Description", "Sockets of container %N");
        unit_set(unit, "Documentation", "man:slipway.container(5)");
        unit_set_path(unit, "SourcePath", manifest->path);

        unit_section(unit, "Socket");
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Socket", a));)
                unit_set(unit, a->key, a->value);

        unit_section(unit, "X-Slipway");
        unit_set(unit, "Kind", "socket");
}
