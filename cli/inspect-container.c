/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/inspect-container.h"

#include <string.h>

#include "cli/container.h"
#include "cli/image-rows.h"
#include "cli/manager.h"
#include "cli/networks.h"
#include "cli/state.h"
#include "cli/table.h"
#include "generator/dropins.h"
#include "generator/search.h"
#include "image/lookup.h"
#include "lib/strv.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/record.h"

/* What is only known while it runs: always there, so that templates need not ask. */
static const char *const running_keys[] = { "pid", "nspawn_pid", "command", "environment", "user", "groups",
        "workdir", "hostname", "capabilities", "no_new_privileges", "seccomp", "uid_map", "gid_map",
        "namespaces", "mounts", "limits", "sysctls", "addresses", "usage", "control_group" };

static json_t *time_or_null(uint64_t usec) {
        return usec > 0 ? json_integer((json_int_t) usec) : json_null();
}

/* --- unit
 * ----------------------------------------------------------------------------------------------------------
 */

static json_t *list_property(sd_bus *bus, const char *unit, const char *property) {
        AUTO(strv_freep) char **list = NULL;
        json_t *array = json_array();

        if (bus)
                list = manager_unit_list(bus, unit, property);
        for (size_t i = 0; list && list[i]; i++)
                (void) json_array_append_new(array, json_text(list[i]));
        return array;
}

static int add_state(json_t *into, const GeneratedUnit *unit, sd_bus *bus) {
        char *const names[] = { unit->unit, NULL };
        AUTO(unit_states_done) UnitStates states = {};
        UnitState *state = NULL;

        if (bus && manager_states(bus, names, &states, NULL) >= 0) {
                state = (UnitState *) unit_states_find(&states, unit->unit);
                if (state)
                        manager_details(bus, state);
        }
        return json_object_set_new(into, "state",
                        json_pack("{ss so so so so so}", "active",
                                        unit->fault ? "fault"
                                        : state     ? state->active
                                        : bus       ? "inactive"
                                                    : "unknown",
                                        "sub", json_text_or_null(state ? state->sub : NULL), "since",
                                        time_or_null(state ? state->since : 0), "status",
                                        json_text_or_null(state ? state->status : NULL), "result",
                                        json_text_or_null(state ? state->result : NULL), "fault",
                                        json_text_or_null(unit->fault)));
}

static json_t *health(const char *name) {
        HealthState state;

        if (health_state_read(name, &state) < 0 || state.status >= _HEALTH_STATUS_MAX)
                return json_null();
        return json_pack("{ss so sI sI so sI}", "status", health_status_to_string(state.status), "since",
                        time_or_null(state.since), "streak", (json_int_t) state.streak, "checks",
                        (json_int_t) state.checks, "last", time_or_null(state.last), "exit_status",
                        (json_int_t) state.exit_status);
}

/* As the generator finds them now; the next reload will have read them. */
static json_t *manifest_dropins(const char *source) {
        const char *name = source ? strrchr(source, '/') : NULL;
        autofree const SearchFile **dropins = NULL;
        AUTO(arena_freep) Arena *arena = arena_new();
        AUTO(faults_done) FaultList faults = {};
        AUTO(search_done) Search search = {};
        AUTO(strv_freep) char **roots = NULL;
        json_t *list = json_array();
        size_t n = 0;

        if (!name || !arena || search_roots(SEARCH_SYSTEM, &roots) < 0 ||
                        search_run(&search, arena, roots, SEARCH_SYSTEM, &faults) < 0 ||
                        dropins_find(&search, name + 1, &dropins, &n) < 0)
                return list;
        for (size_t i = 0; i < n; i++)
                (void) json_array_append_new(list, json_text(dropins[i]->path));
        return list;
}

/* Manifest and unit, each with what was dropped in. */
static void add_files(json_t *into, const GeneratedUnit *unit, sd_bus *bus) {
        autofree char *fragment = bus ? manager_unit_text(bus, unit->unit, "FragmentPath") : NULL;
        autofree char *slice = bus ? manager_unit_text(bus, unit->unit, "Slice") : NULL;

        (void) json_object_set_new(into, "manifest", json_text_or_null(unit->source));
        (void) json_object_set_new(into, "manifest_dropins", manifest_dropins(unit->source));
        (void) json_object_set_new(into, "unit", json_text_or_null(unit->unit));
        (void) json_object_set_new(into, "unit_file", json_text_or_null(fragment));
        (void) json_object_set_new(into, "unit_dropins", list_property(bus, unit->unit, "DropInPaths"));
        (void) json_object_set_new(into, "slice", json_text_or_null(slice));
}

/* --- image
 * ---------------------------------------------------------------------------------------------------------
 */

/* That of the record is the one that runs, whatever has got its name since. */
static int load_image(const char *asked, const Record *record, ImageRow *ret) {
        AUTO(name_list_done) NameList names = {};
        autostore Store store = STORE_CLOSED;
        Digest id;
        int r;

        r = store_open(state_directory(), &store, NULL);
        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, NULL);
        if (r >= 0)
                r = store_list_names(&store, &names, NULL);
        if (r >= 0)
                r = image_find(&store, record && *record->image_id ? record->image_id : asked, &id, NULL,
                                NULL);
        return r < 0 ? r : image_row_load(&store, &id, &names, ret, NULL);
}

static void add_image(json_t *into, const GeneratedUnit *unit, const Record *record) {
        const char *asked = unit->image ?: record ? record->image : NULL;
        AUTO(image_row_done) ImageRow row = {};

        (void) json_object_set_new(into, "image_name", json_text_or_null(asked));
        if (asked && load_image(asked, record, &row) >= 0)
                (void) json_object_set_new(into, "image", image_row_json(&row, false));
        else
                (void) json_object_set_new(into, "image", json_null());
}

/* Of a container in a pod they are the pod's. */
static void add_networks(json_t *into, const GeneratedUnit *unit, const char *name, const Record *record) {
        const char *pod = record && *record->pod ? record->pod : unit->pod;
        AUTO(member_done) Member member = {};

        if (record)
                (void) member_read(pod ? pod : name, &member);
        (void) json_object_set_new(into, "pod", json_text_or_null(pod));
        (void) json_object_set_new(into, "networks", record ? net_attachments_json(&member) : json_null());
        (void) json_object_set_new(into, "ports", record ? net_ports_json(&member) : json_null());
}

int inspect_container(const GeneratedUnit *unit, sd_bus *bus, json_t **ret, Fault *fault) {
        json_t *object = json_object();
        char buffer[256];
        const char *name = container_name(unit, buffer, sizeof(buffer));
        Record record = {};
        bool has_record = record_read(name, &record) >= 0 && strcmp(record.unit, unit->unit) == 0;
        Fault running = {};
        int r;

        if (!object)
                return -ENOMEM;
        (void) json_object_set_new(object, "name", json_text(name));
        (void) json_object_set_new(object, "kind", json_string("container"));
        (void) add_state(object, unit, bus);
        (void) json_object_set_new(object, "health", health(name));
        (void) json_object_set_new(object, "started", time_or_null(has_record ? record.started : 0));
        add_files(object, unit, bus);
        add_image(object, unit, has_record ? &record : NULL);
        add_networks(object, unit, name, has_record ? &record : NULL);
        for (size_t i = 0; i < ELEMENTS(running_keys); i++)
                (void) json_object_set_new(object, running_keys[i], json_null());
        r = has_record ? inspect_running(object, name, &running) : 0;
        if (r < 0 && r != -ESRCH && r != -EAGAIN && r != -EACCES) {
                if (fault)
                        *fault = running;
                json_decref(object);
                return r;
        }
        *ret = object;
        return 0;
}
