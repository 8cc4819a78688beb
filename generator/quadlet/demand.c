/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/demand.h"

#include <string.h>

#include "generator/quadlet/other-manifest.h"
#include "generator/sockets.h"
#include "generator/values/port.h"
#include "generator/values/value.h"
#include "lib/strv.h"

static void refuse_port(KeyLoad *load, const char *text, FaultKind kind, const char *why) {
        Place place = other_place(load, "PublishPort", text);

        (void) faults_raise(load->faults, &place, kind,
                        "'%s' cannot be a port that starts the container: %s", text, why);
}

/* The proxy has another name, and systemd tells of names in more ways than can be told here. */
static void check_specifiers(KeyLoad *load, const char *key, const char *text) {
        for (const char *at = strchr(text, '%'); at && at[1]; at = strchr(at + 2, '%'))
                if (strchr("PjJfy", at[1])) {
                        Place place = other_place(load, key, text);

                        (void) faults_raise(load->faults, &place, FAULT_VALUE,
                                        "'%%%c' means something else in the unit that passes the ports on; "
                                        "of the names of a unit, %%i, %%I, %%p, %%n and %%N are understood",
                                        at[1]);
                }
}

static void check_name(KeyLoad *load, const char *name) {
        if (strchr(name, '$'))
                (void) load_fault(load, "ContainerName", FAULT_VALUE,
                                "variables are not known to the unit that passes the ports on; use "
                                "specifiers");
        check_specifiers(load, "ContainerName", name);
}

/* What systemd alone knows is one port, which it can put into both units. */
static void check_dynamic(KeyLoad *load, const char *text) {
        const char *slash = strrchr(text, '/');

        if (strchr(text, '$'))
                refuse_port(load, text, FAULT_VALUE,
                                "variables are not known to a socket unit; use specifiers");
        else if (strchr(text, '-'))
                refuse_port(load, text, FAULT_VALUE, "a range has to be of numbers");
        else if (!strchr(text, ':'))
                refuse_port(load, text, FAULT_VALUE, "it needs one of the host to listen on, as 8080:80");
        else if (slash && strcmp(slash, "/tcp") != 0 && strcmp(slash, "/udp") != 0)
                refuse_port(load, text, FAULT_UNSUPPORTED, "there are only tcp and udp");
}

static void check_port(KeyLoad *load, const char *text) {
        Port port;

        if (value_is_dynamic(text))
                check_dynamic(load, text);
        else if (port_parse(text, &port, NULL) < 0)
                return;
        else if (strcmp(port.protocol, "sctp") == 0)
                refuse_port(load, text, FAULT_UNSUPPORTED, "there are only tcp and udp");
        else if (port.host.first == 0)
                refuse_port(load, text, FAULT_VALUE, "it needs one of the host to listen on, as 8080:80");
}

void demand_apply(KeyLoad *load) {
        Container *container = load->container;
        const Assignment *idle = manifest_last(load->manifest, "Slipway", "IdleTimeout");
        Place place;

        container->on_demand = sockets_are_ports(load->manifest) && container->publish;
        if (idle && *idle->value && !container->on_demand) {
                place = assignment_key_place(idle);
                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "it is for a container that is started by its ports: set Activation=socket "
                                "and PublishPort=, without [Socket]");
        }
        if (sockets_are_ports(load->manifest) && strv_find(container->network, "host"))
                (void) load_fault(load, "Network", FAULT_CONFLICT,
                                "on the host's network ports are the app's own, and cannot start it; it can "
                                "be given sockets, see [Socket]");
        if (!container->on_demand)
                return;
        if (container->name)
                check_name(load, container->name);
        for (char **port = container->publish; *port; port++) {
                check_specifiers(load, "PublishPort", *port);
                check_port(load, *port);
        }
}
