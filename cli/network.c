/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway network: lists networks, tells all about them, and forgets them. */

#include <getopt.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/job.h"
#include "cli/listing.h"
#include "cli/networks.h"
#include "cli/object-verb.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/net/cni-config.h"
#include "nspawn-glue/net/lease.h"

/* clang-format off */
static const Option options[] = {
        { 'f', "force", NULL, "rm: also when containers are in it, which are stopped" },
        { 'q', "quiet", NULL, "ls: print names only" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Name",      "name",      "NAME",      "Names ID Id" },
        { "State",     "state",     "STATE",     NULL },
        { "Driver",    "driver",    "DRIVER",    NULL },
        { "Subnets",   "subnets",   "SUBNETS",   "Subnet" },
        { "Members",   "members",   "MEMBERS",   "Containers" },
        { "Interface", "interface", "INTERFACE", "NetworkInterface" },
        { "Unit",      "unit",      "UNIT",      NULL },
        { "Internal",  "internal",  NULL,        NULL },
        { "DNS",       "dns",       NULL,        "DNSEnabled" },
        { "Source",    "source",    NULL,        NULL },
        { "Labels",    "labels",    NULL,        NULL },
};

/* What is only known of a network that is up. */
static const char *const up_keys[] = { "driver", "interface", "mode", "internal", "dns", "resolver",
        "default_route", "ipam", "isolate", "ipv6", "mtu", "vlan", "metric", "subnets", "routes", "servers", "labels" };
/* clang-format on */

/* All networks, and who is in one. */
typedef struct View {
        NetUnits units;
        char **names;
        json_t *owners; /* of each network: an array of who is in it */
        json_t *cni;    /* of each network that others configure: "file" and "configuration" */
} View;

static void view_close(View *view) {
        net_units_close(&view->units);
        strv_free(view->names);
        json_decref(view->owners);
        json_decref(view->cni);
}

static int add_owners(const Member *member, void *data) {
        View *view = data;

        for (size_t i = 0; i < member->n_attachments; i++) {
                const char *network = member->attachments[i].network;
                json_t *list = json_object_get(view->owners, network);

                if (!list) {
                        list = json_array();
                        if (json_object_set_new(view->owners, network, list) < 0)
                                return -ENOMEM;
                }
                if (json_array_append_new(list, json_text(member->owner)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int add_cni(const char *path, const json_t *list, void *data) {
        json_t *entry = json_pack("{so sO}", "file", json_text(path), "configuration", list);
        char name[NETWORK_NAME_MAX + 1];

        (void) snprintf(name, sizeof(name), NETWORK_CNI "%s", net_string(list, "name"));
        return json_object_set_new(data, name, entry) < 0 ? -ENOMEM : 0;
}

/* Those that are configured, and those that somebody is still in although they are not any more. */
static int find_cni(const View *view, char ***names, Fault *fault) {
        const char *name;
        json_t *value;
        int r;

        r = cni_config_visit(CNI_DIRECTORY, add_cni, view->cni, fault);
        json_object_foreach(view->cni, name, value) if (r >= 0) r = strv_append(names, name);
        json_object_foreach(view->owners, name,
                        value) if (r >= 0 && network_is_cni(name) && !json_object_get(view->cni, name)) r =
                        strv_append(names, name);
        return r;
}

static int view_open(View *view, Fault *fault) {
        autostrv char **up = NULL;
        int r = net_units_open(&view->units, "network", fault);

        view->owners = json_object();
        view->cni = json_object();
        if (!view->owners || !view->cni)
                return -ENOMEM;
        if (r >= 0)
                r = member_visit(add_owners, view);
        if (r >= 0)
                r = network_list(&up);
        if (r >= 0)
                r = find_cni(view, &up, fault);
        if (r >= 0)
                r = net_units_names(&view->units, up, &view->names);
        return r < 0 ? fault_wrap(fault, r, "cannot find the networks") : 0;
}

static int find(const View *view, const char *word, const char **ret, Fault *fault) {
        char cni[NETWORK_NAME_MAX + 1];

        *ret = net_units_meant(&view->units, view->names, word);
        if (!*ret && (size_t) snprintf(cni, sizeof(cni), NETWORK_CNI "%s", word) < sizeof(cni))
                *ret = net_units_meant(&view->units, view->names, cni);
        if (*ret)
                return 0;
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "there is no network '%.200s'; 'slipway network ls' shows those that there are",
                        word);
}

/* They have no unit: what there is of one is made for each who is in it. */
static const char *cni_state(const View *view, const char *name) {
        return json_object_get(view->owners, name) ? "active" : "inactive";
}

static const Attachment *attachment_in(const Member *member, const char *network) {
        for (size_t i = 0; i < member->n_attachments; i++)
                if (strcmp(member->attachments[i].network, network) == 0)
                        return &member->attachments[i];
        return NULL;
}

/* --- ls --- */

static void put_subnets(Listing *listing, const Network *network, bool is_up) {
        autostrv char **subnets = NULL;

        for (size_t i = 0; i < network->n_subnets; i++) {
                char text[ADDRESS_TEXT_MAX];

                (void) strv_append(&subnets, prefix_format(&network->subnets[i].prefix, text));
        }
        listing_texts(listing, subnets, is_up);
}

static void put_flag(Listing *listing, bool flag, bool is_up) {
        listing_value(listing, is_up ? json_boolean(flag) : json_null(),
                        is_up ? (flag ? "true" : "false") : NULL, TABLE_PLAIN);
}

static int list_owners(const View *view, const char *network, char ***ret) {
        json_t *entry;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(view->owners, network), i, entry) if (r >= 0) r =
                        strv_append(ret, json_string_value(entry));
        return r;
}

/* What the files of others say of an address is in their own words. */
static int put_cni_row(const View *view, Listing *listing, const char *name) {
        const json_t *entry = json_object_get(view->cni, name);
        autostrv char **owners = NULL;
        int r = list_owners(view, name, &owners);

        listing_text(listing, name, TABLE_PLAIN);
        listing_text(listing, cni_state(view, name), table_state_tone(cni_state(view, name)));
        listing_text(listing, network_driver_to_string(DRIVER_CNI), TABLE_PLAIN);
        listing_texts(listing, NULL, false);
        listing_texts(listing, owners, true);
        for (size_t i = 0; i < 4; i++) /* interface, unit, internal, dns */
                listing_text(listing, NULL, TABLE_PLAIN);
        listing_text(listing, entry ? net_string(entry, "file") : NULL, TABLE_PLAIN);
        listing_texts(listing, NULL, false);
        return r;
}

static int put_row(const View *view, Listing *listing, const char *name) {
        const GeneratedUnit *unit = net_units_find(&view->units, name);
        const char *state = net_units_state(&view->units, unit ? unit->unit : NULL, "active");
        AUTO(network_done) Network network = {};
        bool is_up = network_read(name, &network, NULL) >= 0;
        autostrv char **owners = NULL;
        int r = is_up ? list_owners(view, name, &owners) : 0;

        listing_text(listing, name, TABLE_PLAIN);
        listing_text(listing, state, table_state_tone(state));
        listing_text(listing, is_up ? network_driver_to_string(network.driver) : NULL, TABLE_PLAIN);
        put_subnets(listing, &network, is_up);
        listing_texts(listing, owners, is_up);
        listing_text(listing, is_up ? network.interface : NULL, TABLE_PLAIN);
        listing_text(listing, unit ? unit->unit : NULL, TABLE_PLAIN);
        put_flag(listing, network.internal, is_up);
        put_flag(listing, !network.no_names, is_up);
        listing_text(listing, unit ? unit->source : NULL, TABLE_PLAIN);
        listing_texts(listing, network.labels, is_up);
        return r;
}

static int list(const ObjectCall *call, Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        AUTO(view_close) View view = {};
        int r = view_open(&view, fault);

        for (char **name = view.names; name && *name && r >= 0; name++)
                r = (network_is_cni(*name) ? put_cni_row : put_row)(&view, listing, *name);
        if (r >= 0)
                r = listing_print(listing, &call->style, fault);
        /* What could be found out is printed all the same. */
        if (r >= 0 && !view.units.bus) {
                *fault = view.units.deaf;
                return -view.units.deaf.error;
        }
        return r;
}

/* --- inspect --- */

typedef struct Members {
        const char *network;
        json_t *list;
} Members;

static int add_member(const Member *member, void *data) {
        Members *members = data;
        json_t *all, *one;
        size_t i;

        if (!attachment_in(member, members->network))
                return 0;
        all = net_attachments_json(member);
        json_array_foreach(all, i, one) {
                if (strcmp(net_string(one, "network"), members->network) != 0)
                        continue;
                (void) json_object_del(one, "network");
                (void) json_object_set_new(one, "name", json_text(member->owner));
                (void) json_object_set_new(one, "kind", json_string(member->is_pod ? "pod" : "container"));
                (void) json_object_set_new(one, "unit", json_text(member->unit));
                (void) json_object_set_new(one, "ports", net_ports_json(member));
                (void) json_array_append(members->list, one);
        }
        json_decref(all);
        return 0;
}

static int add_lease(const Address *address, const char *owner, bool is_free, void *data) {
        char text[ADDRESS_TEXT_MAX];

        return json_array_append_new(data, json_pack("{ss so sb}", "address", address_format(address, text),
                                                           "owner", json_text(owner), "free", is_free));
}

static void add_cni_members(const View *view, const char *name, json_t *object) {
        const json_t *entry = json_object_get(view->cni, name);

        if (!network_is_cni(name))
                return;
        (void) json_object_set_new(object, "driver", json_string(network_driver_to_string(DRIVER_CNI)));
        (void) json_object_set_new(
                        object, "file", entry ? json_incref(json_object_get(entry, "file")) : json_null());
        (void) json_object_set_new(object, "configuration",
                        entry ? json_incref(json_object_get(entry, "configuration")) : json_null());
}

static int inspect_one(const View *view, const char *name, json_t *into) {
        const GeneratedUnit *unit = net_units_find(&view->units, name);
        const char *state = network_is_cni(name) ? cni_state(view, name) : "active";
        json_t *record = NULL, *object, *leases = json_array();
        Members members = { .network = name, .list = json_array() };

        (void) net_read(NET_NETWORKS, name, &record);
        object = json_pack("{so so so so}", "name", json_text(name), "state",
                        json_text(net_units_state(&view->units, unit ? unit->unit : NULL, state)), "unit",
                        json_text_or_null(unit ? unit->unit : NULL), "manifest",
                        json_text_or_null(unit ? unit->source : NULL));
        for (size_t i = 0; i < ELEMENTS(up_keys); i++) {
                json_t *value = json_object_get(record, up_keys[i]);

                (void) json_object_set(object, up_keys[i], value ? value : json_null());
        }
        add_cni_members(view, name, object);
        (void) member_visit(add_member, &members);
        (void) lease_visit(name, add_lease, leases);
        (void) json_object_set_new(object, "members", members.list);
        (void) json_object_set_new(object, "leases", leases);
        json_decref(record);
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

/* --- rm --- */

static int check_unused(const View *view, const char *name, Fault *fault) {
        autostrv char **owners = NULL;
        autofree char *joined = NULL;
        int r = list_owners(view, name, &owners);

        if (r < 0 || !owners)
                return r;
        joined = strv_join(owners, "', '");
        return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                        "'%.300s' %s in network '%s'; stop %s first, or say --force", joined ? joined : "",
                        owners[1] ? "are" : "is", name, owners[1] ? "them" : "it");
}

static int stop(const View *view, const GeneratedUnit *unit, const char *name, Fault *fault) {
        AUTO(jobs_close) Jobs jobs = {};
        UnitReport report;
        char what[256];
        int r;

        if (!unit_states_find(&view->units.states, unit->unit))
                return 0;
        r = jobs_open(&jobs, view->units.bus, fault);
        if (r >= 0)
                r = jobs_queue(&jobs, "StopUnit", unit->unit, fault);
        if (r >= 0)
                r = jobs_wait(&jobs, fault);
        if (r < 0 || job_is_done(&jobs.jobs[0]))
                return r;
        unit_report_read(view->units.bus, unit->unit, &report);
        (void) snprintf(what, sizeof(what), "stop network '%s'", name);
        return job_explain(what, unit->unit, jobs.jobs[0].result, &report, fault);
}

/* What a unit does when it goes for good, and where there is no unit. */
static int forget(const char *name, Fault *fault) {
        char *argv[] = { (char *) SLIPWAY_LIBEXEC_DIR "/slipway-net", (char *) "down", (char *) name,
                (char *) "--forget", NULL };
        int r, status;
        pid_t pid;

        r = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
        if (r != 0)
                return fault_wrap(fault, -r, "cannot execute '%s'", argv[0]);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return status == 0 ? 0
                           : fault_raise(fault, FAULT_SYSTEM, EIO, "'slipway-net down %s' has failed", name);
}

/* There is nothing to stop, and what is in the file is not ours to remove. */
static int refuse_cni(const View *view, const char *name, Fault *fault) {
        const json_t *entry = json_object_get(view->cni, name);

        if (!entry)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "the network '%s' is configured nowhere any more, and goes with the last "
                                "who is in it",
                                name);
        return fault_raise(fault, FAULT_CONFLICT, EPERM,
                        "the network '%s' is not Slipway's: it is there as long as '%s' is, so remove that "
                        "file",
                        name, net_string(entry, "file"));
}

static int remove_one(const View *view, const char *word, bool force, Fault *fault) {
        const GeneratedUnit *unit;
        const char *name;
        int r;

        r = find(view, word, &name, fault);
        if (r >= 0 && network_is_cni(name))
                r = refuse_cni(view, name, fault);
        if (r >= 0 && !force)
                r = check_unused(view, name, fault);
        if (r < 0)
                return r;
        unit = net_units_find(&view->units, name);
        if (unit && view->units.bus)
                r = stop(view, unit, name, fault);
        return r < 0 ? r : forget(name, fault);
}

static int rm(const ObjectCall *call, Fault *fault) {
        AUTO(view_close) View view = {};
        int r, q = 0;

        if (geteuid() != 0)
                return fault_raise(fault, FAULT_SYSTEM, EPERM, "only root can remove a network");
        r = view_open(&view, fault);
        for (char *const *word = call->words; *word && r >= 0; word++) {
                Fault one = {};

                if (remove_one(&view, *word, call->force, &one) < 0) {
                        report_fault(REPORT_ERROR, &one);
                        q = -EALREADY; /* is told already */
                }
        }
        return r < 0 ? r : q;
}

static const ObjectAction actions[] = {
        { "inspect", inspect, OBJECT_WORDS | OBJECT_LISTS },
        { "list", list, OBJECT_LISTS },
        { "ls", list, OBJECT_LISTS },
        { "rm", rm, OBJECT_WORDS | OBJECT_FORCES },
};

int verb_network(int argc, char **argv) {
        ObjectCall call = { .what = "network", .actions = actions, .n_actions = ELEMENTS(actions) };
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'f')
                        call.force = true;
                else if (listing_option(&call.style, key))
                        call.is_listing = true;
                else
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        return object_verb(&call, argc, argv);
}
