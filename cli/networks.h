/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Networks and pods, as verbs show them
 *
 * What there is to say comes from three sides: units that the generator has made, what the service manager
 * says of them, and the records of what is up (nspawn-glue/net/).
 */

#include <jansson.h>

#include "cli/container.h"
#include "nspawn-glue/net/member.h"

typedef struct NetUnits {
        GeneratedUnits units; /* with instances of templates, and with templates */
        UnitStates states;
        sd_bus *bus; /* NULL when systemd cannot be asked */
        Fault deaf;  /* why */
} NetUnits;

/* @kind: "network", "pod", or NULL for containers. That systemd cannot be asked is no failure. */
int net_units_open(NetUnits *units, const char *kind, Fault *fault);
void net_units_close(NetUnits *units);

/* What a unit makes: the name of its network or pod. */
const char *net_unit_name(const GeneratedUnit *unit);

/* The unit that makes something of that name, and is no template; NULL for none. */
const GeneratedUnit *net_units_find(const NetUnits *units, const char *name);

/* In systemd's own words; "unknown" when it cannot be asked. @unit may be NULL: then it is @otherwise. */
const char *net_units_state(const NetUnits *units, const char *unit, const char *otherwise);

/**
 * net_units_names() - the names of all that there are: of those with units, and of those that are up
 * @up:         names of records, sorted
 * @ret:        sorted, each once
 */
int net_units_names(const NetUnits *units, char *const *up, char ***ret);

/* The name that is meant by "front", "front.network", "front-network.service" or the network's own name.
 * Return: NULL when there is none. */
const char *net_units_meant(const NetUnits *units, char *const *names, const char *word);

/* "0.0.0.0:8080->80/tcp, [::1]:53->53/udp"; NULL for none. The caller's. */
char *net_ports_text(const Member *member);

/* Arrays of objects: networks with addresses, published ports. */
json_t *net_attachments_json(const Member *member);
json_t *net_ports_json(const Member *member);
