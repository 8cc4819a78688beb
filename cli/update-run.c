/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/update-run.h"

#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "cli/job.h"
#include "cli/pull-client.h"
#include "cli/state.h"
#include "cli/update-memory.h"
#include "image/change.h"
#include "image/give-back.h"
#include "image/lookup.h"
#include "image/origin.h"
#include "image/platform.h"
#include "image/use.h"
#include "lib/report.h"

/* A group on its way. */
typedef struct Update {
        const UpdateCall *call;
        UpdateGroup *group;
        Digest had;      /* what the name led to before; unset when it led nowhere */
        Digest now;      /* what it leads to */
        Digest top;      /* what the registry has, as far as it was asked */
        bool is_pending; /* the registry has something new, which was not fetched */
} Update;

/* --- what the name leads to --- */

static int look_up(const char *name, Digest *ret, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        int r = store_open(state_directory(), &store, fault);

        if (r >= 0)
                r = store_lock(&store, STORE_SHARED, fault);
        return r < 0 ? r : image_find(&store, name, ret, NULL, fault);
}

/* What did not do the last time is the same today. */
static bool is_wanted(void *data, const char *name, const Digest *top, bool is_here) {
        Update *update = data;

        update->top = *top;
        if (update_keeps_away(name, top))
                return false;
        update->is_pending = update->call->dry_run;
        return !update->call->dry_run;
}

/* One that was pulled for another machine is updated by one for that. */
static void choose_platform(const Update *update, PullOptions *options) {
        autostore Store store = STORE_CLOSED;
        autoorigin Origin origin = {};
        PlatformText machine;

        platform_of_machine(&options->platform);
        machine = platform_text(
                        options->platform.os, options->platform.architecture, options->platform.variant);
        if (!digest_is_set(&update->had) || store_open(state_directory(), &store, NULL) < 0 ||
                        store_lock(&store, STORE_SHARED, NULL) < 0 ||
                        origin_read(&store, update->group->name, &update->had, &origin, NULL) < 0 ||
                        !origin.platform || strcmp(origin.platform, machine.text) == 0)
                return;
        options->platform_is_given = platform_parse(origin.platform, &options->platform, NULL) >= 0;
}

static int ask_registry(Update *update, Fault *fault) {
        const char *authfile = update->call->authfile
                                               ?: *update->group->authfile ? update->group->authfile
                                                                           : NULL;
        PullOptions options = {
                .audience = PULL_NOBODY,
                .policy = PULL_ALWAYS,
                .authfile = authfile,
                .tls = update->call->tls,
                .is_wanted = is_wanted,
                .data = update,
        };
        AUTO(pull_client_close) PullClient client = {};
        autofree char *name = NULL;
        int r;

        choose_platform(update, &options);
        r = pull_client_open(&client, &options, fault);
        return r < 0 ? r : pull_client_pull(&client, update->group->text, &name, &update->now, fault);
}

static int find_newest(Update *update, Fault *fault) {
        int r = look_up(update->group->name, &update->had, fault);

        if (r < 0 && r != -ENOENT)
                return r;
        fault_clear(fault);
        if (strcmp(update->group->policy, "registry") == 0)
                return ask_registry(update, fault);
        update->now = update->had;
        return 0;
}

/* --- units --- */

static bool is_outdated(const Update *update, const UpdateUnit *unit) {
        return digest_is_set(&update->now) && !digest_equal(&unit->image, &update->now);
}

static size_t count_outdated(const Update *update) {
        size_t n = 0;

        for (size_t i = 0; i < update->group->n; i++)
                n += is_outdated(update, update->group->units[i]);
        return n;
}

static void set_results(Update *update, UpdateResult result) {
        for (size_t i = 0; i < update->group->n; i++)
                if (update->is_pending || is_outdated(update, update->group->units[i]))
                        update->group->units[i]->result = result;
}

static int call_manager(sd_bus *bus, const char *method, const char *unit) {
        return sd_bus_call_method(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager", method, NULL, NULL, "s", unit);
}

/* One that systemd has only in its memory, as those of slipway run, would be forgotten with its failure. */
static void reset_failed(sd_bus *bus, const char *unit) {
        (void) call_manager(bus, "RefUnit", unit);
        (void) call_manager(bus, "ResetFailedUnit", unit);
}

/* What was stopped meanwhile stays so; what the update has made fail starts again. */
static int queue_restart(Update *update, Jobs *jobs, UpdateUnit *unit, Fault *fault) {
        const char *method = unit->result == UPDATE_FAILED ? "RestartUnit" : "TryRestartUnit";

        reset_failed(update->call->bus, unit->record.unit);
        return jobs_queue(jobs, method, unit->record.unit, fault);
}

static void report_job(const Update *update, const UpdateUnit *unit, const Job *job, const char *verb) {
        UnitReport report;
        Fault fault = {};
        char what[512];

        unit_report_read(update->call->bus, unit->record.unit, &report);
        (void) snprintf(what, sizeof(what), "%s '%s' with image sha256:%.12s", verb, unit->container,
                        update->now.hex);
        (void) job_explain(what, unit->record.unit, job->result, &report, &fault);
        report_fault(REPORT_ERROR, &fault);
}

/* One that systemd knows nothing of any more holds up nobody, and says nothing about the image. */
static void queue_all(Update *update, Jobs *jobs, UpdateUnit **of) {
        for (size_t i = 0; i < update->group->n; i++) {
                UpdateUnit *unit = update->group->units[i];
                Fault fault = {};

                if (!is_outdated(update, unit))
                        continue;
                if (queue_restart(update, jobs, unit, &fault) >= 0) {
                        of[jobs->n - 1] = unit;
                        continue;
                }
                unit->result = UPDATE_FAILED;
                report_fault(REPORT_ERROR, &fault);
        }
}

/**
 * restart() - restart those that were outdated, all at the same time
 * @verb:       what it is called in messages
 * @result:     of those with which it went well
 *
 * Return: how many did not get ready, -errno with a fault.
 */
static int restart(Update *update, const char *verb, UpdateResult result, Fault *fault) {
        AUTO(jobs_close) Jobs jobs = {};
        autofree UpdateUnit **of = calloc(update->group->n + 1, sizeof(*of));
        int failed = 0, r = of ? jobs_open(&jobs, update->call->bus, fault) : -ENOMEM;

        if (r >= 0) {
                queue_all(update, &jobs, of);
                r = jobs_wait(&jobs, fault);
        }
        for (size_t i = 0; i < jobs.n && r >= 0; i++) {
                bool is_well = job_is_done(&jobs.jobs[i]);

                of[i]->result = is_well ? result : UPDATE_FAILED;
                failed += !is_well;
                if (!is_well)
                        report_job(update, of[i], &jobs.jobs[i], verb);
        }
        return r < 0 ? r : failed;
}

/* For slipway events, and for who looks at the journal of the unit. */
static void tell_journal(const Update *update, const UpdateUnit *unit) {
        bool is_well = unit->result == UPDATE_YES;
        const Digest *from = is_well ? &unit->image : &update->now,
                     *to = is_well ? &update->now : &update->had;

        (void) sd_journal_send(is_well ? "MESSAGE=Updated %s to image sha256:%.12s (%s)"
                                       : "MESSAGE=Took %s back to image sha256:%.12s (%s)",
                        unit->container, to->hex, update->group->name, "MESSAGE_ID=%s",
                        message_id_to_string(is_well ? MESSAGE_UPDATED : MESSAGE_ROLLED_BACK), "PRIORITY=%d",
                        is_well ? LOG_INFO : LOG_WARNING, "CONTAINER_NAME=%s", unit->container,
                        "OBJECT_SYSTEMD_UNIT=%s", unit->record.unit, "IMAGE_NAME=%s", update->group->name,
                        "IMAGE_ID=sha256:%s", to->hex, "IMAGE_ID_BEFORE=sha256:%s", from->hex, NULL);
}

static void tell_all(const Update *update) {
        for (size_t i = 0; i < update->group->n; i++) {
                const UpdateUnit *unit = update->group->units[i];

                if (unit->result == UPDATE_YES || unit->result == UPDATE_ROLLED_BACK)
                        tell_journal(update, unit);
        }
}

/* --- taking it back --- */

/* By both of its digests: the registry is asked for one, a name of the store leads to the other. */
static void remember(const Update *update) {
        autostore Store store = STORE_CLOSED;
        autoorigin Origin origin = {};
        Digest top = update->top;
        int r;

        if (store_open(state_directory(), &store, NULL) >= 0 &&
                        store_lock(&store, STORE_SHARED, NULL) >= 0 &&
                        origin_read(&store, update->group->name, &update->now, &origin, NULL) >= 0)
                top = origin.top;
        r = update_remember_bad(NULL, update->group->name, &update->now, &top);
        if (r < 0)
                report_note(REPORT_WARNING, "cannot remember that sha256:%.12s did not do: %s",
                                update->now.hex, strerror(-r));
}

/* The image that the name had; if it had none, or was moved before, that of the first who ran something
 * else. */
static void choose_old(Update *update) {
        for (size_t i = 0; i < update->group->n; i++) {
                const UpdateUnit *unit = update->group->units[i];

                if (digest_is_set(&update->had) && !digest_equal(&update->had, &update->now))
                        return;
                if (is_outdated(update, unit))
                        update->had = unit->image;
        }
}

static int give_back(const Update *update, Fault *fault) {
        autostore Store store = STORE_CLOSED;
        int r = store_create(state_directory(), &store, fault);

        return r < 0 ? r : image_give_back(&store, update->group->name, &update->had, fault);
}

/* It was of use until now, and will be if this goes wrong: nobody may collect it meanwhile. */
static void keep_old(const Update *update) {
        autostore Store store = STORE_CLOSED;

        if (digest_is_set(&update->had) && store_open(state_directory(), &store, NULL) >= 0 &&
                        store_lock(&store, STORE_SHARED, NULL) >= 0)
                image_touch(&store, &update->had);
}

static int roll_back(Update *update, Fault *fault) {
        int r;

        remember(update);
        r = give_back(update, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot roll '%.200s' back", update->group->name);
        r = restart(update, "roll back", UPDATE_ROLLED_BACK, fault);
        return r < 0 ? r : 0;
}

static int apply(Update *update, Fault *fault) {
        int failed;

        choose_old(update);
        keep_old(update);
        failed = restart(update, "update", UPDATE_YES, fault);
        if (failed == 0)
                update_forget_bad(NULL, update->group->name);
        else if (failed > 0 && !update->call->keeps_bad)
                failed = roll_back(update, fault);
        return failed < 0 ? failed : 0;
}

/* The name has moved to it by another document, as of an index whose other images are new. */
static int keep_away(Update *update, Fault *fault) {
        report_note(REPORT_NOTICE, "%s: it leads to what did not do, sha256:%.12s", update->group->name,
                        update->now.hex);
        if (update->call->dry_run || !digest_is_set(&update->had) ||
                        digest_equal(&update->had, &update->now))
                return 0;
        remember(update);
        return give_back(update, fault);
}

/* Nothing that has been tried, with a container that ran on as it was. */
static bool is_known_bad(const Update *update) {
        return digest_is_set(&update->now) && update_is_bad(NULL, update->group->name, &update->now);
}

static int run(Update *update, Fault *fault) {
        int r = find_newest(update, fault);

        if (r < 0)
                return r;
        if (count_outdated(update) > 0 && !update->is_pending && is_known_bad(update))
                return keep_away(update, fault);
        if (update->call->dry_run) {
                set_results(update, UPDATE_PENDING);
                return 0;
        }
        return count_outdated(update) > 0 ? apply(update, fault) : 0;
}

void update_group(const UpdateCall *call, UpdateGroup *group) {
        Update update = { .call = call, .group = group };
        Fault fault = {};
        int r = run(&update, &fault);

        if (r < 0) {
                (void) fault_wrap(&fault, r, "cannot update what runs '%.200s'", group->name);
                report_fault(REPORT_ERROR, &fault);
                for (size_t i = 0; i < group->n; i++)
                        group->units[i]->result = UPDATE_FAILED;
        }
        tell_all(&update);
}
