/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway pod: lists pods with their containers, tells all about them, starts and stops them. */

#include "nspawn-glue/net/pod.h"

#include <dirent.h>
#include <getopt.h>
#include <string.h>

#include "cli/action.h"
#include "cli/listing.h"
#include "cli/networks.h"
#include "cli/object-verb.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/record.h"

/* clang-format off */
static const Option options[] = {
        { 'q', "quiet", NULL, "ls: print names only" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Name",       "name",       "NAME",       "Names ID Id" },
        { "State",      "state",      "STATE",      "Status" },
        { "Containers", "containers", "CONTAINERS", "Members" },
        { "Networks",   "networks",   "NETWORKS",   NULL },
        { "Ports",      "ports",      "PORTS",      NULL },
        { "Unit",       "unit",       "UNIT",       NULL },
        { "Hostname",   "hostname",   NULL,         NULL },
        { "Source",     "source",     NULL,         NULL },
        { "Labels",     "labels",     NULL,         NULL },
};
/* clang-format on */

typedef struct View {
        NetUnits pods, containers;
        char **names;
} View;

static void view_close(View *view) {
        net_units_close(&view->pods);
        net_units_close(&view->containers);
        strv_free(view->names);
}

/* Who was started without a manifest, or whose manifest is gone. */
static int add_running(GeneratedUnits *units) {
        autoclosedir DIR *directory = opendir(RECORD_DIR);
        struct dirent *entry;
        int r = 0;

        while (r >= 0 && directory && (entry = readdir(directory))) {
                GeneratedUnit unit = {};
                bool is_known = false;
                Record record;

                if (*entry->d_name == '.' || record_read(entry->d_name, &record) < 0 || !*record.pod)
                        continue;
                for (size_t i = 0; i < units->n; i++)
                        is_known |= strcmp(units->units[i].unit, record.unit) == 0 && units->units[i].pod;
                if (is_known)
                        continue;
                unit.unit = strdup(record.unit);
                unit.kind = strdup("container");
                unit.container = strdup(entry->d_name);
                unit.pod = strdup(record.pod);
                if (unit.unit && unit.kind && unit.container && unit.pod)
                        r = generated_add(units, &unit);
                else {
                        generated_unit_done(&unit);
                        r = -ENOMEM;
                }
        }
        return r;
}

static int view_open(View *view, Fault *fault) {
        autostrv char **up = NULL;
        int r = net_units_open(&view->pods, "pod", fault);

        if (r >= 0)
                r = net_units_open(&view->containers, NULL, fault);
        if (r >= 0)
                r = add_running(&view->containers.units);
        if (r >= 0)
                r = pod_list(&up);
        if (r >= 0)
                r = net_units_names(&view->pods, up, &view->names);
        return r < 0 ? fault_wrap(fault, r, "cannot find the pods") : 0;
}

static int find(const View *view, const char *word, const char **ret, Fault *fault) {
        *ret = net_units_meant(&view->pods, view->names, word);
        if (*ret)
                return 0;
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "there is no pod '%.200s'; 'slipway pod ls' shows those that there are", word);
}

/* Containers of a pod; those that run without a unit that is known are taken for active. */
static json_t *containers_of(const View *view, const char *pod) {
        json_t *list = json_array();

        for (size_t i = 0; i < view->containers.units.n; i++) {
                const GeneratedUnit *unit = &view->containers.units.units[i];
                char buffer[256];

                if (unit->is_template || !unit->pod || strcmp(unit->pod, pod) != 0)
                        continue;
                (void) json_array_append_new(list,
                                json_pack("{so so so so}", "name",
                                                json_text(container_name(unit, buffer, sizeof(buffer))),
                                                "state",
                                                json_text(net_units_state(
                                                                &view->containers, unit->unit, "active")),
                                                "unit", json_text(unit->unit), "image",
                                                unit->image ? json_text(unit->image) : json_null()));
        }
        return list;
}

/* --- ls --- */

/* "web, db (failed)" */
static void put_containers(Listing *listing, json_t *list) {
        autofree char *text = NULL;
        TableTone tone = TABLE_PLAIN;
        json_t *entry;
        size_t i, size;
        FILE *to = open_memstream(&text, &size);

        json_array_foreach(list, i, entry) {
                const char *state = net_string(entry, "state");

                if (!to)
                        break;
                (void) fprintf(to, "%s%s", i > 0 ? ", " : "", net_string(entry, "name"));
                if (strcmp(state, "active") != 0)
                        (void) fprintf(to, " (%s)", state);
                if (strcmp(state, "failed") == 0)
                        tone = TABLE_BAD;
        }
        if (to)
                (void) fclose(to);
        listing_value(listing, list, text, tone);
}

static void put_networks(Listing *listing, const Member *member, bool is_up) {
        autostrv char **names = NULL;

        for (size_t i = 0; i < member->n_attachments; i++)
                (void) strv_append(&names, member->attachments[i].network);
        listing_texts(listing, names, is_up);
}

static void put_row(const View *view, Listing *listing, const char *name) {
        const GeneratedUnit *unit = net_units_find(&view->pods, name);
        const char *state = net_units_state(&view->pods, unit ? unit->unit : NULL, "active");
        AUTO(member_done) Member member = {};
        AUTO(pod_done) Pod pod = {};
        bool is_up = pod_read_record(name, &pod, NULL) >= 0;
        autofree char *ports = NULL;

        if (is_up)
                (void) member_read(name, &member);
        ports = net_ports_text(&member);
        listing_text(listing, name, TABLE_PLAIN);
        listing_text(listing, state, table_state_tone(state));
        put_containers(listing, containers_of(view, name));
        put_networks(listing, &member, is_up);
        listing_value(listing, is_up ? net_ports_json(&member) : json_null(), ports, TABLE_PLAIN);
        listing_text(listing, unit ? unit->unit : NULL, TABLE_PLAIN);
        listing_text(listing, is_up ? pod.hostname : NULL, TABLE_PLAIN);
        listing_text(listing, unit ? unit->source : NULL, TABLE_PLAIN);
        listing_texts(listing, pod.labels, is_up);
}

static int list(const ObjectCall *call, Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        AUTO(view_close) View view = {};
        int r = view_open(&view, fault);

        for (char **name = view.names; name && *name && r >= 0; name++)
                put_row(&view, listing, *name);
        if (r >= 0)
                r = listing_print(listing, &call->style, fault);
        /* What could be found out is printed all the same. */
        if (r >= 0 && !view.pods.bus) {
                *fault = view.pods.deaf;
                return -view.pods.deaf.error;
        }
        return r;
}

/* --- inspect --- */

static int inspect_one(const View *view, const char *name, json_t *into) {
        const GeneratedUnit *unit = net_units_find(&view->pods, name);
        AUTO(member_done) Member member = {};
        AUTO(pod_done) Pod pod = {};
        bool is_up = pod_read_record(name, &pod, NULL) >= 0;
        json_t *object, *labels = json_array();

        if (is_up)
                (void) member_read(name, &member);
        for (char **label = pod.labels; label && *label; label++)
                (void) json_array_append_new(labels, json_text(*label));
        object = json_pack("{so so so so so so so so so so so so}", "name", json_text(name), "state",
                        json_text(net_units_state(&view->pods, unit ? unit->unit : NULL, "active")), "unit",
                        json_text_or_null(unit ? unit->unit : NULL), "manifest",
                        json_text_or_null(unit ? unit->source : NULL), "hostname",
                        json_text_or_null(pod.hostname), "own_network",
                        is_up ? json_boolean(pod.has_network) : json_null(), "shared_processes",
                        is_up ? json_boolean(pod.has_processes) : json_null(), "shm_size",
                        is_up ? json_integer((json_int_t) pod.shm_size) : json_null(), "labels", labels,
                        "containers", containers_of(view, name), "networks", net_attachments_json(&member),
                        "ports", net_ports_json(&member));
        return json_array_append_new(into, object) < 0 ? -ENOMEM : 0;
}

static int inspect_word(const void *data, const char *word, json_t *into, Fault *fault) {
        const char *name;
        int r = find(data, word, &name, fault);

        return r < 0 ? r : inspect_one(data, name, into);
}

static int inspect(const ObjectCall *call, Fault *fault) {
        AUTO(view_close) View view = {};
        int r = view_open(&view, fault);

        return r < 0 ? r : object_inspect(call, inspect_word, &view, fault);
}

/* --- start, stop, restart --- */

/* In messages a pod goes by its name. */
static int add_pod(const View *view, const char *name, Action *action, Fault *fault) {
        const GeneratedUnit *found = net_units_find(&view->pods, name);
        AUTO(pod_done) Pod pod = {};
        GeneratedUnit unit = {};

        if (!found && (pod_read_record(name, &pod, NULL) < 0 || !*pod.unit))
                return fault_raise(fault, FAULT_MISSING, ENOENT, "the pod '%s' has no unit", name);
        unit.unit = strdup(found ? found->unit : pod.unit);
        unit.kind = strdup("pod");
        unit.container = strdup(name);
        if (unit.unit && unit.kind && unit.container)
                return generated_add(&action->units, &unit);
        generated_unit_done(&unit);
        return -ENOMEM;
}

static int run_jobs(const ObjectCall *call, const char *method, Fault *fault) {
        AUTO(action_close) Action action = {};
        AUTO(view_close) View view = {};
        int r = view_open(&view, fault), q = 0;

        if (r >= 0)
                r = manager_connect(false, &action.bus, fault);
        for (char *const *word = call->words; *word && r >= 0; word++) {
                const char *name;
                Fault one = {};

                if (find(&view, *word, &name, &one) < 0 || add_pod(&view, name, &action, &one) < 0) {
                        report_fault(REPORT_ERROR, &one);
                        q = -EALREADY; /* is told already */
                }
        }
        if (r >= 0 && action_run_jobs(&action, method, call->action, UINT64_MAX) != VERB_OK)
                q = -EALREADY;
        return r < 0 ? r : q;
}

static int start(const ObjectCall *call, Fault *fault) {
        return run_jobs(call, "StartUnit", fault);
}

static int stop(const ObjectCall *call, Fault *fault) {
        return run_jobs(call, "StopUnit", fault);
}

static int restart(const ObjectCall *call, Fault *fault) {
        return run_jobs(call, "RestartUnit", fault);
}

static const ObjectAction actions[] = {
        { "inspect", inspect, OBJECT_WORDS | OBJECT_LISTS },
        { "list", list, OBJECT_LISTS },
        { "ls", list, OBJECT_LISTS },
        { "ps", list, OBJECT_LISTS },
        { "restart", restart, OBJECT_WORDS },
        { "start", start, OBJECT_WORDS },
        { "stop", stop, OBJECT_WORDS },
};

int verb_pod(int argc, char **argv) {
        ObjectCall call = { .what = "pod", .actions = actions, .n_actions = ELEMENTS(actions) };
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (listing_option(&call.style, key))
                        call.is_listing = true;
                else
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        return object_verb(&call, argc, argv);
}
