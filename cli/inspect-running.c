/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cgroup.h"
#include "cli/filter-report.h"
#include "cli/inspect-container.h"
#include "cli/mounts.h"
#include "cli/table.h"
#include "lib/capability.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/plan.h"
#include "nspawn-glue/running.h"

static int read_of(const Running *running, const char *what, char **ret) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) running->app, what);
        return io_read_file(AT_FDCWD, path, 1 << 20, ret, NULL);
}

/* --- what it was started with --- */

/* Of a secret, the name alone is nobody's secret. */
static json_t *masked(const char *value) {
        return json_sprintf("%.*s=********", (int) strcspn(value, "="), value);
}

static void add_plan(json_t *into, const PlanEntry *entries, size_t n) {
        static const struct {
                const char *verb, *key;
                bool is_list;
        } rows[] = {
                { "arg", "command", true },
                { "env", "environment", true },
                { "group", "groups", true },
                { "hostname", "hostname", false },
                { "sysctl", "sysctls", true },
                { "user", "user", false },
                { "workdir", "workdir", false },
        };
        bool seccomp = false;

        for (size_t i = 0; i < ELEMENTS(rows); i++)
                (void) json_object_set_new(into, rows[i].key, rows[i].is_list ? json_array() : json_null());
        for (size_t k = 0; k < n; k++) {
                if (strcmp(entries[k].verb, "secret-env") == 0)
                        (void) json_array_append_new(
                                        json_object_get(into, "environment"), masked(entries[k].value));
                seccomp = seccomp || strcmp(entries[k].verb, "seccomp") == 0;
                for (size_t i = 0; i < ELEMENTS(rows); i++)
                        if (strcmp(rows[i].verb, entries[k].verb) != 0)
                                continue;
                        else if (rows[i].is_list)
                                (void) json_array_append_new(json_object_get(into, rows[i].key),
                                                json_text(entries[k].value));
                        else
                                (void) json_object_set_new(into, rows[i].key, json_text(entries[k].value));
        }
        (void) json_object_set_new(into, "seccomp", seccomp ? json_object() : json_null());
}

static int add_seccomp(json_t *into, const Running *running) {
        autofd int fd = -1;
        json_t *report;

        if (json_is_null(json_object_get(into, "seccomp")))
                return 0;
        if (running_open_kept(running, KEPT_SECCOMP, &fd) < 0)
                return 0;
        report = filter_report(fd);
        return report ? json_object_set_new(into, "seccomp", report) : 0;
}

/* The very plan that the launcher has made. */
static int add_command(json_t *into, const Running *running) {
        autofree PlanEntry *entries = NULL;
        autofree char *text = NULL;
        autofd int plan = -1;
        size_t n;
        int r;

        r = running_open_kept(running, KEPT_PLAN, &plan);
        if (r >= 0)
                r = plan_read(plan, &text, &entries, &n);
        if (r < 0)
                return r;
        add_plan(into, entries, n);
        return add_seccomp(into, running);
}

/* --- what the kernel says --- */

static json_t *capability_list(const char *status, const char *field) {
        const char *at = strstr(status, field);
        uint64_t set = at ? strtoull(at + strlen(field), NULL, 16) : 0;
        json_t *list = json_array();

        for (int i = 0; i < 64; i++)
                if ((set & CAPABILITY_BIT(i)) && capability_to_name(i))
                        (void) json_array_append_new(list, json_sprintf("cap_%s", capability_to_name(i)));
        return list;
}

static void add_capabilities(json_t *into, const Running *running) {
        autofree char *status = NULL;
        const char *at;

        if (read_of(running, "status", &status) < 0)
                return;
        at = strstr(status, "\nNoNewPrivs:");
        (void) json_object_set_new(into, "capabilities",
                        json_pack("{so so so so so}", "bounding", capability_list(status, "\nCapBnd:"),
                                        "effective", capability_list(status, "\nCapEff:"), "permitted",
                                        capability_list(status, "\nCapPrm:"), "inheritable",
                                        capability_list(status, "\nCapInh:"), "ambient",
                                        capability_list(status, "\nCapAmb:")));
        (void) json_object_set_new(into, "no_new_privileges", json_boolean(at && atoi(at + 12) == 1));
}

static json_t *id_map(const Running *running, const char *what) {
        autofree char *text = NULL;
        json_t *list = json_array();
        unsigned inside, outside, count;
        int n;

        if (read_of(running, what, &text) < 0)
                return list;
        for (const char *at = text; sscanf(at, " %u %u %u%n", &inside, &outside, &count, &n) == 3; at += n)
                (void) json_array_append_new(
                                list, json_pack("{sI sI sI}", "container", (json_int_t) inside, "host",
                                                      (json_int_t) outside, "size", (json_int_t) count));
        return list;
}

/* A namespace that is the host's is told as such. */
static json_t *namespaces(const Running *running) {
        static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
        json_t *object = json_object();

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                struct stat own, other;
                char path[64];

                (void) snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int) running->app, names[i]);
                if (stat(path, &other) < 0)
                        continue;
                (void) snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
                if (stat(path, &own) >= 0 && own.st_ino == other.st_ino)
                        (void) json_object_set_new(object, names[i], json_string("host"));
                else
                        (void) json_object_set_new(object, names[i],
                                        json_sprintf("%s:[%ju]", names[i], (uintmax_t) other.st_ino));
        }
        return object;
}

static json_t *mount_list(const Running *running) {
        AUTO(mounts_done) MountLines mounts = {};
        json_t *list = json_array();

        if (mounts_read(running->app, &mounts) < 0)
                return list;
        for (size_t i = 0; i < mounts.n; i++) {
                const MountLine *line = &mounts.list[i];

                (void) json_array_append_new(
                                list, json_pack("{so so so so so}", "target", json_text(line->target),
                                                      "type", json_text(line->type), "source",
                                                      json_text(line->source), "path", json_text(line->root),
                                                      "options", json_text(line->options)));
        }
        return list;
}

/* "Max open files  1024  4096  files" */
static json_t *limit_list(const Running *running) {
        autofree char *text = NULL;
        json_t *object = json_object();
        char *save = NULL;

        if (read_of(running, "limits", &text) < 0)
                return object;
        (void) strtok_r(text, "\n", &save);
        for (char *line = strtok_r(NULL, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                char name[27] = "", soft[24], hard[24];

                if (sscanf(line, "%26c%23s %23s", name, soft, hard) != 3)
                        continue;
                for (size_t n = strlen(name); n > 0 && name[n - 1] == ' '; n--)
                        name[n - 1] = '\0';
                for (char *c = name; *c; c++)
                        if (*c == ' ')
                                *c = '_';
                (void) json_object_set_new(object, name[0] == 'M' && name[1] == 'a' ? name + 4 : name,
                                json_pack("{ss ss}", "soft", soft, "hard", hard));
        }
        return object;
}

/* --- addresses --- */

/* "fe80…0001 02 40 20 80 eth0" */
static void add_addresses_6(json_t *list, const Running *running) {
        autofree char *text = NULL;
        char *save = NULL;

        if (read_of(running, "net/if_inet6", &text) < 0)
                return;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                char shown[INET6_ADDRSTRLEN], name[32];
                unsigned byte, prefix;
                struct in6_addr address;

                for (size_t i = 0; i < sizeof(address.s6_addr); i++)
                        address.s6_addr[i] = sscanf(line + 2 * i, "%2x", &byte) == 1 ? (uint8_t) byte : 0;
                if (sscanf(line + 32, " %*x %x %*x %*x %31s", &prefix, name) == 2 &&
                                inet_ntop(AF_INET6, &address, shown, sizeof(shown)))
                        (void) json_array_append_new(
                                        list, json_pack("{ss so}", "interface", name, "address",
                                                              json_sprintf("%s/%u", shown, prefix)));
        }
}

/* What the kernel's table of routes calls local, and no broadcast address: lines "|-- ADDRESS" followed by
 * "/32 host LOCAL". */
static void add_addresses_4(json_t *list, const Running *running) {
        autofree char *text = NULL;
        char *save = NULL, address[64] = "";

        if (read_of(running, "net/fib_trie", &text) < 0)
                return;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                const char *leaf = strstr(line, "|-- ");

                if (strcmp(line, "Local:") == 0)
                        break; /* the table is there twice */
                if (leaf)
                        (void) snprintf(address, sizeof(address), "%.63s", leaf + 4);
                else if (strstr(line, "/32 host LOCAL") && *address)
                        (void) json_array_append_new(
                                        list, json_pack("{sn ss}", "interface", "address", address));
        }
}

static json_t *addresses(const Running *running) {
        json_t *list = json_array();

        add_addresses_4(list, running);
        add_addresses_6(list, running);
        return list;
}

/* --- control groups --- */

static json_t *number_or_null(uint64_t number) {
        return number == CGROUP_UNKNOWN ? json_null() : json_integer((json_int_t) number);
}

static void add_usage(json_t *into, const Running *running) {
        Cgroup cgroup;
        Usage usage;

        if (cgroup_find(running->nspawn, running->record.unit, &cgroup) < 0)
                return;
        cgroup_usage(&cgroup, running->init, &usage);
        (void) json_object_set_new(into, "usage",
                        json_pack("{so so so so so}", "memory", number_or_null(usage.memory), "memory_limit",
                                        number_or_null(usage.memory_limit), "pids",
                                        number_or_null(usage.pids), "pids_limit",
                                        number_or_null(usage.pids_limit), "cpu", number_or_null(usage.cpu)));
        (void) json_object_set_new(into, "control_group", json_text(cgroup.path[CGROUP_PROCESSES]));
}

int inspect_running(json_t *into, const char *name, Fault *fault) {
        AUTO(running_close) Running running = RUNNING_CLOSED;
        int r = running_open(name, &running, fault);

        if (r < 0)
                return r;
        r = add_command(into, &running);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read with what '%s' was started", name);
        (void) json_object_set_new(into, "pid", json_integer(running.app));
        (void) json_object_set_new(into, "nspawn_pid", json_integer(running.nspawn));
        add_capabilities(into, &running);
        (void) json_object_set_new(into, "uid_map", id_map(&running, "uid_map"));
        (void) json_object_set_new(into, "gid_map", id_map(&running, "gid_map"));
        (void) json_object_set_new(into, "namespaces", namespaces(&running));
        (void) json_object_set_new(into, "mounts", mount_list(&running));
        (void) json_object_set_new(into, "limits", limit_list(&running));
        (void) json_object_set_new(into, "addresses", addresses(&running));
        add_usage(into, &running);
        return 0;
}
