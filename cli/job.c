/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/job.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-journal.h>
#include <time.h>

#include "cli/manager.h"
#include "lib/report.h"
#include "lib/signals.h"

#define MANAGER "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"

static int take_removed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Jobs *jobs = userdata;
        const char *path, *result;
        int r;

        (void) error;
        r = sd_bus_message_read(message, "uoss", NULL, &path, NULL, &result);
        if (r < 0)
                return 0;
        for (size_t i = 0; i < jobs->n; i++)
                if (strcmp(jobs->jobs[i].path, path) == 0)
                        (void) snprintf(jobs->jobs[i].result, sizeof(jobs->jobs[i].result), "%s", result);
        return 0;
}

/* On a bus, others could send signals as well. */
static const char *sender_of(sd_bus *bus) {
        return sd_bus_is_bus_client(bus) > 0 ? MANAGER : NULL;
}

int jobs_open(Jobs *jobs, sd_bus *bus, Fault *fault) {
        int r;

        *jobs = (Jobs){ .bus = bus };
        r = sd_bus_match_signal(bus, &jobs->slot, sender_of(bus), MANAGER_PATH, MANAGER ".Manager",
                        "JobRemoved", take_removed, jobs);
        if (r >= 0 && sender_of(bus))
                r = sd_bus_call_method(bus, MANAGER, MANAGER_PATH, MANAGER ".Manager", "Subscribe", NULL,
                                NULL, NULL);
        return r < 0 ? fault_wrap(fault, r, "cannot follow systemd's jobs") : 0;
}

void jobs_close(Jobs *jobs) {
        for (size_t i = 0; i < jobs->n; i++) {
                free(jobs->jobs[i].unit);
                free(jobs->jobs[i].path);
        }
        free(jobs->jobs);
        sd_bus_slot_unref(jobs->slot);
        *jobs = (Jobs){};
}

int jobs_adopt(Jobs *jobs, const char *unit, const char *path) {
        Job *grown = reallocarray(jobs->jobs, jobs->n + 1, sizeof(Job));
        Job job = {};

        if (!grown)
                return -ENOMEM;
        jobs->jobs = grown;
        job.unit = strdup(unit);
        job.path = strdup(path);
        if (!job.unit || !job.path) {
                free(job.unit);
                free(job.path);
                return -ENOMEM;
        }
        jobs->jobs[jobs->n++] = job;
        return 0;
}

int manager_fault(sd_bus_error *error, int r, const char *what, Fault *fault) {
        bool denied = sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED) ||
                      sd_bus_error_has_name(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);

        if (denied)
                r = fault_raise(fault, FAULT_SYSTEM, EACCES,
                                "cannot %s: that is for root, or whom polkit allows to manage units; try "
                                "sudo",
                                what);
        else
                r = fault_raise(fault, FAULT_SYSTEM, r < 0 ? -r : EIO, "cannot %s: %s", what,
                                error->message ? error->message : strerror(-r));
        sd_bus_error_free(error);
        return r;
}

int jobs_queue(Jobs *jobs, const char *method, const char *unit, Fault *fault) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        char what[320];
        const char *path;
        int r = sd_bus_call_method(jobs->bus, MANAGER, MANAGER_PATH, MANAGER ".Manager", method, &error,
                        &reply, "ss", unit, "replace");

        if (r >= 0)
                r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0)
                return jobs_adopt(jobs, unit, path);
        (void) snprintf(what, sizeof(what), "%.*s '%s'", (int) (strlen(method) - strlen("Unit")), method,
                        unit);
        *what = (char) (*what | 0x20);
        return manager_fault(&error, r, what, fault);
}

bool jobs_are_over(const Jobs *jobs) {
        for (size_t i = 0; i < jobs->n; i++)
                if (!*jobs->jobs[i].result)
                        return false;
        return true;
}

static uint64_t now(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

int jobs_wait_for(Jobs *jobs, uint64_t usec, Fault *fault) {
        uint64_t start = now(), passed = 0;
        int r = 0;

        while (r >= 0 && !jobs_are_over(jobs) && passed <= usec) {
                r = sd_bus_process(jobs->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(jobs->bus, usec == UINT64_MAX ? usec : usec - passed);
                if (r == -EINTR)
                        r = 0;
                passed = usec == UINT64_MAX ? 0 : now() - start;
        }
        return r < 0 ? fault_wrap(fault, r, "cannot wait for systemd") : jobs_are_over(jobs);
}

int jobs_wait(Jobs *jobs, Fault *fault) {
        int r = jobs_wait_for(jobs, UINT64_MAX, fault);

        return r < 0 ? r : 0;
}

bool job_is_done(const Job *job) {
        return strcmp(job->result, "done") == 0;
}

static void read_text(sd_bus *bus, const char *path, const char *interface, const char *name, char *ret,
                size_t size) {
        autofree char *value = NULL;

        if (sd_bus_get_property_string(bus, MANAGER, path, interface, name, NULL, &value) >= 0)
                (void) snprintf(ret, size, "%s", value);
}

static void read_invocation(sd_bus *bus, const char *path, UnitReport *report) {
        AUTO(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const void *bytes;
        size_t n;

        if (sd_bus_get_property(bus, MANAGER, path, MANAGER ".Unit", "InvocationID", NULL, &reply, "ay") <
                                        0 ||
                        sd_bus_message_read_array(reply, 'y', &bytes, &n) < 0 || n != sizeof(sd_id128_t))
                return;
        (void) sd_id128_to_string(*(const sd_id128_t *) bytes, report->invocation);
}

void unit_report_read(sd_bus *bus, const char *unit, UnitReport *ret) {
        autofree char *path = NULL;
        const char *u = MANAGER ".Unit", *s = MANAGER ".Service";
        char load[24] = "";

        *ret = (UnitReport){};
        if (sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path) < 0)
                return;
        read_text(bus, path, u, "LoadState", load, sizeof(load));
        ret->is_known = *load && strcmp(load, "not-found") != 0;
        if (!ret->is_known)
                return;
        read_text(bus, path, u, "ActiveState", ret->active, sizeof(ret->active));
        read_text(bus, path, u, "SubState", ret->sub, sizeof(ret->sub));
        read_text(bus, path, s, "Result", ret->result, sizeof(ret->result));
        read_text(bus, path, s, "StatusText", ret->status, sizeof(ret->status));
        (void) sd_bus_get_property_trivial(bus, MANAGER, path, s, "ExecMainCode", NULL, 'i', &ret->code);
        (void) sd_bus_get_property_trivial(
                        bus, MANAGER, path, s, "ExecMainStatus", NULL, 'i', &ret->exit_status);
        (void) sd_bus_get_property_trivial(bus, MANAGER, path, s, "MainPID", NULL, 'u', &ret->main_pid);
        read_invocation(bus, path, ret);
}

/* What systemd's own word for a result means to whoever waits for the container. */
static void describe_result(const UnitReport *report, char *ret, size_t size) {
        static const struct {
                const char *result, *text;
        } known[] = {
                { "core-dump", "it was killed by a signal, and has left a core" },
                { "exec-condition", "a condition of its manifest forbids it" },
                { "oom-kill", "it ran out of memory" },
                { "protocol", "it has ended before it was ready" },
                { "resources", "systemd could not prepare it" },
                { "start-limit-hit", "it was started too often in a short time; 'systemctl reset-failed' "
                                     "allows it "
                                     "again" },
                { "timeout", "it took longer than it may, see TimeoutStartSec= and TimeoutStopSec=" },
                { "watchdog", "it did not say often enough that it is alive, see WatchdogSec=" },
        };
        char signal[16];

        if (report->code == CLD_EXITED && report->exit_status != 0)
                (void) snprintf(ret, size, "it has ended with status %d", report->exit_status);
        else if (report->code == CLD_KILLED)
                (void) snprintf(ret, size, "it was killed by SIG%s",
                                signal_to_name(report->exit_status, signal, sizeof(signal)));
        else
                (void) snprintf(ret, size, "systemd says '%s'", report->result);
        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcmp(report->result, known[i].result) == 0)
                        (void) snprintf(ret, size, "%s", known[i].text);
}

int job_explain(const char *what, const char *unit, const char *result, const UnitReport *report,
                Fault *fault) {
        static const struct {
                const char *result, *text;
        } jobs[] = {
                { "canceled", "another job took its place" },
                { "dependency", "a unit that it needs has failed" },
                { "skipped", "there was nothing to do" },
        };
        char text[256];

        for (size_t i = 0; i < ELEMENTS(jobs); i++)
                if (strcmp(result, jobs[i].result) == 0)
                        return fault_raise(fault, FAULT_SYSTEM, EIO,
                                        "cannot %s: %s; see 'systemctl status %s'", what, jobs[i].text,
                                        unit);
        if (*report->status)
                return fault_raise(fault, FAULT_SYSTEM, EIO, "cannot %s: %s", what, report->status);
        describe_result(report, text, sizeof(text));
        return fault_raise(fault, FAULT_SYSTEM, EIO, "cannot %s: %s; 'journalctl --unit=%s' may have more",
                        what, text, unit);
}

static void print_entry(sd_journal *journal, const char *unit) {
        const void *data;
        size_t n;
        char text[1024];

        if (sd_journal_get_data(journal, "MESSAGE", &data, &n) < 0 || n < 8)
                return;
        (void) snprintf(text, sizeof(text), "%.*s", (int) (n - 8), (const char *) data + 8);
        fault_tame(text);
        report_note(REPORT_NOTICE, "%s: %s", unit, text);
}

void job_last_words(const char *unit, const UnitReport *report) {
        enum { MOST_LINES = 5 };
        sd_journal *journal = NULL;
        char match[64];
        int found = 0;

        if (!*report->invocation || sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
                return;
        (void) snprintf(match, sizeof(match), "_SYSTEMD_INVOCATION_ID=%s", report->invocation);
        if (sd_journal_add_match(journal, match, 0) >= 0 && sd_journal_seek_tail(journal) >= 0) {
                while (found < MOST_LINES && sd_journal_previous(journal) > 0)
                        found++;
                for (int i = 0; i < found; i++) {
                        print_entry(journal, unit);
                        if (sd_journal_next(journal) <= 0)
                                break;
                }
        }
        sd_journal_close(journal);
}
