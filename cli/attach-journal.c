/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "cli/attach.h"
#include "lib/cleanup.h"
#include "lib/io.h"

static inline void journal_closep(sd_journal **journal) {
        sd_journal_close(*journal);
}

static int add_match(sd_journal *journal, const char *field, const char *value) {
        autofree char *match = NULL;

        if (asprintf(&match, "%s=%s", field, value) < 0) {
                match = NULL;
                return -ENOMEM;
        }
        return sd_journal_add_match(journal, match, 0);
}

/* What the app writes to its standard streams, and to /dev/stdout and /dev/stderr by way of
 * slipway-stdio(8). */
static int open_journal(const Attach *attach, sd_journal **ret) {
        const Record *record = &attach->running.record;
        const char *identifier = *record->tag ? record->tag : attach->running.name;
        static const char *const units[] = { "_SYSTEMD_UNIT", "OBJECT_SYSTEMD_UNIT" };
        AUTO(journal_closep) sd_journal *journal = NULL;
        int r;

        r = *record->journal ? sd_journal_open_namespace(&journal, record->journal, SD_JOURNAL_LOCAL_ONLY)
                             : sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
        for (size_t i = 0; r >= 0 && i < ELEMENTS(units); i++) {
                r = add_match(journal, units[i], record->unit);
                if (r >= 0)
                        r = add_match(journal, "SYSLOG_IDENTIFIER", identifier);
                if (r >= 0)
                        r = sd_journal_add_disjunction(journal);
        }
        if (r >= 0)
                r = sd_journal_seek_tail(journal);
        /* To the last that there is: what is next comes after it. */
        if (r >= 0)
                r = sd_journal_previous(journal);
        if (r >= 0)
                r = sd_journal_get_fd(journal);
        if (r < 0)
                return r;
        *ret = TAKE(journal);
        return 0;
}

static int print_entry(sd_journal *journal) {
        const char *text;
        size_t n;
        bool is_error;
        int r;

        r = sd_journal_get_data(journal, "PRIORITY", (const void **) &text, &n);
        is_error = r >= 0 && n == strlen("PRIORITY=") + 1 && text[n - 1] <= '3';
        r = sd_journal_get_data(journal, "MESSAGE", (const void **) &text, &n);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        text += strlen("MESSAGE=");
        n -= strlen("MESSAGE=");
        r = io_write_all(is_error ? STDERR_FILENO : STDOUT_FILENO, text, n);
        return r < 0 ? r : io_write_all(is_error ? STDERR_FILENO : STDOUT_FILENO, "\n", 1);
}

static int print_new(sd_journal *journal) {
        int r;

        (void) sd_journal_process(journal);
        while ((r = sd_journal_next(journal)) > 0) {
                r = print_entry(journal);
                if (r < 0)
                        return r;
        }
        return r;
}

/* Waits until what was sent to the journal before is in it. */
static void sync_journal(const Attach *attach) {
        char namespace[160];
        char *argv[] = { (char *) "journalctl", (char *) "--sync", NULL, NULL };
        pid_t pid;

        if (*attach->running.record.journal) {
                (void) snprintf(namespace, sizeof(namespace), "--namespace=%s",
                                attach->running.record.journal);
                argv[2] = namespace;
        }
        if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0)
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
}

static int follow(Attach *attach, sd_journal *journal) {
        int how = ATTACH_RUNS, r;
        bool window;

        while (how == ATTACH_RUNS) {
                struct pollfd wait[] = {
                        { attach->signal_fd, POLLIN, 0 },
                        { sd_journal_get_fd(journal), POLLIN, 0 },
                        { attach->running.nspawn_fd, POLLIN, 0 },
                };

                r = print_new(journal);
                if (r < 0)
                        return r;
                if (poll(wait, ELEMENTS(wait), -1) < 0)
                        continue;
                if (wait[2].revents)
                        how = ATTACH_ENDED;
                else if (wait[0].revents)
                        how = attach_signal(attach, true, &window);
        }
        if (how == ATTACH_ENDED) {
                sync_journal(attach);
                r = print_new(journal);
        }
        return r < 0 ? r : how;
}

int attach_journal(Attach *attach, Fault *fault) {
        AUTO(journal_closep) sd_journal *journal = NULL;
        int r = open_journal(attach, &journal);

        if (r < 0)
                return fault_wrap(fault, r, "cannot follow the journal");
        r = follow(attach, journal);
        return r < 0 ? fault_wrap(fault, r, "cannot show what the container writes") : r;
}
