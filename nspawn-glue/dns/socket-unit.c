/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/dns/socket-unit.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "lib/cleanup.h"

#define MANAGER "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"

/* A socket is there at once; a responder has nothing to finish. */
enum { PATIENCE_S = 15, UNIT_MAX = sizeof("slipway-dns@.service") + NETWORK_NAME_MAX, TEXT_MAX = 1024 };

typedef struct Job {
        char path[256];
        char result[32];
} Job;

static int wrong(sd_bus_error *error, int r, const char *what, const char *unit, Fault *fault) {
        r = fault_raise(fault, FAULT_SYSTEM, -r, "cannot %s '%s': %s", what, unit,
                        error->message ? error->message : strerror(-r));
        sd_bus_error_free(error);
        return r;
}

/* The service manager's own socket, which is there without a bus. */
static int connect_manager(sd_bus **ret, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r = sd_bus_new(&bus);

        if (r >= 0)
                r = sd_bus_set_address(bus, "unix:path=/run/systemd/private");
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot reach systemd: %s", strerror(-r));
        *ret = TAKE(bus);
        return 0;
}

static int take_removed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Job *job = userdata;
        const char *path, *result;

        (void) error;
        if (sd_bus_message_read(message, "uoss", NULL, &path, NULL, &result) >= 0 &&
                        strcmp(path, job->path) == 0)
                (void) snprintf(job->result, sizeof(job->result), "%s", result);
        return 0;
}

/* Return: 0 when the job that @reply tells of is over, and has done what it was to do; -errno. */
static int wait_job(sd_bus *bus, sd_bus_message *reply, Job *job) {
        time_t end = time(NULL) + PATIENCE_S;
        const char *path;
        int r = sd_bus_message_read(reply, "o", &path);

        if (r < 0)
                return r;
        (void) snprintf(job->path, sizeof(job->path), "%s", path);
        while (!*job->result && time(NULL) < end) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, 1000000);
                if (r < 0 && r != -EINTR)
                        return r;
        }
        if (!*job->result)
                return -ETIMEDOUT;
        return strcmp(job->result, "done") == 0 ? 0 : -EADDRNOTAVAIL;
}

/* Signals of jobs are asked for before there is a job. */
static int run_job(sd_bus *bus, sd_bus_message *call, sd_bus_error *error) {
        AUTO(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Job job = {};
        int r = sd_bus_match_signal(bus, &slot, NULL, MANAGER_PATH, MANAGER ".Manager", "JobRemoved",
                        take_removed, &job);

        if (r >= 0)
                r = sd_bus_call(bus, call, 0, error, &reply);
        return r < 0 ? r : wait_job(bus, reply, &job);
}

static int stop_unit(sd_bus *bus, const char *unit, Fault *fault) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_message_new_method_call(
                        bus, &call, MANAGER, MANAGER_PATH, MANAGER ".Manager", "StopUnit");

        if (r >= 0)
                r = sd_bus_message_append(call, "ss", unit, "replace");
        if (r >= 0)
                r = run_job(bus, call, &error);
        if (sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit")) {
                sd_bus_error_free(&error);
                return 0;
        }
        return r < 0 ? wrong(&error, r, "stop", unit, fault) : 0;
}

/* The socket first, so that nobody starts the service anew. */
static int stop_both(sd_bus *bus, const char *network, Fault *fault) {
        char unit[UNIT_MAX];
        int r;

        (void) snprintf(unit, sizeof(unit), "slipway-dns@%s.socket", network);
        r = stop_unit(bus, unit, fault);
        if (r < 0)
                return r;
        (void) snprintf(unit, sizeof(unit), "slipway-dns@%s.service", network);
        return stop_unit(bus, unit, fault);
}

/* "10.99.0.1:53", "[fd00::1]:53" */
static void to_listen(const Address *address, char *ret, size_t size) {
        char text[ADDRESS_TEXT_MAX];

        (void) address_format(address, text);
        (void) snprintf(ret, size, address->family == AF_INET6 ? "[%s]:53" : "%s:53", text);
}

/* Also says whether a socket that is there is the right one. Return: -EINVAL when there is no gateway. */
static int describe(const Network *network, char ret[static TEXT_MAX]) {
        size_t n = (size_t) snprintf(ret, TEXT_MAX, "DNS of network %s on", network->name);
        char text[ADDRESS_TEXT_MAX + 8];
        bool any = false;

        for (size_t i = 0; i < network->n_subnets && n < TEXT_MAX; i++) {
                if (!address_is_set(&network->subnets[i].gateway))
                        continue;
                to_listen(&network->subnets[i].gateway, text, sizeof(text));
                n += (size_t) snprintf(ret + n, TEXT_MAX - n, " %s", text);
                any = true;
        }
        return any ? 0 : -EINVAL;
}

/* Whether the socket listens with that description. */
static bool is_there(sd_bus *bus, const char *unit, const char *description) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        autofree char *text = NULL, *state = NULL;
        const char *path;

        return sd_bus_call_method(bus, MANAGER, MANAGER_PATH, MANAGER ".Manager", "GetUnit", NULL, &reply,
                               "s", unit) >= 0 &&
               sd_bus_message_read(reply, "o", &path) >= 0 &&
               sd_bus_get_property_string(bus, MANAGER, path, MANAGER ".Unit", "Description", NULL, &text) >=
                               0 &&
               sd_bus_get_property_string(
                               bus, MANAGER, path, MANAGER ".Unit", "ActiveState", NULL, &state) >= 0 &&
               strcmp(text, description) == 0 && strcmp(state, "active") == 0;
}

static int append_listen(sd_bus_message *call, const Network *network) {
        char text[ADDRESS_TEXT_MAX + 8];
        int r = sd_bus_message_open_container(call, 'r', "sv");

        if (r >= 0)
                r = sd_bus_message_append(call, "s", "Listen");
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'v', "a(ss)");
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'a', "(ss)");
        for (size_t i = 0; r >= 0 && i < network->n_subnets; i++) {
                if (!address_is_set(&network->subnets[i].gateway))
                        continue;
                to_listen(&network->subnets[i].gateway, text, sizeof(text));
                r = sd_bus_message_append(call, "(ss)", "Datagram", text);
                if (r >= 0)
                        r = sd_bus_message_append(call, "(ss)", "Stream", text);
        }
        for (int i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(call);
        return r;
}

/*
 * FreeBind: an address that was just given to a bridge may not be there to the kernel yet. The limit is for
 * a responder that cannot be started, which would be tried for ever.
 */
static int append_unit(
                sd_bus_message *call, const char *unit, const char *description, const Network *network) {
        int r = sd_bus_message_append(call, "ss", unit, "replace");

        if (r >= 0)
                r = sd_bus_message_open_container(call, 'a', "(sv)");
        if (r >= 0)
                r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s", description,
                                "Documentation", "as", 1, "man:slipway-dns(8)", "CollectMode", "s",
                                "inactive-or-failed", "FreeBind", "b", true, "TriggerLimitIntervalUSec", "t",
                                UINT64_C(10000000), "TriggerLimitBurst", "u", UINT32_C(20));
        if (r >= 0)
                r = append_listen(call, network);
        if (r >= 0)
                r = sd_bus_message_close_container(call);
        return r < 0 ? r : sd_bus_message_append(call, "a(sa(sv))", 0);
}

static int start_socket(sd_bus *bus, const char *unit, const char *description, const Network *network,
                Fault *fault) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_message_new_method_call(
                        bus, &call, MANAGER, MANAGER_PATH, MANAGER ".Manager", "StartTransientUnit");

        if (r >= 0)
                r = append_unit(call, unit, description, network);
        if (r >= 0)
                r = run_job(bus, call, &error);
        if (r == -EADDRNOTAVAIL)
                return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                                "cannot listen for the %s: is there another DNS server on port 53 of all "
                                "addresses? See 'journalctl -u %s'",
                                description, unit);
        return r < 0 ? wrong(&error, r, "start", unit, fault) : 0;
}

int dns_socket_start(const Network *network, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        char description[TEXT_MAX], unit[UNIT_MAX];
        int r;

        if (describe(network, description) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "cannot answer DNS in network '%s': it has no gateway to listen on",
                                network->name);
        r = connect_manager(&bus, fault);
        if (r < 0)
                return r;

        (void) snprintf(unit, sizeof(unit), "slipway-dns@%s.service", network->name);
        r = stop_unit(bus, unit, fault);
        (void) snprintf(unit, sizeof(unit), "slipway-dns@%s.socket", network->name);
        if (r < 0 || is_there(bus, unit, description))
                return r;
        r = stop_both(bus, network->name, fault);
        return r < 0 ? r : start_socket(bus, unit, description, network, fault);
}

int dns_socket_stop(const char *network, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (!network_name_is_valid(network))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' cannot be the name of a network",
                                network);
        r = connect_manager(&bus, fault);
        return r < 0 ? r : stop_both(bus, network, fault);
}
