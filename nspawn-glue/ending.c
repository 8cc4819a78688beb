/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/ending.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "lib/signals.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/health-state.h"
#include "nspawn-glue/hint.h"
#include "nspawn-glue/memory-events.h"
#include "nspawn-glue/nspawn-words.h"

/* What systemd exits with when it could not prepare credentials, before there was a launcher. */
#define EXIT_CREDENTIALS 243

static int exit_status(const Ending *ending) {
        return strcmp(ending->code, "exited") == 0 ? atoi(ending->status) : -1;
}

static bool is_notify(const Ending *ending, const char *mode) {
        return strcmp(ending->record->notify, mode) == 0;
}

/* A status that says no more than itself. */
static void describe_status(const Ending *ending, char *ret, size_t size) {
        int status = exit_status(ending);
        char name[16] = "";

        if (status > 128)
                (void) signal_to_name(status - 128, name, sizeof(name));
        if (status < 0)
                (void) snprintf(ret, size, "systemd-nspawn was killed by SIG%s, and the container with it",
                                ending->status);
        else if (status == 1 && ending->hint)
                (void) snprintf(ret, size, "the container has ended with status 1; %s", ending->hint);
        else if (status == 1 && ending->signal)
                (void) snprintf(ret, size, "the app was killed by SIG%s", ending->signal);
        else if (status == 1 && ending->words)
                (void) snprintf(ret, size, "systemd-nspawn has ended the container: %s", ending->words);
        else if (*name)
                (void) snprintf(ret, size, "the app has ended with status %d, which stands for SIG%s",
                                status, name);
        else
                (void) snprintf(ret, size, "the app has ended with status %d", status);
}

static MessageId describe_end(const Ending *ending, char *ret, size_t size) {
        describe_status(ending, ret, size);
        return MESSAGE_ENDED;
}

static MessageId describe_protocol(const Ending *ending, char *ret, size_t size) {
        size_t n;

        describe_status(ending, ret, size);
        n = strlen(ret);
        (void) snprintf(ret + n, size - n, ", before it was ready");
        return MESSAGE_ENDED;
}

static MessageId describe_watchdog(const Ending *ending, char *ret, size_t size) {
        if (ending->failures > 0)
                (void) snprintf(ret, size,
                                "the container was unhealthy (%u failures in a row) for as long as "
                                "WatchdogSec= "
                                "has it, and was killed",
                                ending->failures);
        else
                (void) snprintf(ret, size,
                                "no WATCHDOG=1 has come for as long as WatchdogSec= has it, so the "
                                "container was "
                                "killed");
        return MESSAGE_WATCHDOG_MISSED;
}

static MessageId describe_unready(const Ending *ending, char *ret, size_t size) {
        static const char when[] = "before TimeoutStartSec= was over";

        if (is_notify(ending, "yes"))
                (void) snprintf(ret, size,
                                "no READY=1 has come from the app %s; with Notify=no nobody waits for it",
                                when);
        else if (is_notify(ending, "healthy") && ending->check)
                (void) snprintf(ret, size, "the health check has not succeeded %s (%s)", when,
                                ending->check);
        else if (is_notify(ending, "healthy"))
                (void) snprintf(ret, size, "the health check has not succeeded %s", when);
        else
                (void) snprintf(ret, size, "the container could not be started %s", when);
        return MESSAGE_NOT_READY;
}

/* A unit that was stopped, or whose time was over, had been started. */
static MessageId describe_timeout(const Ending *ending, char *ret, size_t size) {
        char name[16];

        if (!ending->record->stopping)
                return describe_unready(ending, ret, size);
        if (exit_status(ending) < 0)
                (void) snprintf(ret, size,
                                "the app has not ended within StopTimeout= after SIG%s, and was killed",
                                signal_to_name(ending->record->stop_signal, name, sizeof(name)));
        else
                (void) snprintf(ret, size, "the container was stopped when RuntimeMaxSec= was over");
        return MESSAGE_ENDED;
}

static MessageId describe_memory(const Ending *ending, char *ret, size_t size) {
        char limit[48] = "";

        if (ending->memory_limit > 0 && ending->memory_limit % (UINT64_C(1) << 20) == 0)
                (void) snprintf(limit, sizeof(limit), ", which is %lluM",
                                (unsigned long long) (ending->memory_limit >> 20));
        else if (ending->memory_limit > 0)
                (void) snprintf(limit, sizeof(limit), ", which is %llu bytes",
                                (unsigned long long) ending->memory_limit);
        (void) snprintf(ret, size,
                        "out of memory: the kernel has killed %llu of the container's processes%s%s",
                        (unsigned long long) ending->oom_kills, *limit ? " at the limit Memory=" : "",
                        limit);
        return MESSAGE_OUT_OF_MEMORY;
}

/* Of ends that are not here, the service manager's own words are all there is. */
/* clang-format off */
static const struct {
        const char *result;
        MessageId (*describe)(const Ending *ending, char *ret, size_t size);
} results[] = {
        { "core-dump", describe_end },
        { "exit-code", describe_end },
        { "oom-kill",  describe_memory },
        { "protocol",  describe_protocol },
        { "signal",    describe_end },
        { "timeout",   describe_timeout },
        { "watchdog",  describe_watchdog },
};
/* clang-format on */

/* The kernel kills with SIGKILL. A process that was killed before may have ended nothing. */
static bool is_for_memory(const Ending *ending) {
        int status = exit_status(ending);

        return ending->oom_kills > 0 && ending->result && strcmp(ending->result, "watchdog") != 0 &&
               (!ending->signal || strcmp(ending->signal, "KILL") == 0) &&
               (status < 0 || status == 1 || status == 128 + SIGKILL);
}

static bool describe_unrecorded(const Ending *ending, char *ret, size_t size, MessageId *ret_id) {
        if (exit_status(ending) < 0 && ending->oom_kills > 0) {
                *ret_id = describe_memory(ending, ret, size);
                return true;
        }
        if (exit_status(ending) != EXIT_CREDENTIALS)
                return false;
        (void) snprintf(ret, size,
                        "a secret cannot be decrypted or read, see 'slipway secret list'; it opens on the "
                        "machine and under the name that it was made for only");
        *ret_id = MESSAGE_SECRET_UNUSABLE;
        return true;
}

bool ending_describe(const Ending *ending, char *ret, size_t size, MessageId *ret_id) {
        if (!ending->result || !ending->code || !ending->status || strcmp(ending->result, "success") == 0)
                return false;
        if (!ending->record)
                return describe_unrecorded(ending, ret, size, ret_id);
        /* Who has told of it knew nothing of the kernel's reason. */
        if ((ending->record->told && !is_for_memory(ending)) || exit_status(ending) == EXIT_LAUNCHER)
                return false;
        for (size_t i = 0; i < ELEMENTS(results); i++)
                if (strcmp(results[i].result, ending->result) == 0) {
                        *ret_id = (is_for_memory(ending) ? describe_memory : results[i].describe)(
                                        ending, ret, size);
                        return true;
                }
        return false;
}

/* Systemd-nspawn passes exit statuses on, and makes all signals a 1. */
static bool is_signal_of_app(const Ending *ending) {
        return ending->signal && exit_status(ending) == 1;
}

/* Who waits for the end asks the record: the service manager forgets a unit that has ended well. */
static void note_exit(const char *name, const Ending *ending) {
        char line[64];

        if (!ending->record || !ending->code || !ending->status)
                return;
        if (is_for_memory(ending))
                record_note(name, "OUT_OF_MEMORY=yes");
        (void) snprintf(line, sizeof(line), "EXIT_STATUS=%s",
                        is_signal_of_app(ending) ? ending->signal : ending->status);
        record_note(name, line);
        (void) snprintf(line, sizeof(line), "EXIT_CODE=%s",
                        is_signal_of_app(ending) ? "killed" : ending->code);
        record_note(name, line);
}

static void tell_words(const char *line) {
        report_note(REPORT_WARNING, "systemd-nspawn: %s", line);
}

void ending_tell(const char *name) {
        Record record = {};
        Ending ending = {
                .result = getenv("SERVICE_RESULT"),
                .code = getenv("EXIT_CODE"),
                .status = getenv("EXIT_STATUS"),
                .record = record_read(name, &record) >= 0 ? &record : NULL,
                .hint = hint_for_unit(),
        };
        HealthState health;
        Words words;
        char text[320], code[32], status[32];
        const char *const fields[] = { code, status, NULL };
        MessageId id;

        words_read(name, &words, tell_words);
        ending.signal = *words.signal ? words.signal : NULL;
        ending.words = *words.last ? words.last : NULL;
        if (health_state_read_last(name, &health) >= 0) {
                ending.failures = health.status == HEALTH_UNHEALTHY ? health.streak : 0;
                ending.check = *health.why ? health.why : NULL;
        }
        (void) memory_events_read(&ending.oom_kills, &ending.memory_limit);
        note_exit(name, &ending);
        if (!ending_describe(&ending, text, sizeof(text), &id))
                return;
        (void) snprintf(code, sizeof(code), "EXIT_CODE=%s", ending.code);
        (void) snprintf(status, sizeof(status), "EXIT_STATUS=%s", ending.status);
        report_event(id == MESSAGE_ENDED ? REPORT_NOTICE : REPORT_ERROR, id, fields, "%s", text);
        (void) notify_status("%s", text);
}
