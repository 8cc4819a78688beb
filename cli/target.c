/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/target.h"

#include <fcntl.h>
#include <string.h>

#include "cli/container.h"

static int raise_stopped(const GeneratedUnit *unit, const char *word, Fault *fault) {
        int n = (int) (strrchr(unit->unit, '.') - unit->unit);

        return fault_raise(fault, FAULT_MISSING, ESRCH,
                        "the container '%s' does not run; 'systemctl start %.*s' starts it", word, n,
                        unit->unit);
}

/* It was not found as it was written: as a unit, or it does not run, or there is none. */
static int open_unit(const char *word, Running *ret, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(generated_unit_done) GeneratedUnit unit = {};
        char name[256];
        int r;

        r = containers_read(false, &units, fault);
        if (r >= 0)
                r = container_find(&units, word, &unit, fault);
        if (r < 0)
                return r;
        if (unit.fault)
                return fault_raise(fault, FAULT_MISSING, ESRCH,
                                "the container '%s' does not run: its manifest has a mistake, see 'slipway "
                                "check %s'",
                                word, word);
        r = running_open(container_name(&unit, name, sizeof(name)), ret, fault);
        if (r == -ESRCH) {
                fault_clear(fault);
                return raise_stopped(&unit, word, fault);
        }
        return r;
}

int target_open(const char *word, Running *ret, Fault *fault) {
        int r = running_open(word, ret, fault);

        if (r != -ESRCH && r != -EINVAL)
                return r;
        fault_clear(fault);
        return open_unit(word, ret, fault);
}

int target_open_root(const Running *running, int *ret, Fault *fault) {
        char path[64];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%d/root", (int) running->app);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return fault_raise(fault, errno == EACCES || errno == EPERM ? FAULT_SYSTEM : FAULT_MISSING,
                                errno, "cannot open the root of '%s': %s", running->name, strerror(errno));
        /* The process number is still that of the container, then so was its root. */
        if (running_has_ended(running)) {
                (void) close(fd);
                return fault_raise(fault, FAULT_MISSING, ESRCH, "the container '%s' has just ended",
                                running->name);
        }
        *ret = fd;
        return 0;
}
