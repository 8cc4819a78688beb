/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/memory-events.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/own-unit.h"

/* Where the counters are, in the order in which it is tried. A unified hierarchy need not have this
 * controller. */
/* clang-format off */
static const struct {
        const char *controllers, *root, *events, *limit;
} hierarchies[] = {
        { ":memory:", "/sys/fs/cgroup/memory", "memory.oom_control", "memory.limit_in_bytes" },
        { "0::",      "/sys/fs/cgroup",        "memory.events",      "memory.max" },
};
/* clang-format on */

/* Cuts off what is below the unit, as the place of control processes. */
static void cut_below(char *path, const char *unit) {
        size_t n = strlen(unit);

        for (char *at = path; (at = strstr(at, unit)); at += n)
                if (at > path && at[-1] == '/' && (at[n] == '/' || !at[n])) {
                        at[n] = '\0';
                        return;
                }
}

static char *find_group(char *text, const char *controllers, const char *unit) {
        char *line;

        while ((line = strsep(&text, "\n"))) {
                char *found = strstr(line, controllers);

                if (!found || (*controllers == '0' && found != line))
                        continue;
                found += strlen(controllers);
                cut_below(found, unit);
                return found;
        }
        return NULL;
}

static int read_counter(const char *root, const char *group, const char *file, char **ret) {
        autofree char *path = NULL;

        if (asprintf(&path, "%s%s/%s", root, group, file) < 0)
                return -ENOMEM;
        return io_read_file(AT_FDCWD, path, 65536, ret, NULL);
}

/* Without a limit there is a word, or a number that no machine has. */
static uint64_t read_limit(const char *root, const char *group, const char *file) {
        autofree char *text = NULL;
        uint64_t limit;

        if (read_counter(root, group, file, &text) < 0)
                return 0;
        limit = strtoull(text, NULL, 10);
        return limit >= UINT64_C(1) << 60 ? 0 : limit;
}

static int read_hierarchy(size_t i, const char *unit, uint64_t *ret_kills, uint64_t *ret_limit) {
        autofree char *groups = NULL, *events = NULL;
        const char *group, *kills;

        if (io_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &groups, NULL) < 0)
                return -ENODATA;
        group = find_group(groups, hierarchies[i].controllers, unit);
        if (!group || read_counter(hierarchies[i].root, group, hierarchies[i].events, &events) < 0)
                return -ENODATA;
        kills = strstr(events, "oom_kill ");
        if (!kills)
                return -ENODATA;
        *ret_kills = strtoull(kills + strlen("oom_kill "), NULL, 10);
        *ret_limit = read_limit(hierarchies[i].root, group, hierarchies[i].limit);
        return 0;
}

int memory_events_read(uint64_t *ret_kills, uint64_t *ret_limit) {
        OwnUnit unit;

        if (own_unit(&unit) < 0)
                return -ENODATA;
        for (size_t i = 0; i < ELEMENTS(hierarchies); i++)
                if (read_hierarchy(i, unit.name, ret_kills, ret_limit) >= 0)
                        return 0;
        return -ENODATA;
}

/* Old hierarchies count where the process would have been: systemd-nspawn makes two groups below the unit's.
 */
static bool was_refused_in(const char *root, const char *group) {
        static const char *const files[] = { "pids.events", "payload/pids.events",
                "supervisor/pids.events" };

        for (size_t i = 0; i < ELEMENTS(files); i++) {
                autofree char *events = NULL;
                const char *refused;

                if (read_counter(root, group, files[i], &events) < 0)
                        continue;
                refused = strstr(events, "max ");
                if (refused && strtoull(refused + strlen("max "), NULL, 10) > 0)
                        return true;
        }
        return false;
}

bool task_was_refused(void) {
        static const struct {
                const char *controllers, *root;
        } places[] = {
                { ":pids:", "/sys/fs/cgroup/pids" },
                { "0::", "/sys/fs/cgroup" },
        };
        OwnUnit unit;

        if (own_unit(&unit) < 0)
                return false;
        for (size_t i = 0; i < ELEMENTS(places); i++) {
                autofree char *groups = NULL;
                const char *group;

                if (io_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &groups, NULL) < 0)
                        return false;
                group = find_group(groups, places[i].controllers, unit.name);
                if (group && was_refused_in(places[i].root, group))
                        return true;
        }
        return false;
}
