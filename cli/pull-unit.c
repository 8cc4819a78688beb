/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/job.h"
#include "cli/manager.h"
#include "cli/watch.h"
#include "lib/cleanup.h"
#include "lib/report.h"

#define TEMPLATE "slipway-pull@"
#define UNIT_NAME_LIMIT 255

/* How long to wait for news before the terminal is drawn anew. */
#define LOOK_USEC 100000

static bool is_plain(char c) {
        return isascii(c) && (isalnum((unsigned char) c) || strchr(":_.", c));
}

int pull_unit_escape(const char *text, char **ret) {
        char *escaped = malloc(4 * strlen(text) + 1), *to = escaped;

        if (!escaped)
                return -ENOMEM;
        for (const char *c = text; *c; c++)
                if (*c == '/')
                        *to++ = '-';
                else if (is_plain(*c) && !(c == text && *c == '.'))
                        *to++ = *c;
                else
                        to += sprintf(to, "\\x%02x", (unsigned char) *c);
        *to = '\0';
        *ret = escaped;
        return 0;
}

static int hex_digit(char c) {
        static const char digits[] = "0123456789abcdef";
        const char *at = c ? strchr(digits, c) : NULL;

        return at ? (int) (at - digits) : -1;
}

int pull_unit_unescape(const char *instance, char **ret, Fault *fault) {
        autofree char *text = malloc(strlen(instance) + 1);
        char *to = text;

        if (!text)
                return -ENOMEM;
        for (const char *c = instance; *c; c++) {
                int high, low;

                if (*c != '\\') {
                        *to++ = (char) (*c == '-' ? '/' : *c);
                        continue;
                }
                high = c[1] == 'x' ? hex_digit(c[2]) : -1;
                low = high >= 0 ? hex_digit(c[3]) : -1;
                if (low < 0 || (high == 0 && low == 0))
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'%.200s' is no instance of a unit; systemd-escape(1) makes one of "
                                        "an image",
                                        instance);
                *to++ = (char) (high << 4 | low);
                c += 3;
        }
        *to = '\0';
        *ret = TAKE(text);
        return 0;
}

int pull_unit_name(const char *text, char **ret, Fault *fault) {
        autofree char *instance = NULL;
        char *name;
        int r = pull_unit_escape(text, &instance);

        if (r < 0)
                return r;
        if (asprintf(&name, TEMPLATE "%s.service", instance) < 0)
                return -ENOMEM;
        if (strlen(name) > UNIT_NAME_LIMIT) {
                free(name);
                return fault_raise(fault, FAULT_VALUE, ENAMETOOLONG,
                                "cannot pull '%.60s…' as an ordinary user: its name is too long for a unit; "
                                "try "
                                "sudo",
                                text);
        }
        *ret = name;
        return 0;
}

/* Where polkit has no agent and would have to ask, it says no. */
static int queue(Jobs *jobs, const char *unit, Fault *fault) {
        int r;

        (void) sd_bus_set_allow_interactive_authorization(jobs->bus, true);
        r = jobs_queue(jobs, "StartUnit", unit, fault);
        if (r != -EACCES)
                return r;
        fault_clear(fault);
        return fault_raise(fault, FAULT_SYSTEM, EACCES,
                        "that is for root, or for whom polkit allows to start %s*: try sudo, or see "
                        "slipway-pull(1) for how to allow it to a group",
                        TEMPLATE);
}

/* One line that is drawn over at a terminal; else a line for each thing that is said. */
static void show(const char *status, char *shown, size_t size, bool is_quiet) {
        bool is_terminal = isatty(STDERR_FILENO);
        struct winsize window = {};
        char line[1024];

        if (is_quiet || !*status || strcmp(status, shown) == 0)
                return;
        (void) snprintf(shown, size, "%s", status);
        (void) snprintf(line, sizeof(line), "%s", status);
        fault_tame(line);
        if (!is_terminal) {
                report_note(REPORT_NOTICE, "%s", line);
                return;
        }
        (void) ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
        fprintf(stderr, "\r%.*s\033[K", window.ws_col > 1 ? window.ws_col - 1 : 79, line);
        (void) fflush(stderr);
}

static int wait_for(Jobs *jobs, const UnitWatch *watch, bool is_quiet, Fault *fault) {
        char shown[1024] = "";
        int r = 0;

        /* A log gets what is said last only: there is no telling how often it changes. */
        while (r == 0) {
                r = jobs_wait_for(jobs, LOOK_USEC, fault);
                if (isatty(STDERR_FILENO))
                        show(watch->report.status, shown, sizeof(shown), is_quiet);
        }
        if (isatty(STDERR_FILENO) && *shown)
                fputs("\r\033[K", stderr);
        return r < 0 ? r : 0;
}

int pull_unit_run(const char *text, bool is_quiet, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        autofree char *unit = NULL;
        UnitWatch watch = {};
        Jobs jobs = {};
        int r = pull_unit_name(text, &unit, fault);

        if (r >= 0)
                r = manager_connect(false, &bus, fault);
        if (r < 0)
                return r;
        r = jobs_open(&jobs, bus, fault);
        if (r >= 0)
                r = unit_watch_open(&watch, bus, unit, fault);
        if (r >= 0)
                r = queue(&jobs, unit, fault);
        if (r >= 0)
                r = wait_for(&jobs, &watch, is_quiet, fault);
        if (r >= 0 && !job_is_done(&jobs.jobs[0])) {
                /* Its own words say what could not be done. */
                r = *watch.report.status ? fault_raise(fault, FAULT_SYSTEM, EIO, "%s", watch.report.status)
                                         : job_explain("pull the image", unit, jobs.jobs[0].result,
                                                           &watch.report, fault);
        } else if (r >= 0 && !is_quiet && *watch.report.status)
                report_note(REPORT_NOTICE, "%s", watch.report.status);
        unit_watch_close(&watch);
        jobs_close(&jobs);
        return r;
}
