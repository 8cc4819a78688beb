/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/networks.h"

#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "lib/strv.h"

/* The network without a manifest has a unit all the same. */
static int add_default(GeneratedUnits *units) {
        GeneratedUnit unit = {};

        for (size_t i = 0; i < units->n; i++)
                if (strcmp(net_unit_name(&units->units[i]), NETWORK_DEFAULT) == 0)
                        return 0;
        unit.unit = strdup("slipway-network.service");
        unit.kind = strdup("network");
        unit.network = strdup(NETWORK_DEFAULT);
        if (unit.unit && unit.kind && unit.network)
                return generated_add(units, &unit);
        generated_unit_done(&unit);
        return -ENOMEM;
}

int net_units_open(NetUnits *units, const char *kind, Fault *fault) {
        autostrv char **patterns = NULL;
        int r;

        r = kind ? containers_read_kind(kind, &units->units, fault)
                 : containers_read(false, &units->units, fault);
        if (r >= 0 && kind && strcmp(kind, "network") == 0)
                r = add_default(&units->units);
        if (r >= 0)
                r = containers_patterns(&units->units, &patterns);
        if (r < 0)
                return fault_wrap(fault, r, "cannot find the units");
        if (manager_connect(false, &units->bus, &units->deaf) >= 0 && patterns &&
                        manager_states(units->bus, patterns, &units->states, &units->deaf) < 0)
                units->bus = sd_bus_flush_close_unref(units->bus);
        r = containers_add_instances(&units->units, &units->states);
        return r < 0 ? fault_wrap(fault, r, "cannot find the units") : 0;
}

void net_units_close(NetUnits *units) {
        generated_done(&units->units);
        unit_states_done(&units->states);
        sd_bus_flush_close_unref(units->bus);
        *units = (NetUnits){};
}

const char *net_unit_name(const GeneratedUnit *unit) {
        return (strcmp(unit->kind, "network") == 0 ? unit->network : unit->pod) ?: "";
}

const GeneratedUnit *net_units_find(const NetUnits *units, const char *name) {
        for (size_t i = 0; i < units->units.n; i++)
                if (!units->units.units[i].is_template &&
                                strcmp(net_unit_name(&units->units.units[i]), name) == 0)
                        return &units->units.units[i];
        return NULL;
}

const char *net_units_state(const NetUnits *units, const char *unit, const char *otherwise) {
        const UnitState *state = unit ? unit_states_find(&units->states, unit) : NULL;

        if (state)
                return state->active;
        return !unit ? otherwise : units->bus ? "inactive" : "unknown";
}

static int compare_names(const void *one, const void *two) {
        return strcmp(*(char *const *) one, *(char *const *) two);
}

int net_units_names(const NetUnits *units, char *const *up, char ***ret) {
        autostrv char **names = NULL;
        int r = 0;

        for (; up && *up && r >= 0; up++)
                r = strv_append(&names, *up);
        for (size_t i = 0; i < units->units.n && r >= 0; i++) {
                const char *name = net_unit_name(&units->units.units[i]);

                if (!units->units.units[i].is_template && *name && !strv_find(names, name))
                        r = strv_append(&names, name);
        }
        if (r < 0)
                return r;
        if (names)
                qsort(names, strv_length(names), sizeof(char *), compare_names);
        *ret = TAKE(names);
        return 0;
}

/* "front" of "front-network.service", and "front@a" of "front-network@a.service". */
static void stem_of(const GeneratedUnit *unit, char *ret, size_t size) {
        size_t end = strlen(unit->unit) - strlen(".service"), kind = strlen(unit->kind) + 1;
        size_t at = strcspn(unit->unit, "@");

        *ret = '\0';
        if (at > end)
                at = end;
        if (at > kind && unit->unit[at - kind] == '-' &&
                        strncmp(unit->unit + at - kind + 1, unit->kind, kind - 1) == 0)
                (void) snprintf(ret, size, "%.*s%.*s", (int) (at - kind), unit->unit, (int) (end - at),
                                unit->unit + at);
}

static bool is_unit(const GeneratedUnit *unit, const char *word) {
        size_t n = strlen(unit->unit) - strlen(".service");
        char stem[256], file[300];

        if (strcmp(unit->unit, word) == 0 || (strlen(word) == n && strncmp(unit->unit, word, n) == 0))
                return true;
        stem_of(unit, stem, sizeof(stem));
        (void) snprintf(file, sizeof(file), "%s.%s", stem, unit->kind);
        return *stem && (strcmp(stem, word) == 0 || strcmp(file, word) == 0);
}

const char *net_units_meant(const NetUnits *units, char *const *names, const char *word) {
        for (; names && *names; names++)
                if (strcmp(*names, word) == 0)
                        return *names;
        for (size_t i = 0; i < units->units.n; i++)
                if (!units->units.units[i].is_template && is_unit(&units->units.units[i], word))
                        return net_unit_name(&units->units.units[i]);
        return NULL;
}

/* --- members --- */

static void put_range(FILE *to, unsigned first, unsigned count) {
        (void) fprintf(to, "%u", first);
        if (count > 1)
                (void) fprintf(to, "-%u", first + count - 1);
}

char *net_ports_text(const Member *member) {
        char *text = NULL, address[ADDRESS_TEXT_MAX];
        size_t size;
        FILE *to;

        if (member->n_ports == 0)
                return NULL;
        to = open_memstream(&text, &size);
        if (!to)
                return NULL;
        for (size_t i = 0; i < member->n_ports; i++) {
                const MemberPort *port = &member->ports[i];
                bool is_six = port->address.family == AF_INET6;

                (void) fprintf(to, "%s%s%s%s:", i > 0 ? ", " : "", is_six ? "[" : "",
                                address_is_set(&port->address) ? address_format(&port->address, address)
                                                               : "0.0.0.0",
                                is_six ? "]" : "");
                put_range(to, port->host, port->count);
                (void) fputs("->", to);
                put_range(to, port->container, port->count);
                (void) fprintf(to, "/%s", port->protocol);
        }
        if (fclose(to) != 0) {
                free(text);
                return NULL;
        }
        return text;
}

static json_t *mac_json(const uint8_t m[static 6]) {
        if ((m[0] | m[1] | m[2] | m[3] | m[4] | m[5]) == 0)
                return json_null();
        return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

json_t *net_attachments_json(const Member *member) {
        json_t *list = json_array();

        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];
                json_t *addresses = json_array(), *names = json_array();
                char text[ADDRESS_TEXT_MAX];

                for (size_t k = 0; k < attachment->n_prefixes; k++)
                        (void) json_array_append_new(addresses,
                                        json_string(prefix_format(&attachment->prefixes[k], text)));
                for (char **name = attachment->names; name && *name; name++)
                        (void) json_array_append_new(names, json_text(*name));
                (void) json_array_append_new(list,
                                json_pack("{so so so so so}", "network", json_text(attachment->network),
                                                "interface", json_text(attachment->interface), "addresses",
                                                addresses, "mac", mac_json(attachment->mac), "names",
                                                names));
        }
        return list;
}

json_t *net_ports_json(const Member *member) {
        json_t *list = json_array();

        for (size_t i = 0; i < member->n_ports; i++) {
                const MemberPort *port = &member->ports[i];
                char text[ADDRESS_TEXT_MAX];

                (void) json_array_append_new(list,
                                json_pack("{so ss sI sI sI}", "address",
                                                address_is_set(&port->address)
                                                                ? json_string(address_format(
                                                                                  &port->address, text))
                                                                : json_null(),
                                                "protocol", port->protocol, "host", (json_int_t) port->host,
                                                "container", (json_int_t) port->container, "count",
                                                (json_int_t) port->count));
        }
        return list;
}
