/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-stdio: logs what a container writes to /dev/stdout and /dev/stderr
 *
 * Started by the FIFOs of slipway-stdio@NAME.socket, ends after some silence. Needs to be
 * root, because the journal believes only root who says that entries belong to another
 * unit; needs no capability, no network and no file but the container's record.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "lib/stop-signal.h"
#include "nspawn-glue/journal.h"
#include "nspawn-glue/record.h"
#include "nspawn-glue/stdio/pump.h"

enum { FIRST_FD = 3, N_STREAMS = 2, IDLE_MS = 10000 };

/* Without a record the unit is called as the container, which it mostly is. */
static void read_record(const char *name, Record *ret) {
        if (record_read_last(name, ret) < 0)
                *ret = (Record){};
        if (!*ret->unit)
                (void) snprintf(ret->unit, sizeof(ret->unit), "%s.service", name);
}

/* The socket unit has its FIFOs in this order: output, errors. */
static int set_up(Stream *streams, const char *name, const Record *record, Fault *fault) {
        static const int priorities[N_STREAMS] = { REPORT_INFO, REPORT_ERROR };
        const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
        const Speaker speaker = {
                .container = name,
                .unit = record->unit,
                .image = record->image,
                .tag = record->tag,
                .fields = record->log_fields,
        };
        int r = 0;

        if (!pid || atoi(pid) != getpid() || !n || atoi(n) != N_STREAMS)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there are no FIFOs to read: slipway-stdio is started by "
                                "slipway-stdio@.socket");

        for (int i = 0; r >= 0 && i < N_STREAMS; i++) {
                streams[i].fd = FIRST_FD + i;
                if (fcntl(streams[i].fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
                        return fault_wrap(fault, -errno, "cannot use the FIFOs");
                r = entry_head(&streams[i].head, &speaker, priorities[i]);
        }
        return r < 0 ? fault_wrap(fault, r, "cannot make journal entries for '%s'", name) : 0;
}

static int run(const char *name, Fault *fault) {
        static Stream streams[N_STREAMS];
        char path[64 + JOURNAL_NAMESPACE_MAX];
        autofd int journal_fd = -1;
        const volatile sig_atomic_t *stop;
        sigset_t unblocked;
        Record record;
        int r;

        read_record(name, &record);
        r = journal_socket(record.journal, path, sizeof(path));
        journal_fd = r < 0 ? r : entry_connect(path);
        if (journal_fd < 0)
                return fault_wrap(fault, journal_fd, "cannot reach the journal");
        if ((r = FAULT_POINT("stdio:set up")) < 0 || (r = set_up(streams, name, &record, fault)) < 0)
                return r;
        stop = stop_signal_catch(&unblocked);

        (void) FAULT_POINT("stdio:ready");

        /* Only now a stop is heard, and what is in the FIFOs is read before it is followed. */
        (void) notify_send("READY=1");
        return pump_run(streams, N_STREAMS, journal_fd, IDLE_MS, stop, &unblocked, fault);
}

int main(int argc, char **argv) {
        static const char usage[] =
                        "Usage: slipway-stdio NAME\n\nLogs what container NAME writes to /dev/stdout and "
                        "/dev/stderr.\nStarted by slipway-stdio@.socket, see slipway-stdio(8).\n";
        Fault fault = {};

        report_init("slipway-stdio", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;

        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-stdio %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc != 2 || argv[1][0] == '-' || argv[1][0] == '.' || strchr(argv[1], '/') || !*argv[1]) {
                report_note(REPORT_ERROR, "wants the name of a container, see --help");
                return 2;
        }

        report_set_container(argv[1]);
        fault_point_choose(argv[1]);
        if (run(argv[1], &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
