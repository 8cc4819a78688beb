/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway list: what containers there are, and how they are. */

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cgroup.h"
#include "cli/container.h"
#include "cli/listing.h"
#include "cli/manager.h"
#include "cli/networks.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/record.h"

typedef struct ListCall {
        ListingStyle style;
        bool running, user;
        char *const *patterns; /* NULL-terminated, empty for all */
} ListCall;

enum { OPT_USER = LISTING_KEYS_END };

/* clang-format off */
static const Option options[] = {
        { 'a',      "all",     NULL, "all containers, also those that do not run (the default)" },
        { 'q',      "quiet",   NULL, "print names only" },
        { 'r',      "running", NULL, "only containers that run" },
        { OPT_USER, "user",    NULL, "what your own service manager has, not the system's" },
        LISTING_OPTIONS,
};

static const Field fields[] = {
        { "Name",    "name",     "NAME",    "Names ID Id" },
        { "State",   "state",    "STATE",   NULL },
        { "Health",  "health",   "HEALTH",  NULL },
        { "Image",   "image",    "IMAGE",   NULL },
        { "Since",   "since",    "SINCE",   "RunningFor CreatedSince" },
        { "Memory",  "memory",   ">MEMORY", NULL },
        { "Unit",    "unit",     "UNIT",    NULL },
        { "Ports",   "ports",    "PORTS",   NULL },
        { "Status",  "status",   "STATUS",  NULL },
        { "Sub",     "sub",      NULL,      NULL },
        { "Source",  "source",   NULL,      NULL },
        { "ImageId", "image_id", NULL,      NULL },
        { "Pid",     "pid",      NULL,      NULL },
        { "HealthSince",  "health_since",  NULL, NULL },
        { "HealthStreak", "health_streak", NULL, NULL },
        { "HealthChecks", "health_checks", NULL, NULL },
        { "Networks",  "networks",  NULL, NULL },
        { "Addresses", "addresses", NULL, NULL },
        { "Pod",       "pod",       NULL, "PodName" },
};
/* clang-format on */

/* A container, and what the service manager and the launcher know of it. */
typedef struct Row {
        const GeneratedUnit *unit;
        UnitState *state; /* NULL when it is not loaded */
        bool is_asked;    /* the service manager could be asked */
        bool has_record;  /* it runs, or did when the launcher was last heard of */
        Record record;
        bool is_probed; /* its health is */
        HealthState health;
        uint64_t since;  /* microseconds since the epoch, 0 when it is not known */
        uint64_t memory; /* CGROUP_UNKNOWN when it is not */
        Member member;   /* its networks, or those of its pod */
} Row;

/* In systemd's own words, but for manifests that have no unit worth starting. */
static const char *state_word(const Row *row) {
        if (strcmp(row->unit->kind, "fault") == 0)
                return "fault";
        if (row->state)
                return row->state->active;
        /* Started by hand, or by something that is not asked. */
        if (row->has_record && !*row->unit->unit)
                return "active";
        return row->is_asked ? "inactive" : "unknown";
}

/* What there is to say beyond the state. */
static const char *row_status(const Row *row) {
        if (row->unit->fault)
                return row->unit->fault;
        if (row->state && row->state->status)
                return row->state->status;
        return row->state ? row->state->result : NULL;
}

static bool is_wanted(const ListCall *call, const Row *row) {
        char buffer[256];
        const char *name = container_name(row->unit, buffer, sizeof(buffer));

        if (call->running && strcmp(state_word(row), "active") != 0)
                return false;
        for (char *const *pattern = call->patterns; *pattern; pattern++)
                if (fnmatch(*pattern, name, 0) == 0 || fnmatch(*pattern, row->unit->unit, 0) == 0)
                        return true;
        return !*call->patterns;
}

/* --- what is known --- */

/* A record may outlive its container, if that was killed in an unlucky moment. */
static bool is_nspawn(pid_t pid) {
        autofree char *comm = NULL;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        return io_read_file(AT_FDCWD, path, 64, &comm, NULL) >= 0 &&
               (strncmp(comm, "systemd-nspawn", 14) == 0 || strncmp(comm, "slipway-nspawn", 14) == 0);
}

static bool has_container(const GeneratedUnits *units, size_t n, const char *name, const Record *record) {
        char buffer[256];

        for (size_t i = 0; i < n; i++)
                if (strcmp(container_name(&units->units[i], buffer, sizeof(buffer)), name) == 0 &&
                                (!*record->unit || strcmp(units->units[i].unit, record->unit) == 0))
                        return true;
        return false;
}

/* Those who run although their manifest is gone, and who were started without one. */
static int add_running(GeneratedUnits *units) {
        autoclosedir DIR *directory = opendir(RECORD_DIR);
        size_t n = units->n;
        struct dirent *entry;
        int r = 0;

        while (r >= 0 && directory && (entry = readdir(directory))) {
                GeneratedUnit unit = {};
                Record record;

                if (*entry->d_name == '.' || record_read(entry->d_name, &record) < 0 ||
                                has_container(units, n, entry->d_name, &record) || !is_nspawn(record.pid))
                        continue;
                unit.unit = strdup(record.unit);
                unit.kind = strdup("container");
                unit.container = strdup(entry->d_name);
                unit.image = strdup(record.image);
                if (unit.unit && unit.kind && unit.container && unit.image)
                        r = generated_add(units, &unit);
                else {
                        generated_unit_done(&unit);
                        r = -ENOMEM;
                }
        }
        return r;
}

/* The manager compares each pattern with each unit: for many, all services are cheaper. */
static int make_patterns(const GeneratedUnits *units, char ***ret) {
        if (units->n > 16)
                return strv_append(ret, "*.service");
        return containers_patterns(units, ret);
}

static int ask(const GeneratedUnits *units, sd_bus *bus, UnitStates *ret, Fault *fault) {
        autostrv char **patterns = NULL;
        int r = make_patterns(units, &patterns);

        if (r < 0)
                return fault_wrap(fault, r, "cannot ask systemd about the units");
        return patterns ? manager_states(bus, patterns, ret, fault) : 0;
}

/* When a container has ended is when its record was set aside. */
static uint64_t ended_at(const char *name) {
        char path[512];
        struct stat st;

        (void) snprintf(path, sizeof(path), RECORD_DIR "/.%s.last", name);
        return stat(path, &st) < 0 ? 0
                                   : (uint64_t) st.st_ctim.tv_sec * 1000000 +
                                                     (uint64_t) st.st_ctim.tv_nsec / 1000;
}

static void fill_row(Row *row, sd_bus *bus) {
        const char *active = row->state ? row->state->active : "";
        char buffer[256];
        const char *name = container_name(row->unit, buffer, sizeof(buffer));
        Cgroup cgroup;

        row->memory = CGROUP_UNKNOWN;
        if (strcmp(active, "inactive") != 0)
                row->has_record = record_read(name, &row->record) >= 0;
        if (row->has_record && strcmp(row->record.unit, row->unit->unit) != 0 && row->state)
                row->has_record = false; /* the name is somebody else's at the moment */
        if (row->has_record) {
                row->is_probed = health_state_read(name, &row->health) >= 0;
                row->since = row->record.started;
                (void) member_read(*row->record.pod ? row->record.pod : name, &row->member);
                row->memory = cgroup_memory_of_unit(row->record.unit);
                if (row->memory == CGROUP_UNKNOWN &&
                                cgroup_find(row->record.pid, row->record.unit, &cgroup) >= 0)
                        row->memory = cgroup_memory(&cgroup);
        }
        if (row->state && bus && strcmp(active, "active") != 0 && strcmp(active, "inactive") != 0)
                manager_details(bus, row->state);
        if (row->state && row->state->since > 0)
                row->since = row->state->since;
        if (row->since == 0)
                row->since = ended_at(name);
}

/* --- printing --- */

static void format_age(uint64_t since, char *ret, size_t size) {
        uint64_t now = (uint64_t) time(NULL), then = since / 1000000, age = now > then ? now - then : 0;

        if (age < 60)
                (void) snprintf(ret, size, "%" PRIu64 "s ago", age);
        else if (age < 3600)
                (void) snprintf(ret, size, "%" PRIu64 "min ago", age / 60);
        else if (age < 2 * 86400)
                (void) snprintf(ret, size, "%" PRIu64 "h ago", age / 3600);
        else
                (void) snprintf(ret, size, "%" PRIu64 " days ago", age / 86400);
}

static void put_number(Listing *listing, uint64_t number, bool is_known, const char *shown) {
        listing_value(listing, is_known ? json_integer((json_int_t) number) : json_null(),
                        is_known ? shown : NULL, TABLE_PLAIN);
}

/* "unknown" when nobody probes it any more who should. */
static void put_health(Listing *listing, const Row *row) {
        static const TableTone tones[_HEALTH_STATUS_MAX + 1] = {
                [HEALTH_HEALTHY] = TABLE_GOOD,
                [HEALTH_UNHEALTHY] = TABLE_BAD,
                [_HEALTH_STATUS_MAX] = TABLE_BAD,
        };

        listing_text(listing, row->is_probed ? health_status_to_string(row->health.status) : NULL,
                        row->is_probed ? tones[row->health.status] : TABLE_PLAIN);
}

static void put_health_numbers(Listing *listing, const Row *row) {
        const uint64_t numbers[] = { row->health.since, row->health.streak, row->health.checks };
        char text[32];

        for (size_t i = 0; i < ELEMENTS(numbers); i++) {
                (void) snprintf(text, sizeof(text), "%" PRIu64, numbers[i]);
                put_number(listing, numbers[i], row->is_probed, text);
        }
}

static void put_networks(Listing *listing, const Member *member) {
        autostrv char **networks = NULL, **addresses = NULL;

        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];
                char text[ADDRESS_TEXT_MAX];

                (void) strv_append(&networks, attachment->network);
                for (size_t k = 0; k < attachment->n_prefixes; k++)
                        (void) strv_append(
                                        &addresses, address_format(&attachment->prefixes[k].address, text));
        }
        listing_texts(listing, networks, true);
        listing_texts(listing, addresses, true);
}

static void put_row(Listing *listing, const Row *row) {
        char buffer[256], memory[32], since[32], pid[16];
        autofree char *ports = net_ports_text(&row->member);
        const char *state = state_word(row);

        format_bytes(row->memory, memory, sizeof(memory));
        format_age(row->since, since, sizeof(since));
        (void) snprintf(pid, sizeof(pid), "%d", (int) row->record.pid);

        listing_text(listing, container_name(row->unit, buffer, sizeof(buffer)), TABLE_PLAIN);
        listing_text(listing, state, table_state_tone(state));
        put_health(listing, row);
        listing_text(listing, row->unit->image, TABLE_PLAIN);
        put_number(listing, row->since, row->since > 0, since);
        put_number(listing, row->memory, row->memory != CGROUP_UNKNOWN, memory);
        listing_text(listing, row->unit->unit, TABLE_PLAIN);
        listing_value(listing, net_ports_json(&row->member), ports, TABLE_PLAIN);
        listing_text(listing, row_status(row), TABLE_PLAIN);
        listing_text(listing, row->state ? row->state->sub : NULL, TABLE_PLAIN);
        listing_text(listing, row->unit->source, TABLE_PLAIN);
        listing_text(listing, row->has_record ? row->record.image_id : NULL, TABLE_PLAIN);
        put_number(listing, (uint64_t) row->record.pid, row->has_record, pid);
        put_health_numbers(listing, row);
        put_networks(listing, &row->member);
        listing_text(listing, row->has_record && *row->record.pod ? row->record.pod : row->unit->pod,
                        TABLE_PLAIN);
}

static int print(const ListCall *call, const GeneratedUnits *units, const UnitStates *states, sd_bus *bus,
                Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));

        for (size_t i = 0; i < units->n; i++) {
                const GeneratedUnit *unit = &units->units[i];
                Row row = { .unit = unit, .is_asked = bus };

                if (unit->is_template && !unit->fault)
                        continue;
                row.state = (UnitState *) unit_states_find(states, unit->unit);
                fill_row(&row, bus);
                if (is_wanted(call, &row))
                        put_row(listing, &row);
                member_done(&row.member);
        }
        return listing_print(listing, &call->style, fault);
}

static int list(const ListCall *call, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(unit_states_done) UnitStates states = {};
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Fault deaf = {};
        int r, asked;

        r = containers_read(call->user, &units, fault);
        if (r >= 0 && !call->user)
                r = add_running(&units);
        if (r < 0)
                return r;

        asked = manager_connect(call->user, &bus, &deaf);
        if (asked >= 0)
                asked = ask(&units, bus, &states, &deaf);
        r = containers_add_instances(&units, &states);
        if (r >= 0)
                r = print(call, &units, &states, asked >= 0 ? bus : NULL, fault);
        if (r < 0)
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot print the list");

        /* What could be found out is printed all the same. */
        if (asked < 0)
                *fault = deaf;
        return asked;
}

int verb_list(int argc, char **argv) {
        ListCall call = {};
        Fault fault = {};
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == 'a' || key == 'r')
                        call.running = key == 'r';
                else if (key == OPT_USER)
                        call.user = true;
                else if (!listing_option(&call.style, key))
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;

        call.patterns = argv + optind;
        if (list(&call, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        return VERB_OK;
}
