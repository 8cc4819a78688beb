/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/check.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/locked.h"
#include "lib/paths.h"
#include "nspawn-glue/check-network.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/idrange.h"
#include "nspawn-glue/options.h"
#include "nspawn-glue/record.h"
#include "nspawn-glue/userns.h"

static int clean(const char *subject, Fault *fault);
static int unmount(const char *subject, Fault *fault);

/* clang-format off */
static const FindingKind
state_left = { "state-left", FINDING_PROBLEM,
        "belongs to a container that does not run",
        "it takes up room, and keeps the image of the container from being removed",
        "the next start of the container removes it, and so does --repair", clean },
record_left = { "record-left", FINDING_PROBLEM,
        "is the record of a container that does not run",
        "others take the container for one that runs",
        "the next start of the container replaces it, and --repair removes it", clean },
draft_left = { "record-half", FINDING_NOTE,
        "is a file that nobody is writing any more",
        "it takes up some room in memory; the process that wrote it was killed",
        "the next boot removes it, and so does --repair", finding_remove_file },
health_left = { "health-left", FINDING_NOTE,
        "tells of the health of a container that does not run",
        "it takes up some room in memory; what cleans up after the container was killed",
        "the next start of the container removes it, and so does --repair", finding_remove_file },
mount_left = { "mount-left", FINDING_PROBLEM,
        "is mounted for the whole system",
        "mounts of containers are theirs alone; this one keeps files busy that could be removed",
        "--repair unmounts it", unmount },
lease_strange = { "lease-strange", FINDING_PROBLEM,
        "is no lease of user ids that Slipway has made",
        "it may keep ids from being used, or have them used twice",
        "remove it if no container is meant by it", NULL },
lease_twice = { "lease-twice", FINDING_PROBLEM,
        "is one of several leases of user ids for the same container",
        "files that the container has made may belong to ids that it does not have any more",
        "remove all but the one whose ids own the files of its volumes", NULL };
/* clang-format on */

/* As the unit does when the container has ended. It takes the lock, so it cannot hit one that runs. */
static int clean(const char *subject, Fault *fault) {
        char *const argv[] = { (char *) SLIPWAY_LIBEXEC_DIR "/slipway-nspawn", (char *) "--clean",
                strrchr(subject, '/') + 1, NULL };
        int r = helper_do(argv, fault);

        return r < 0 ? fault_wrap(fault, r, "'slipway-nspawn --clean' has failed") : 0;
}

static int unmount(const char *subject, Fault *fault) {
        if (umount2(subject, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL)
                return fault_wrap(fault, -errno, "cannot unmount '%s'", subject);
        return 0;
}

/* Held by the launcher, then by systemd-nspawn. What the kernel does not tell is taken for a lock. */
static bool is_locked(const char *name) {
        char path[sizeof(RECORD_DIR) + CONTAINER_NAME_MAX + 8];
        int r;

        (void) snprintf(path, sizeof(path), RECORD_DIR "/.%s.lock", name);
        r = locked_by_somebody(AT_FDCWD, path);
        return r != 0 && r != -ENOENT;
}

static bool is_dead(const StateCheck *check, const char *name) {
        Record record = {};

        if (is_locked(name))
                return false;
        if (record_read_last(name, &record) < 0 || !*record.unit)
                (void) snprintf(record.unit, sizeof(record.unit), "%s.service", name);
        return !check->is_in_motion || !check->is_in_motion(check->data, record.unit);
}

/* ".NAME.new", or another suffix */
static bool is_beside(const char *file, const char *suffix, char *ret_name, size_t size) {
        size_t n = strlen(file), m = strlen(suffix);

        if (file[0] != '.' || n <= m + 1 || strcmp(file + n - m, suffix) != 0)
                return false;
        (void) snprintf(ret_name, size, "%.*s", (int) (n - m - 1), file + 1);
        return container_name_is_valid(ret_name);
}

typedef int CheckEntry(
                const StateCheck *check, const char *directory, const char *entry, Findings *findings);

static int check_state(
                const StateCheck *check, const char *directory, const char *entry, Findings *findings) {
        if (!container_name_is_valid(entry) || !is_dead(check, entry))
                return 0;
        return findings_add_file(findings, &state_left, directory, entry, NULL);
}

static int check_record(
                const StateCheck *check, const char *directory, const char *entry, Findings *findings) {
        static const struct {
                const char *suffix;
                const FindingKind *kind;
        } beside[] = {
                { ".new", &draft_left },
                { ".health", &health_left },
                { ".nspawn", &draft_left },
        };
        char name[CONTAINER_NAME_MAX + 8];

        for (size_t i = 0; i < ELEMENTS(beside); i++)
                if (is_beside(entry, beside[i].suffix, name, sizeof(name)))
                        return is_dead(check, name) ? findings_add_file(findings, beside[i].kind, directory,
                                                                      entry, NULL)
                                                    : 0;
        if (!container_name_is_valid(entry) || !is_dead(check, entry))
                return 0;
        return findings_add_file(findings, &record_left, directory, entry, NULL);
}

static int check_directory(const StateCheck *check, const char *path, CheckEntry *look, Findings *findings) {
        autoclosedir DIR *dir = opendir(path);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                r = look(check, path, entry->d_name, findings);
        return r < 0 ? r : -errno;
}

/* What the launcher mounts, where it mounts it. Others may have a file system of their own in our places. */
static bool is_our_mount(const char *point, const char *source) {
        static const char *const places[] = { SLIPWAY_RUNTIME_DIR "/", SLIPWAY_STATE_DIR "/containers/" };

        for (size_t i = 0; i < ELEMENTS(places); i++)
                if (strncmp(point, places[i], strlen(places[i])) == 0)
                        return strcmp(source, "slipway") == 0 || i > 0;
        return false;
}

/* "36 35 98:0 /root /point options optional… - type source options" */
int state_check_mounts(char *mountinfo, Findings *findings) {
        char *line;

        while ((line = strsep(&mountinfo, "\n"))) {
                char point[PATH_MAX], source[256], *rest = strstr(line, " - ");
                int r = 0;

                if (!rest || sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1 ||
                                sscanf(rest, " - %*s %255s", source) != 1)
                        continue;
                if (is_our_mount(point, source))
                        r = findings_add(findings, &mount_left, point, NULL);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_mounts(Findings *findings) {
        autofree char *text = NULL;
        int r = io_read_file(AT_FDCWD, "/proc/1/mountinfo", 64 << 20, &text, NULL);

        return r < 0 ? r : state_check_mounts(text, findings);
}

typedef struct Lease {
        uint32_t base;
        char name[sizeof(ID_RANGE_POD) + CONTAINER_NAME_MAX + 1];
} Lease;

/* All in a pod have the same ids. */
static bool owner_is_valid(const char *name) {
        size_t n = strlen(ID_RANGE_POD);

        return container_name_is_valid(strncmp(name, ID_RANGE_POD, n) == 0 ? name + n : name);
}

static bool read_lease(int dir_fd, const char *file, Lease *ret) {
        ssize_t n = readlinkat(dir_fd, file, ret->name, sizeof(ret->name) - 1);
        char *end;
        unsigned long base = strtoul(file, &end, 10);

        if (n < 0 || *end || *file < '1' || *file > '9' || base % IDS_PER_CONTAINER != 0 ||
                        base < ID_RANGE_FIRST || base > ID_RANGE_LAST)
                return false;
        ret->name[n] = '\0';
        ret->base = (uint32_t) base;
        return owner_is_valid(ret->name);
}

static int compare_leases(const void *a, const void *b) {
        return strcmp(((const Lease *) a)->name, ((const Lease *) b)->name);
}

static int tell_twins(Lease *leases, size_t n, Findings *findings) {
        if (n > 0)
                qsort(leases, n, sizeof(Lease), compare_leases);
        for (size_t i = 0; i < n; i++) {
                bool before = i > 0 && compare_leases(&leases[i - 1], &leases[i]) == 0;
                bool after = i + 1 < n && compare_leases(&leases[i], &leases[i + 1]) == 0;
                char base[16];
                int r;

                if (!before && !after)
                        continue;
                (void) snprintf(base, sizeof(base), "%u", leases[i].base);
                r = findings_add_file(
                                findings, &lease_twice, SLIPWAY_STATE_DIR "/userns", base, leases[i].name);
                if (r < 0)
                        return r;
        }
        return 0;
}

int state_check_leases(int dir_fd, Findings *findings) {
        int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        autoclosedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        autofree Lease *leases = NULL;
        struct dirent *entry;
        size_t n = 0;

        if (!dir)
                return -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                Lease *grown;

                if (entry->d_name[0] == '.')
                        continue;
                grown = reallocarray(leases, n + 1, sizeof(Lease));
                if (!grown)
                        return -ENOMEM;
                leases = grown;
                if (read_lease(dir_fd, entry->d_name, &leases[n]))
                        n++;
                else
                        r = findings_add_file(findings, &lease_strange, SLIPWAY_STATE_DIR "/userns",
                                        entry->d_name, NULL);
        }
        return r < 0 ? r : tell_twins(leases, n, findings);
}

static int check_leases(Findings *findings) {
        autofd int fd = open(SLIPWAY_STATE_DIR "/userns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        return state_check_leases(fd, findings);
}

int state_check(const StateCheck *check, Findings *findings, Fault *fault) {
        int r;

        r = check_directory(check, SLIPWAY_STATE_DIR "/containers", check_state, findings);
        if (r >= 0)
                r = check_directory(check, RECORD_DIR, check_record, findings);
        if (r >= 0)
                r = network_check(check, findings);
        if (r >= 0)
                r = check_leases(findings);
        if (r >= 0)
                r = check_mounts(findings);
        return r < 0 ? fault_wrap(fault, r, "cannot check what containers have left") : 0;
}
