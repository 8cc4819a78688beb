/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/manager.h"

#include <string.h>

static const char destination[] = "org.freedesktop.systemd1";

/* The service manager's own socket, which is for root only. */
static int connect_directly(sd_bus **ret) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r = sd_bus_new(&bus);

        if (r >= 0)
                r = sd_bus_set_address(bus, "unix:path=/run/systemd/private");
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret = TAKE(bus);
        return 0;
}

int manager_connect(bool is_user, sd_bus **ret, Fault *fault) {
        int r = geteuid() == 0 && !is_user ? connect_directly(ret) : -EACCES;

        if (r < 0)
                r = is_user ? sd_bus_open_user(ret) : sd_bus_open_system(ret);
        if (r >= 0)
                return 0;
        if (r == -ENOENT || r == -ECONNREFUSED || r == -ENOMEDIUM)
                return fault_raise(fault, FAULT_MISSING, -r,
                                "cannot ask systemd about the units: it is not running here, or has no bus");
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot ask systemd about the units: %s", strerror(-r));
}

void unit_states_done(UnitStates *states) {
        for (size_t i = 0; i < states->n; i++) {
                free(states->states[i].unit);
                free(states->states[i].path);
                free(states->states[i].status);
                free(states->states[i].result);
        }
        free(states->states);
        *states = (UnitStates){};
}

const UnitState *unit_states_find(const UnitStates *states, const char *unit) {
        for (size_t i = 0; i < states->n; i++)
                if (strcmp(states->states[i].unit, unit) == 0)
                        return &states->states[i];
        return NULL;
}

static uint64_t get_number(
                sd_bus *bus, const char *path, const char *interface, const char *name, uint64_t otherwise) {
        uint64_t value;

        if (sd_bus_get_property_trivial(bus, destination, path, interface, name, NULL, 't', &value) < 0)
                return otherwise;
        return value;
}

/* An empty text is none. */
static char *get_text(sd_bus *bus, const char *path, const char *name) {
        char *value = NULL;

        if (sd_bus_get_property_string(bus, destination, path, "org.freedesktop.systemd1.Service", name,
                            NULL, &value) >= 0 &&
                        value && *value)
                return value;
        free(value);
        return NULL;
}

void manager_details(sd_bus *bus, UnitState *state) {
        state->since = get_number(
                        bus, state->path, "org.freedesktop.systemd1.Unit", "StateChangeTimestamp", 0);
        free(state->status);
        state->status = get_text(bus, state->path, "StatusText");
        if (strcmp(state->active, "failed") == 0 && !state->result)
                state->result = get_text(bus, state->path, "Result");
}

static int add_state(UnitStates *states, const char *unit, const char *active, const char *sub,
                const char *path) {
        UnitState *grown = reallocarray(states->states, states->n + 1, sizeof(*grown));
        UnitState state = {};

        if (!grown)
                return -ENOMEM;
        states->states = grown;
        state.unit = strdup(unit);
        state.path = strdup(path);
        if (!state.unit || !state.path) {
                free(state.unit);
                free(state.path);
                return -ENOMEM;
        }
        (void) snprintf(state.active, sizeof(state.active), "%s", active);
        (void) snprintf(state.sub, sizeof(state.sub), "%s", sub);
        states->states[states->n++] = state;
        return 0;
}

static int call_list(sd_bus *bus, char *const *patterns, sd_bus_message **ret, sd_bus_error *error) {
        static const char *const any_state[] = { NULL };
        AUTO(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = sd_bus_message_new_method_call(bus, &call, destination, "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager", "ListUnitsByPatterns");

        if (r >= 0)
                r = sd_bus_message_append_strv(call, (char **) any_state);
        if (r >= 0)
                r = sd_bus_message_append_strv(call, (char **) patterns);
        return r < 0 ? r : sd_bus_call(bus, call, 0, error, ret);
}

static int read_list(sd_bus *bus, sd_bus_message *reply, UnitStates *states) {
        int r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");

        while (r >= 0) {
                const char *unit, *load, *active, *sub, *path;

                r = sd_bus_message_read(reply, "(ssssssouso)", &unit, NULL, &load, &active, &sub, NULL,
                                &path, NULL, NULL, NULL);
                if (r <= 0)
                        return r;
                /* A unit whose file is gone is only of interest while it runs. */
                if (strcmp(load, "not-found") != 0 || strcmp(active, "inactive") != 0)
                        r = add_state(states, unit, active, sub, path);
        }
        return r;
}

int manager_states(sd_bus *bus, char *const *patterns, UnitStates *ret, Fault *fault) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        UnitStates states = {};
        int r = call_list(bus, patterns, &reply, &error);

        if (r < 0) {
                r = fault_raise(fault, FAULT_SYSTEM, -r, "cannot ask systemd about the units: %s",
                                error.message ? error.message : strerror(-r));
                sd_bus_error_free(&error);
                return r;
        }
        r = read_list(bus, reply, &states);
        if (r < 0) {
                unit_states_done(&states);
                return fault_wrap(fault, r, "cannot read what systemd says about the units");
        }
        *ret = states;
        return 0;
}

static const char *const interfaces[] = { "org.freedesktop.systemd1.Service",
        "org.freedesktop.systemd1.Unit" };

/* Loads the unit if it is not. The path is good as long as @reply. */
static const char *unit_path(sd_bus *bus, const char *unit, sd_bus_message **reply) {
        const char *path;

        if (sd_bus_call_method(bus, destination, "/org/freedesktop/systemd1",
                            "org.freedesktop.systemd1.Manager", "LoadUnit", NULL, reply, "s", unit) < 0 ||
                        sd_bus_message_read(*reply, "o", &path) < 0)
                return NULL;
        return path;
}

char *manager_unit_text(sd_bus *bus, const char *unit, const char *property) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *path = unit_path(bus, unit, &reply);
        char *value = NULL;

        for (size_t i = 0; path && i < ELEMENTS(interfaces); i++)
                if (sd_bus_get_property_string(
                                    bus, destination, path, interfaces[i], property, NULL, &value) >= 0)
                        break;
        if (value && *value)
                return value;
        free(value);
        return NULL;
}

char **manager_unit_list(sd_bus *bus, const char *unit, const char *property) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *path = unit_path(bus, unit, &reply);
        char **value = NULL;

        for (size_t i = 0; path && i < ELEMENTS(interfaces); i++)
                if (sd_bus_get_property_strv(
                                    bus, destination, path, interfaces[i], property, NULL, &value) >= 0)
                        break;
        return value;
}
