/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway-volume: makes, mounts and unmounts a volume, for a unit that slipway-generator made. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/kept-unit.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/volume/up.h"

static const char usage[] =
                "Usage: slipway-volume up NAME [OPTION…]\n"
                "       slipway-volume down NAME\n"
                "\n"
                "Makes and mounts a volume, or unmounts it. See slipway-volume(8) for the options.\n";

/* For systemctl status, too. */
static int fail(const Call *call, int r, Fault *fault) {
        char line[1024];

        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot %s volume '%.100s'",
                                call->action == CALL_UP ? "make ready" : "unmount", call->name ?: "");
        report_fault(REPORT_ERROR, fault);
        (void) report_format(line, sizeof(line), fault);
        (void) notify_status("%s", line);
        return EXIT_FAILURE;
}

/* A unit that is up is what takes it down. */
static int run(const Call *call, Fault *fault) {
        OwnUnit unit = {};
        int r;

        (void) own_unit(&unit);
        if (call->action == CALL_UP) {
                kept_unit_add(&unit);
                return volume_up(call, fault);
        }
        r = volume_down(call, fault);
        if (r >= 0)
                kept_unit_remove(&unit);
        return r;
}

int main(int argc, char **argv) {
        AUTO(call_done) Call call = {};
        Fault fault = {};
        int r;

        report_init("slipway-volume", report_choose_sink());
        if (fault_point_asked(argc, argv))
                return EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-volume %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        (void) umask(0022);
        fault_point_choose(".slipway-volume");
        r = call_parse(&call, argv, &fault);
        if (r >= 0)
                r = run(&call, &fault);
        return r < 0 ? fail(&call, r, &fault) : EXIT_SUCCESS;
}
