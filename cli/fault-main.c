/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-fault: says what is wrong with a manifest, and fails
 *
 * The generator cannot speak to anybody, so it writes the words into the unit
 * that it could not make: this is what such a unit starts. They go to the
 * journal, the first also to systemctl status. Needs no privileges.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/fault-command.h"
#include "lib/cleanup.h"
#include "lib/notify.h"
#include "lib/report.h"

static const char usage[] =
                "Usage: slipway-fault [--file=PATH] [--line=N] [--column=N] [--key=KEY|--field=PATH] "
                "[--kind=KIND] TEXT …\n"
                "\n"
                "Writes faults to the journal and fails. Options belong to the TEXT that follows them.\n"
                "See slipway-fault(8).\n";

/* A line break would start another assignment of the protocol. */
static void to_status(const Fault *first, size_t n) {
        char line[1024];

        (void) report_format(line, sizeof(line), first);
        if (n > 1)
                (void) notify_status("%s (and %zu more)", line, n - 1);
        else
                (void) notify_status("%s", line);
}

int main(int argc, char **argv) {
        autofree Fault *faults = NULL;
        Fault mistake = {};
        size_t n;

        report_init("slipway-fault", report_choose_sink());

        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-fault %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        if (fault_command_parse(argv + 1, &faults, &n, &mistake) < 0) {
                report_fault(REPORT_ERROR, &mistake);
                return EX_USAGE;
        }

        to_status(&faults[0], n);
        for (size_t i = 0; i < n; i++)
                report_fault(REPORT_ERROR, &faults[i]);
        return EX_CONFIG;
}
