/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/fsck-units.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "cli/generated.h"
#include "cli/manager.h"
#include "cli/manifests.h"
#include "lib/io.h"
#include "lib/paths.h"
#include "lib/strv.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/idrange.h"
#include "nspawn-glue/net/member.h"
#include "nspawn-glue/net/pod.h"
#include "nspawn-glue/network-clean.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/record.h"

#define UNITS "/run/systemd/generator"
#define FIFOS SLIPWAY_RUNTIME_DIR "/stdio"
#define LEASES SLIPWAY_STATE_DIR "/userns"

static int remove_pod(const char *subject, Fault *fault);

/* clang-format off */
static const FindingKind
unit_stale = { "unit-stale", FINDING_NOTE,
        "is not what its manifest asks for now",
        "the container runs as the manifest was when units were last loaded",
        "systemctl daemon-reload, and a restart of the unit", NULL },
unit_missing = { "unit-missing", FINDING_NOTE,
        "is not there yet, though there is a manifest for it",
        "the container cannot be started",
        "systemctl daemon-reload", NULL },
unit_orphan = { "unit-orphan", FINDING_NOTE,
        "has no manifest any more",
        "the container can still be started until units are loaded again",
        "systemctl daemon-reload", NULL },
fifo_left = { "fifo-left", FINDING_NOTE,
        "is a FIFO that nobody listens at",
        "it takes up some room in memory; the next start of the container uses it again",
        "--repair removes it", finding_remove_file },
pod_left = { "pod-left", FINDING_PROBLEM,
        "is a pod whose unit does not run",
        "its namespaces, addresses and ports are nobody's, and others cannot have them",
        "the next start of the pod makes it anew, and --repair removes it", remove_pod },
processes_left = { "processes-left", FINDING_PROBLEM,
        "has processes, though its unit does not run",
        "nobody limits or stops them, and they may hold files and ports of the next start",
        "look at them with 'systemctl status PID', and end them", NULL },
lease_unowned = { "lease-unowned", FINDING_NOTE,
        "keeps user ids for a container that there is no unit for",
        "no other container gets these ids; files may still belong to them",
        "remove it if that container will not come back", NULL };
/* clang-format on */

/* As its unit does when it ends. */
static int remove_pod(const char *subject, Fault *fault) {
        char *const argv[] = { (char *) SLIPWAY_NET, (char *) "pod-down", strrchr(subject, '/') + 1, NULL };
        int r = helper_do(argv, fault);

        return r < 0 ? fault_wrap(fault, r, "'slipway-net pod-down' has failed") : 0;
}

/* --- what the manager says --- */

/* The state of a unit in @ret. Return: whether it is loaded and the manager could be asked. */
static bool ask(sd_bus *bus, const char *unit, char ret[static 16]) {
        AUTO(unit_states_done) UnitStates states = {};
        char *const patterns[] = { (char *) unit, NULL };

        if (manager_states(bus, patterns, &states, NULL) < 0 || states.n == 0)
                return false;
        (void) snprintf(ret, 16, "%s", states.states[0].active);
        return true;
}

bool fsck_is_in_motion(void *data, const char *unit) {
        char active[16];

        return data && ask(data, unit, active) &&
               (strcmp(active, "activating") == 0 || strcmp(active, "deactivating") == 0 ||
                               strcmp(active, "reloading") == 0);
}

static bool is_down(sd_bus *bus, const char *unit) {
        char active[16];

        return !ask(bus, unit, active) || strcmp(active, "inactive") == 0 || strcmp(active, "failed") == 0;
}

/* --- units --- */

static int check_manifest(ManifestsView *view, Manifest *manifest, Findings *findings) {
        AUTO(unit_done) UnitWriter unit = {};
        autofree char *text = NULL;
        char path[PATH_MAX];
        int r = manifests_view_translate(view, manifest, &unit);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), UNITS "/%s", manifest->service);
        r = io_read_file(AT_FDCWD, path, 1 << 20, &text, NULL);
        if (r == -ENOENT)
                return findings_add(findings, &unit_missing, path, manifest->path);
        if (r < 0)
                return r == -ENOMEM ? r : findings_add(findings, &unit_stale, path, strerror(-r));
        return strcmp(text, unit.text) == 0 ? 0 : findings_add(findings, &unit_stale, path, manifest->path);
}

static bool has_manifest(const ManifestsView *view, const char *service) {
        const ManifestSet *set = &view->workspace.set;

        for (size_t i = 0; i < set->n_manifests; i++)
                if (!set->manifests[i]->is_masked && !set->manifests[i]->is_shadowed &&
                                strcmp(set->manifests[i]->service, service) == 0)
                        return true;
        return false;
}

static int check_units(const GeneratedUnits *units, Findings *findings, Fault *fault) {
        AUTO(manifests_view_close) ManifestsView view = {};
        const ManifestSet *set = &view.workspace.set;
        int r = manifests_view_open(&view, SEARCH_SYSTEM, NULL, fault);

        for (size_t i = 0; r >= 0 && i < set->n_manifests; i++)
                if (!set->manifests[i]->is_masked && !set->manifests[i]->is_shadowed)
                        r = check_manifest(&view, set->manifests[i], findings);
        for (size_t i = 0; r >= 0 && i < units->n; i++)
                if (!units->units[i].is_left && !has_manifest(&view, units->units[i].unit))
                        r = findings_add_file(findings, &unit_orphan, UNITS, units->units[i].unit,
                                        units->units[i].source);
        return r;
}

/* --- FIFOs, processes, leases --- */

static int check_fifos(sd_bus *bus, Findings *findings) {
        autoclosedir DIR *dir = opendir(FIFOS);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                const char *dot = strrchr(entry->d_name, '.');
                char unit[PATH_MAX];

                if (!dot || (strcmp(dot, ".out") != 0 && strcmp(dot, ".err") != 0))
                        continue;
                (void) snprintf(unit, sizeof(unit), "slipway-stdio@%.*s.socket", (int) (dot - entry->d_name),
                                entry->d_name);
                if (is_down(bus, unit))
                        r = findings_add_file(findings, &fifo_left, FIFOS, entry->d_name, NULL);
        }
        return r < 0 ? r : -errno;
}

static bool ends_with(const char *text, const char *suffix) {
        size_t n = strlen(text), m = strlen(suffix);

        return n > m && strcmp(text + n - m, suffix) == 0;
}

/* Whether there is a process in a control group or below. */
static bool has_processes(int group_fd) {
        int copy = openat(group_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        autofree char *text = NULL;
        struct dirent *entry;

        if (io_read_file(group_fd, "cgroup.procs", 1 << 20, &text, NULL) >= 0 && *text)
                return true;
        while (dir && (entry = readdir(dir))) {
                autofd int below = -1;

                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                below = openat(group_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (below >= 0 && has_processes(below))
                        return true;
        }
        return false;
}

/* Slices have slices and units in them. What is gone by the time we look is gone. */
static int check_slice(sd_bus *bus, const char *path, Findings *findings) {
        autoclosedir DIR *dir = opendir(path);
        struct dirent *entry;
        int r = 0;

        while (r >= 0 && dir && (entry = readdir(dir))) {
                const char *unit = entry->d_name + (entry->d_name[0] == '_');
                char below[PATH_MAX];
                autofd int fd = -1;

                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                (void) snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
                if (ends_with(unit, ".slice"))
                        r = check_slice(bus, below, findings);
                if (!ends_with(unit, ".service") && !ends_with(unit, ".scope"))
                        continue;
                fd = open(below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd >= 0 && has_processes(fd) && is_down(bus, unit))
                        r = findings_add(findings, &processes_left, unit, below);
        }
        return r;
}

static int check_processes(sd_bus *bus, Findings *findings) {
        autofree char *object = NULL, *group = NULL, *path = NULL;
        struct statfs st;
        bool is_unified = statfs("/sys/fs/cgroup", &st) >= 0 && st.f_type == CGROUP2_SUPER_MAGIC;

        if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", "slipway.slice", &object) < 0)
                return -ENOMEM;
        if (sd_bus_get_property_string(bus, "org.freedesktop.systemd1", object,
                            "org.freedesktop.systemd1.Slice", "ControlGroup", NULL, &group) < 0 ||
                        !*group)
                return 0;
        if (asprintf(&path, "/sys/fs/cgroup%s%s", is_unified ? "" : "/systemd", group) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return check_slice(bus, path, findings);
}

/* Of an instance only its template is known, whose container has specifiers in its name. */
static bool may_be(const char *known, const char *name) {
        size_t n = strcspn(known, "%");

        return known[n] ? strncmp(known, name, n) == 0 : strcmp(known, name) == 0;
}

/* The ids of a pod are those of all that are in it. */
static bool is_owner(const GeneratedUnit *unit, const char *name) {
        size_t n = strlen(ID_RANGE_POD);

        if (!unit->container)
                return true; /* a fault: it may be the one */
        if (strncmp(name, ID_RANGE_POD, n) == 0)
                return unit->pod && may_be(unit->pod, name + n);
        return may_be(unit->container, name);
}

static int check_lease(
                const GeneratedUnits *units, const char *file, const char *container, Findings *findings) {
        Record record;

        for (size_t i = 0; i < units->n; i++)
                if (is_owner(&units->units[i], container))
                        return 0;
        return record_read(container, &record) >= 0
                               ? 0
                               : findings_add_file(findings, &lease_unowned, LEASES, file, container);
}

static int check_leases(const GeneratedUnits *units, Findings *findings) {
        autoclosedir DIR *dir = opendir(LEASES);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                char container[sizeof(ID_RANGE_POD) + CONTAINER_NAME_MAX + 1];
                ssize_t n = readlinkat(dirfd(dir), entry->d_name, container, sizeof(container) - 1);

                if (n < 0)
                        continue;
                container[n] = '\0';
                r = check_lease(units, entry->d_name, container, findings);
        }
        return r < 0 ? r : -errno;
}

/* --- pods --- */

/* Return: whether one of them may be the unit of the pod; which is "" for an instance of a template. */
static bool find_pod_unit(const GeneratedUnits *units, const char *name, char ret[static 256]) {
        for (size_t i = 0; i < units->n; i++) {
                const GeneratedUnit *unit = &units->units[i];

                if (unit->pod && may_be(unit->pod, name)) {
                        (void) snprintf(ret, 256, "%s", unit->is_template ? "" : unit->unit);
                        return true;
                }
        }
        return false;
}

/*
 * Who made it is in its record, or in that of a member of networks, which comes before. Of one that was
 * killed before either the name says it; which instance of a template it was, nothing does.
 */
static bool is_left(sd_bus *bus, const GeneratedUnits *units, const char *name) {
        AUTO(pod_done) Pod pod = {};
        AUTO(member_done) Member member = {};
        char unit[256] = "";

        if (pod_read_record(name, &pod, NULL) >= 0)
                (void) snprintf(unit, sizeof(unit), "%s", pod.unit);
        else if (member_read(name, &member) >= 0 && member.is_pod)
                (void) snprintf(unit, sizeof(unit), "%s", member.unit);
        if (*unit)
                return is_down(bus, unit);
        return !find_pod_unit(units, name, unit) || (*unit && is_down(bus, unit));
}

static int check_pods(sd_bus *bus, Findings *findings) {
        static const char *const directories[] = { UNITS, NULL };
        AUTO(generated_done) GeneratedUnits units = {};
        autostrv char **names = NULL;
        int r;

        r = pod_list(&names);
        if (r >= 0 && names)
                r = generated_read_kind(directories, "pod", &units);
        for (char **name = names; name && *name && r >= 0; name++)
                if (is_left(bus, &units, *name))
                        r = findings_add_file(findings, &pod_left, PODS_DIR, *name, NULL);
        return r;
}

int fsck_units(sd_bus *bus, Findings *findings, Fault *fault) {
        static const char *const directories[] = { UNITS, NULL };
        AUTO(generated_done) GeneratedUnits units = {};
        int r = generated_read(directories, &units);

        if (r >= 0)
                r = check_units(&units, findings, fault);
        if (r >= 0)
                r = check_leases(&units, findings);
        if (r >= 0 && bus)
                r = check_fifos(bus, findings);
        if (r >= 0 && bus)
                r = check_pods(bus, findings);
        if (r >= 0 && bus)
                r = check_processes(bus, findings);
        return r < 0 && !fault_is_raised(fault) ? fault_wrap(fault, r, "cannot check the units") : r;
}
